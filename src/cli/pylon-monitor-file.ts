import { isWattzupError, TransportError } from '../core/errors.ts'
import { watchFile, writtenAt } from '../transport/watch-file.ts'
import type { Io } from './io.ts'
import { findDocument } from './pylon-monitor-document.ts'
import { MOST_BYTES, type MonitorSource, retryMs, type Snapshot, type SourceEvents } from './pylon-monitor-source.ts'
import { readText } from './read-text.ts'
import { Wake } from './wake.ts'

/** A file that is being written is looked at again so often and after so long, ms. */
const HALF_WRITTEN_TRIES = 5
const HALF_WRITTEN_MS = 100
/** Looks at a file of which no change is told, ms. */
const LOOK_MS = 2000

/** The JSON file that `pylon poll --json-file` keeps, or the program before it: read whenever it changes. */
export class FileSource implements MonitorSource {
  readonly name: string
  readonly intervalMs: number
  readonly #io: Io
  #text = ''

  constructor(io: Io, path: string, intervalMs: number) {
    this.#io = io
    this.name = path
    this.intervalMs = intervalMs
  }

  now(): number {
    return this.#io.clock.now()
  }

  async once(signal: AbortSignal): Promise<Snapshot> {
    for (let tries = 1; ; tries++) {
      this.#text = await readText(this.#io, this.name, MOST_BYTES)
      try {
        return this.#snapshotIn(this.#text)
      } catch (error) {
        if (tries === HALF_WRITTEN_TRIES) throw error
        await this.#io.clock.sleep(HALF_WRITTEN_MS, signal)
      }
    }
  }

  async run(events: SourceEvents, signal: AbortSignal): Promise<void> {
    const wake = new Wake(this.#io.clock)
    using _ = watchFile(this.name, () => wake.ring())
    for (let failures = 0; !signal.aborted; ) {
      const before = failures > 0 ? undefined : this.#text
      try {
        const snapshot = await this.once(signal)
        if (this.#text !== before) events.snapshot(snapshot)
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (!isWattzupError(error)) throw error
        failures++
        events.problem(`${error.message}; next try in ${retryMs(failures) / 1000} s`)
      }
      await wake.rest(failures > 0 ? retryMs(failures) : LOOK_MS, signal)
    }
  }

  #snapshotIn(text: string): Snapshot {
    const found = parsed(text, this.name)
    return { document: found.document, at: found.time ?? writtenAt(this.name) ?? this.now() }
  }
}

/** The document in a text. Throws `TransportError` where there is none. */
export function parsed(text: string, name: string) {
  try {
    const found = findDocument(text)
    if (found !== undefined) return found
  } catch (error) {
    throw new TransportError(`${name} is no JSON document, or not all of one`, {}, error)
  }
  throw new TransportError(`${name} says nothing of modules; pylon poll --json-file writes what is wanted`)
}
