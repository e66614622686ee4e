import { UsageError } from '../../core/errors.ts'
import type { Serials } from './build-frame.ts'
import type { LxpFrame } from './frame.ts'

/** More inverters than stand behind any dongle; a stream of invented ones must not pile up. */
const MAX_INVERTERS = 16

const LEARNABLE = /^[!-~]{1,10}$/

/**
 * Serial numbers of a dongle and of the inverters behind it: those that the user gives, else those in what the dongle
 * sends. Outlives connections, so that after a lost one nothing must be waited for.
 */
export class SerialBook {
  readonly #given: Partial<Serials>
  readonly #seen = new Set<string>()
  readonly #known: Promise<void>
  #resolve: () => void = () => {}
  #datalog: string | undefined
  #protocol = 2

  constructor(given: Partial<Serials> = {}) {
    this.#given = given
    this.#known = new Promise(resolve => {
      this.#resolve = resolve
    })
    this.#settle()
  }

  /** Serial number of the dongle; undefined while it is not known. */
  get datalog(): string | undefined {
    return this.#given.datalog ?? this.#datalog
  }

  /** Serial numbers of the inverters, in the order in which they were seen. */
  get inverters(): readonly string[] {
    return this.#given.inverter === undefined ? [...this.#seen] : [this.#given.inverter]
  }

  /** The dongle and at least one inverter are known. */
  get isKnown(): boolean {
    return this.datalog !== undefined && this.inverters.length > 0
  }

  /** Version of the protocol that the dongle speaks. */
  get protocol(): number {
    return this.#protocol
  }

  /** What the user gives for the dongle or inverter is not what came so far, in words; empty where all is well. */
  get contradiction(): string {
    const { datalog, inverter } = this.#given
    if (datalog !== undefined && this.#datalog !== undefined && datalog !== this.#datalog) {
      return `; the dongle calls itself ${this.#datalog}, not ${datalog}`
    }
    if (inverter === undefined || this.#seen.size === 0 || this.#seen.has(inverter)) return ''
    return `; what came so far was of ${[...this.#seen].join(', ')}, not of ${inverter}`
  }

  /** Takes what a frame from the dongle says. */
  learn({ type, protocol, datalog, inverter }: LxpFrame): void {
    if (LEARNABLE.test(datalog)) this.#datalog = datalog
    this.#protocol = protocol
    const isBlock = type === 'input' || type === 'hold' // under a checksum, and nothing but an inverter sends them
    if (isBlock && inverter !== undefined && LEARNABLE.test(inverter) && this.#seen.size < MAX_INVERTERS) {
      this.#seen.add(inverter)
    }
    this.#settle()
  }

  /** Resolves as soon as `isKnown`; rejects with the reason of `signal`. */
  async whenKnown(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      void this.#known.then(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
    })
  }

  #settle(): void {
    if (this.isKnown) this.#resolve()
  }
}

/** Reads a serial number: 10 letters and digits. Throws `UsageError`. */
export function parseSerial(text: string): string {
  if (/^[A-Za-z0-9]{10}$/.test(text)) return text
  throw new UsageError(`${text} is no serial number; they have 10 letters and digits`, { text })
}
