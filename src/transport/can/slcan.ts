import type { CanMessage } from '../../core/can-bus.ts'
import type { Clock } from '../../core/clock.ts'
import { UsageError } from '../../core/errors.ts'
import type { Transport } from '../../core/transport.ts'
import type { CanLink } from './kept-bus.ts'
import { setTime } from './live-origin.ts'
import { SlcanReader, type SlcanReceiver, slcanBitRate, slcanLine } from './slcan-text.ts'
import { TextLink, within } from './text-link.ts'

/** An adapter that answers at all answers within, ms. */
const ANSWER_MS = 300
/** What an adapter that was left open still has to say comes within, ms. */
const SETTLE_MS = 100
/** Status bits of the command `F`, as adapters share them. */
const STATUS: readonly (readonly [bit: number, text: string])[] = [
  [0x02, 'transmit buffer full'],
  [0x04, 'error warning'],
  [0x20, 'error passive'],
  [0x40, 'lost arbitration'],
  [0x80, 'bus error'],
]
/** Receive buffer full, data overrun. */
const OVERRUN = 0x01 | 0x08
const STATUS_TEXT = /^F[\da-f]{2}$/i

export interface SlcanOptions {
  /** What messages call the bus. */
  readonly name: string
  /** bit/s. */
  readonly bitRate: number
  /** Acknowledge nothing, send nothing. */
  readonly listenOnly: boolean
}

type Answer = 'silent' | 'refused' | { readonly text: string }

/**
 * Opens the channel of an slcan adapter on a connection, which is disposed of with the link. Throws `UsageError` for a bit
 * rate that slcan has no command for, `TransportError` where the adapter refuses.
 */
export async function openSlcan(
  connect: () => Promise<Transport>,
  options: SlcanOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<CanLink> {
  const { name, bitRate, listenOnly } = options
  const rate = slcanBitRate(bitRate)
  if (rate === undefined) {
    throw new UsageError(`${name}: slcan has no bit rate ${bitRate}; it has 125k, 250k, 500k and others up to 1M`)
  }
  const link = new SlcanLink(await connect(), name, clock)
  try {
    await link.begin(rate, listenOnly ? 'L' : 'O', signal)
    return link
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw error
  }
}

class SlcanLink extends TextLink implements SlcanReceiver {
  protected readonly lookMs = 5000
  readonly #reader = new SlcanReader(this)
  #answer: ((answer: Answer) => void) | undefined
  /** The adapter answers, and has the command `F`. */
  #isTalker = false
  #hasStatus = false
  /** It was asked something that it may refuse. */
  #isAsked = false

  /** Closes the channel, sets the bit rate and opens it; gets to know what the adapter can tell. */
  async begin(rate: string, open: 'O' | 'L', signal: AbortSignal): Promise<void> {
    void this.read
    this.write('\r\r')
    await this.clock.sleep(SETTLE_MS, signal)
    await this.#ask('C', signal)
    if ((await this.#ask(rate, signal)) === 'refused') throw this.refused(`the adapter refuses the bit rate (${rate})`)
    if ((await this.#ask(open, signal)) === 'refused') throw this.refused('the adapter refuses to open its channel')
    const status = await this.#ask('F', signal)
    this.#hasStatus = typeof status === 'object' && STATUS_TEXT.test(status.text)
  }

  send(frame: CanMessage): boolean {
    const line = slcanLine(frame)
    return line !== undefined && this.writeBytes(line)
  }

  protected override take(bytes: Uint8Array): void {
    this.#reader.push(bytes)
  }

  protected override look(): boolean {
    if (!this.#isTalker) return false
    this.#isAsked = true
    this.write(this.#hasStatus ? 'F\r' : 'V\r')
    return true
  }

  protected override leave(): void {
    this.write('C\r')
  }

  received(): void {
    setTime(this.frame, this.heardAt)
    this.delivery?.deliver()
  }

  answered(text: string): void {
    if (text === 'z' || text === 'Z') return // a frame was sent
    this.#settle({ text })
    if (this.#hasStatus && STATUS_TEXT.test(text)) this.#status(Number.parseInt(text.slice(1), 16))
  }

  denied(): void {
    if (!this.#settle('refused')) this.delivery?.event({ type: 'error', text: 'the adapter refuses a frame' })
  }

  rejected(): void {
    this.delivery?.event({ type: 'error', text: 'a line of the adapter is no frame' })
  }

  #status(bits: number): void {
    if ((bits & OVERRUN) !== 0) this.delivery?.event({ type: 'overrun' })
    const texts = STATUS.filter(([bit]) => (bits & bit) !== 0).map(([, text]) => text)
    if (texts.length > 0) this.delivery?.event({ type: 'error', text: texts.join(', ') })
  }

  async #ask(command: string, signal: AbortSignal): Promise<Answer> {
    const answer = new Promise<Answer>(resolve => {
      this.#answer = resolve
    })
    this.write(`${command}\r`)
    const first = await within(ANSWER_MS, answer, 'silent' as const, this.clock, signal)
    this.#answer = undefined
    this.#isTalker ||= first !== 'silent'
    return first
  }

  /** Whether it is an answer that was waited for. */
  #settle(answer: Answer): boolean {
    const waiting = this.#answer
    this.#answer = undefined
    waiting?.(answer)
    const isAnswer = waiting !== undefined || this.#isAsked
    this.#isAsked = false
    return isAnswer
  }
}
