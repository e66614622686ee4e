import type { Clock } from '../../../core/clock.ts'
import type { Reply } from '../reply.ts'
import {
  EMPTY_STACK,
  type Part,
  type StackState,
  withFailure,
  withModule,
  withoutPart,
  withReply,
} from '../stack-state.ts'
import { isSilence, type Outcome } from './attempt.ts'
import type { Line, Question } from './line.ts'
import type { PolledStack } from './poll-loop.ts'
import { Together } from './together.ts'

export interface StackPollerOptions {
  /** Group of the addresses, 0 to 7. */
  readonly group: number
  /** The console plug in frame mode, whose addresses begin at 1. */
  readonly rs232: boolean
  /** Ask the first module for all of them where it answers that. */
  readonly together: boolean
  /** Told of every reply. */
  readonly onReply: (reply: Reply) => void
}

/** n of the first module, and of the last that there may be. */
const RS485 = { first: 2, last: 15 }
const RS232 = { first: 1, last: 8 }
/** Commands that the first module may answer for all. */
const TOGETHER = { rs485: [0x42, 0x44], rs232: [0x42, 0x44, 0x92] }
/** Tries at an address where there may be nobody. */
const SCAN_TRIES = 1
/** Silences in a row that end a search. */
const SCAN_SILENCES = 2
/** Tries of what not every firmware knows. */
const OPTIONAL_TRIES = 1
/** What hardly changes is asked again after so long. */
const REFRESH_MS = 3_600_000

const PARTS: readonly (readonly [cid2: number, part: Part])[] = [
  [0x44, 'alarm'],
  [0x92, 'management'],
]
/** Limits, protocol version and maker, which the first module says for all. */
const COMMON = [0x47, 0x4f, 0x51]
/** What the first module says of the whole stack; who answers the first of these knows the others. */
const WHOLE = [0x61, 0x62, 0x63]

/** Finds the modules of a stack and asks them, one round after the other. Outlives connections. */
export class StackPoller implements PolledStack<Line> {
  state: StackState = EMPTY_STACK
  readonly group: number
  readonly #options: StackPollerOptions
  readonly #clock: Clock
  #foundAt: number | undefined
  #together: Together
  /** The module that speaks for the whole stack, where one does. */
  #wholeAt: number | undefined
  /** Module and command that need not be asked again on this connection. */
  readonly #refused = new Set<string>()

  constructor(options: StackPollerOptions, clock: Clock) {
    this.group = options.group
    this.#options = options
    this.#clock = clock
    this.#together = this.#untried()
  }

  connected(): void {
    this.#foundAt = undefined
    this.#together = this.#untried()
    this.#refused.clear()
  }

  /** Asks everything once; tells whether any module answered. Rejects like `Line.ask`. */
  async round(line: Line): Promise<boolean> {
    const age = this.#foundAt === undefined ? Number.POSITIVE_INFINITY : Math.abs(this.#clock.now() - this.#foundAt)
    if (age >= REFRESH_MS && !(await this.#find(line))) {
      for (const adr of this.#addresses) this.state = withFailure(this.state, adr, 'timeout')
      return false
    }
    const done = await this.#together.ask(
      this.#addresses,
      question => line.ask(question),
      reply => this.#take(reply),
    )
    let answered = false
    for (const adr of this.#addresses) if (await this.#module(line, adr, done)) answered = true
    await this.#askWhole(line, answered)
    return answered
  }

  get #addresses(): number[] {
    return [...this.state.packs.keys()].sort((a, b) => a - b)
  }

  get #master(): number {
    return this.#options.group * 16 + this.#places.first
  }

  get #places() {
    return this.#options.rs232 ? RS232 : RS485
  }

  #untried(): Together {
    const { together, rs232 } = this.#options
    return new Together(together ? TOGETHER[rs232 ? 'rs232' : 'rs485'] : [])
  }

  /** Looks for modules, and asks those what hardly changes; tells whether there are any. */
  async #find(line: Line): Promise<boolean> {
    const now = this.#clock.now()
    this.#refused.clear()
    const found = await this.#scan(line)
    const first = found[0]
    if (first === undefined) return false
    // an address in between that is silent is a module that has failed
    for (let adr = this.#master; adr <= found.at(-1)!; adr++) this.state = withModule(this.state, adr)
    for (const adr of found) await this.#optional(line, 0x96, adr)
    for (const cid2 of COMMON) await this.#optional(line, cid2, first)
    this.#wholeAt = (await this.#optional(line, WHOLE[0]!, first)).ok ? first : undefined
    this.#foundAt = now
    return true
  }

  /**
   * Addresses that answer a request for the serial number, if only with an error. Nobody is there where nothing at all
   * comes back; known modules are looked for longer.
   */
  async #scan(line: Line): Promise<number[]> {
    const { first, last } = this.#places
    const known = new Set(this.state.packs.keys())
    const highest = Math.max(...known)
    const found: number[] = []
    let silences = 0
    for (let adr = this.#master; adr <= this.#master + last - first; adr++) {
      const isExpected = adr === this.#master || known.has(adr)
      const question = { cid2: 0x93, adr, ...(isExpected ? {} : { silentTries: SCAN_TRIES }) }
      const outcome = await this.#ask(line, question)
      const silent = !outcome.ok && isSilence(outcome.reason)
      if (!silent) found.push(adr)
      silences = silent ? silences + 1 : 0
      if (silences >= SCAN_SILENCES && adr >= highest) break
    }
    return found
  }

  /** A module by itself, without what has been asked of all together; tells whether it answered. */
  async #module(line: Line, adr: number, done: ReadonlySet<number>): Promise<boolean> {
    if (!done.has(0x42)) {
      const analog = await this.#ask(line, { cid2: 0x42, adr })
      if (!analog.ok) {
        this.state = withFailure(this.state, adr, analog.reason)
        return false
      }
    }
    for (const [cid2, part] of PARTS) if (!done.has(cid2)) await this.#part(line, adr, cid2, part)
    return true
  }

  async #part(line: Line, adr: number, cid2: number, part: Part): Promise<void> {
    const outcome = await this.#optional(line, cid2, adr, { cid2, adr })
    if (!outcome.ok) this.state = withoutPart(this.state, adr, part)
  }

  /** Asks unless the module has said that it does not know the command. */
  async #optional(line: Line, cid2: number, adr: number, question?: Question): Promise<Outcome> {
    const key = `${adr} ${cid2}`
    if (this.#refused.has(key)) return UNKNOWN
    const outcome = await this.#ask(line, question ?? { cid2, adr, silentTries: OPTIONAL_TRIES })
    if (!outcome.ok && outcome.reason === UNKNOWN.reason) this.#refused.add(key)
    return outcome
  }

  async #askWhole(line: Line, answered: boolean): Promise<void> {
    this.state = { ...this.state, whole: {} }
    if (this.#wholeAt === undefined || !answered) return
    for (const cid2 of WHOLE) await this.#ask(line, { cid2, adr: this.#wholeAt })
  }

  async #ask(line: Line, question: Question): Promise<Outcome> {
    const outcome = await line.ask(question)
    if (outcome.ok) this.#take(outcome.reply)
    return outcome
  }

  #take(reply: Reply): void {
    this.state = withReply(this.state, reply)
    this.#options.onReply(reply)
  }
}

const UNKNOWN = { ok: false, reason: 'RTN 04' } as const
