import type { Report } from './messages.ts'
import type { Module } from './modules.ts'
import type { Agenda } from './schedule.ts'
import type { Transmitter } from './transmitter.ts'

/** Modules introduce themselves one after the other when a log starts, so that their serial numbers are known early. */
const ANNOUNCE_GAP_US = 9000

/** Who says what how often. The rate factor applies here and nowhere else: switching takes the time that it takes. */
export class Timetable {
  readonly #agenda: Agenda
  readonly #transmitter: Transmitter
  readonly #start: number
  readonly #rate: number
  #announced = 0

  /** `rate` 1 is as often as real modules report. */
  constructor(agenda: Agenda, transmitter: Transmitter, start: number, rate: number) {
    this.#agenda = agenda
    this.#transmitter = transmitter
    this.#start = start
    this.#rate = rate
  }

  /** Sends reports, one right after the other, about every `ms`. */
  every(ms: number, ...reports: readonly Report[]): void {
    this.#often(ms, at => {
      for (const report of reports) this.#transmitter.say(report, at)
    })
  }

  /** Sends an announce early on, and again about every `ms`. */
  announce(ms: number, report: Report): void {
    const first = this.#start + ++this.#announced * ANNOUNCE_GAP_US
    this.#agenda.once(first, at => this.#transmitter.say(report, at))
    this.every(ms, report)
  }

  /** Sends half the module's serial number about every `ms`, `count` times in a row. */
  tail(ms: number, command: number, node: number, module: Module, count = 1): void {
    this.#often(ms, at => this.#transmitter.sayTail(command, node, module, at, count))
  }

  #often(ms: number, act: (at: number) => void): void {
    this.#agenda.often(this.#start, Math.round((ms * 1000) / this.#rate), act)
  }
}
