import type { ContactorFeedback, PackView } from '../../pack.ts'
import { type Reported, SourcedNumber, SourcedPair, within } from '../../sourced.ts'
import { Tally } from '../../tally.ts'
import { Timed } from '../../timed.ts'
import type { PackVariant } from './packs.ts'

/**
 * What the pack has said, by value and by source: a broadcast under its arbitration ID, an answer to a question under its
 * data identifier, a pair under that of its second half. Source: docs/protocols/byd-atto3.md.
 */
export class Sources {
  readonly tally = new Tally()
  readonly running = new Timed<true>()
  /** Main contactors closed. */
  readonly closed = new Timed<boolean>()
  /** mV */
  readonly cells = new SourcedPair('cell voltages', [1000, 4500], ['446', '002D'], this.tally)
  /** 0.1 °C */
  readonly temperatures = new SourcedPair('cell temperatures', [-400, 1000], ['447', '0031'], this.tally)
  readonly average = new SourcedNumber('average temperature', [-400, 1000], ['447', '0032'], this.tally)
  /** 0.1 V */
  readonly voltage = new SourcedNumber('pack voltage', [1000, 10_000], ['438', '444', '0008'], this.tally)
  /** 0.01 % */
  readonly soc = new SourcedNumber('state of charge', [0, 10_000], ['447', '0005'], this.tally)
  /** W */
  readonly charge = new SourcedNumber('allowed charge power', [0, 200_000], ['345', '000A'], this.tally)
  readonly discharge = new SourcedNumber('allowed discharge power', [0, 200_000], ['345', '000E'], this.tally)
  /** 0.1 A, positive = charging */
  readonly current = new SourcedNumber('current', [-5000, 5000], ['444', '0009'], this.tally)
  readonly #variant: PackVariant
  /** 344 was on the bus, whatever it said: from then on the contactors have to be known to be closed. */
  #feedbackSeen = false
  /** Whether the frame of cells 103 to 105 knows a cell 105. */
  #has105: boolean | undefined
  #sohBp: number | undefined

  constructor(variant: PackVariant) {
    this.#variant = variant
  }

  /** State of health, 0.01 %; it has no age. */
  soh(bp: Reported): void {
    if (bp !== null && within(bp, [100, 10_000])) this.#sohBp = bp
    else this.tally.add('out of range: 444 state of health')
  }

  feedbackSeen(): void {
    this.#feedbackSeen = true
  }

  has105(has: boolean): void {
    this.#has105 = has
  }

  forget(): void {
    const values = [this.cells, this.temperatures, this.average, this.voltage, this.soc, this.charge, this.discharge]
    for (const timed of [...values, this.current, this.running, this.closed]) timed.expire()
  }

  view(at: number): PackView {
    return {
      running: this.running.fresh(at) ?? false,
      wrongVariant: this.#has105 !== undefined && this.#has105 !== (this.#variant === 'extended'),
      cells: this.cells.all(at),
      temperatures: this.temperatures.all(at),
      voltageDv: this.voltage.first(at),
      currentDa: this.current.first(at),
      socBp: this.soc.first(at),
      sohBp: this.#sohBp,
      averageDc: this.average.first(at),
      chargeW: least(this.charge.all(at)),
      dischargeW: least(this.discharge.all(at)),
      contactors: this.#feedback(at),
    }
  }

  #feedback(at: number): ContactorFeedback {
    if (!this.#feedbackSeen) return 'unknown'
    return this.closed.fresh(at) === true ? 'closed' : 'open'
  }
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values)
}
