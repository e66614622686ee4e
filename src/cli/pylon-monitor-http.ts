import { isWattzupError, TransportError } from '../core/errors.ts'
import { visible } from '../core/visible.ts'
import { httpGet, shownUrl } from '../transport/http-get.ts'
import type { Io } from './io.ts'
import { parsed } from './pylon-monitor-file.ts'
import { MOST_BYTES, type MonitorSource, retryMs, type Snapshot, type SourceEvents } from './pylon-monitor-source.ts'

const LIMITS = { timeoutMs: 5000, bytes: MOST_BYTES }
/** The server has not heard of any module yet. */
const NOT_YET = 503
/** Characters of what a server says of an error. */
const LONGEST = 80

/** The document that `pylon poll --http` serves, or the program before it: asked for again and again. */
export class HttpSource implements MonitorSource {
  readonly name: string
  readonly intervalMs: number
  readonly #io: Io
  readonly #url: URL
  readonly #everyMs: number
  /** What the server's clock is before ours, ms. */
  #ahead = 0
  /** The last answer, and when it was the first time this one: documents without times are as old as that. */
  #text = ''
  #changedAt = 0

  /** Is asked every `everyMs`, and has something new every `intervalMs`. */
  constructor(io: Io, url: URL, everyMs: number, intervalMs: number) {
    this.#io = io
    this.#url = url
    this.name = shownUrl(url)
    this.#everyMs = everyMs
    this.intervalMs = intervalMs
  }

  now(): number {
    return this.#io.clock.now() + this.#ahead
  }

  async once(signal: AbortSignal): Promise<Snapshot | undefined> {
    const { status, text, date } = await httpGet(this.#url, LIMITS, this.#io.clock, signal)
    if (status === NOT_YET) return undefined
    if (status !== 200) throw new TransportError(`cannot read ${this.name}: ${status} ${visible(text, LONGEST)}`.trim())
    const own = this.#io.clock.now()
    this.#ahead = date === undefined || Math.abs(date - own) < SAME_MS ? 0 : date - own
    if (text !== this.#text) this.#changedAt = this.now()
    this.#text = text
    const { document, time } = parsed(text, this.name)
    return { document, at: time ?? this.#changedAt }
  }

  async run(events: SourceEvents, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      try {
        const snapshot = await this.once(signal)
        failures = 0
        if (snapshot === undefined) events.problem(`${this.name}: nothing has been read yet`)
        else events.snapshot(snapshot)
      } catch (error) {
        if (signal.aborted) return
        if (!isWattzupError(error)) throw error
        failures++
        events.problem(`${error.message}; next try in ${retryMs(failures) / 1000} s`)
      }
      const wait = failures > 0 ? retryMs(failures) : this.#everyMs
      await this.#io.clock.sleep(wait, signal).catch(() => {}) // the loop looks at the signal
    }
  }
}

/** Clocks that differ by less are taken as the same: the header has whole seconds. */
const SAME_MS = 2000
