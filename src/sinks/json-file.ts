import type { Clock } from '../core/clock.ts'
import { isWattzupError } from '../core/errors.ts'
import type { Files } from '../core/files.ts'
import type { Reading } from '../core/reading.ts'
import { counted } from './counted.ts'
import { isDoneWithin } from './deadline.ts'
import { FaultReport } from './fault-report.ts'
import { jsonText } from './ndjson.ts'
import type { Sink } from './sink.ts'
import { type MakeDocument, Snapshot } from './snapshot.ts'

export interface JsonFileOptions {
  readonly path: string
  readonly files: Files
  readonly clock: Clock
  /** Takes one line for the user. */
  readonly report: (line: string) => void
  /** A family's own document, in place of `time` and `devices`. */
  readonly document?: MakeDocument | undefined
  /** The file is written at most once in so many ms. */
  readonly minIntervalMs?: number
}

const MIN_INTERVAL_MS = 1000
/** So long the end of a run waits for the disk. */
const PATIENCE_MS = 5000

/**
 * The newest values of all devices in a file that is replaced as a whole: whoever reads it finds a complete document.
 *
 * Readings that come together, or while the disk is at work, are written together, because every writing wears an SD
 * card; the last state is always written. What fails is said once and tried again with the next reading.
 */
export class JsonFileSink implements Sink {
  readonly #path: string
  readonly #files: Files
  readonly #clock: Clock
  readonly #minIntervalMs: number
  readonly #snapshot: Snapshot
  readonly #faults: FaultReport
  readonly #closing = new AbortController()
  /** Readings so far, those that the file has, and attempts that failed. */
  #taken = 0
  #saved = 0
  #failures = 0
  #triedAt = Number.NEGATIVE_INFINITY
  #saving: Promise<void> | undefined

  constructor({ path, files, clock, report, document, minIntervalMs = MIN_INTERVAL_MS }: JsonFileOptions) {
    this.#path = path
    this.#files = files
    this.#clock = clock
    this.#minIntervalMs = minIntervalMs
    this.#snapshot = new Snapshot({ clock, document })
    this.#faults = new FaultReport(report)
  }

  write(reading: Reading): void {
    this.#snapshot.add(reading)
    this.#taken++
    this.#saveSoon()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#saved < this.#taken) this.#saveSoon()
    if (this.#saving !== undefined) await isDoneWithin(PATIENCE_MS, this.#saving, this.#clock)
  }

  problems(): readonly string[] {
    const { failing } = this.#faults
    const why = failing === undefined ? '' : `, the last one too: ${failing.message}`
    const failed = counted(this.#failures, 'failed attempt')
    const lines = this.#failures === 0 ? [] : [`${this.#path}: ${failed} to write it${why}`]
    if (failing === undefined && this.#saved < this.#taken) lines.push(`${this.#path} lacks the last readings`)
    return [...lines, ...this.#snapshot.problems()]
  }

  #saveSoon(): void {
    this.#saving ??= this.#saveAll()
  }

  /** Saves until there is nothing new. */
  async #saveAll(): Promise<void> {
    let seen: number
    do {
      await this.#pause()
      seen = this.#taken
      await this.#save()
    } while (seen < this.#taken)
    this.#saving = undefined // at once: the next reading may come before a promise is settled
  }

  /** Until the file may be written again; at least until all readings of the packet at hand have come. */
  async #pause(): Promise<void> {
    const wait = this.#triedAt + this.#minIntervalMs - this.#clock.now()
    if (wait <= 0) return
    const ms = Math.min(wait, this.#minIntervalMs) // the clock may have been set back
    await this.#clock.sleep(ms, this.#closing.signal).catch(() => {}) // closing: now
  }

  async #save(): Promise<void> {
    const taken = this.#taken
    this.#triedAt = this.#clock.now()
    const document = this.#snapshot.document()
    if (document !== undefined && !(await this.#replace(`${jsonText(document)}\n`))) return
    this.#saved = taken
  }

  async #replace(text: string): Promise<boolean> {
    try {
      await this.#files.replaceText(this.#path, text)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.#failures++
      this.#faults.failed(error, 'trying again with the next reading')
      return false
    }
    this.#faults.worked(`${this.#path} is written again`)
    return true
  }
}
