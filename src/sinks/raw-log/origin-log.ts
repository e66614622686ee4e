import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { isWattzupError } from '../../core/errors.ts'
import type { Files, OpenFile } from '../../core/files.ts'
import type { Packet } from '../../core/packet.ts'
import { ByteWriter } from '../../core/writer.ts'
import { fileStamp, filesOf } from './file-name.ts'
import type { RawLogFormat } from './format.ts'

export interface OriginLogOptions {
  readonly folder: string
  readonly files: Files
  readonly clock: Clock
  readonly format: RawLogFormat
  /** A file that has so many bytes is followed by a new one. */
  readonly maxBytes: number
  /** So many files are kept; undefined: all. */
  readonly maxFiles: number | undefined
}

const DAY_MS = 86_400_000
/** How often is looked whether the file is still there: it may have been moved or deleted. */
const LOOK_MS = 1000
/** Seconds by which the time in a name may be late because the name was taken. */
const LATEST_NAME = 60

/** The files of one origin: new ones by size and by day, UTC; after an error the last file goes on where it can. */
export class OriginLog {
  readonly #name: string
  readonly #options: OriginLogOptions
  readonly #out = new ByteWriter(bytes => this.#append(bytes))
  #file: OpenFile | undefined
  #path: string | undefined
  /** Bytes of whole packets in the file, and of the packet that is being written. */
  #size = 0
  #unfinished = 0
  #day = Number.NaN
  #lookedAt = Number.NEGATIVE_INFINITY

  /** `name` is how its files begin. */
  constructor(name: string, options: OriginLogOptions) {
    this.#name = name
    this.#options = options
  }

  /** Appends a packet; tells whether a new file began. Throws `TransportError`: the file has nothing of the packet then. */
  write(packet: Packet): boolean {
    const { record } = this.#options.format
    try {
      const begins = !this.#goesOn()
      if (begins) this.#begin(packet)
      if (record === undefined) this.#out.put(packet.data)
      else record(this.#out, packet)
      this.#out.flush()
      this.#size += this.#unfinished
      this.#unfinished = 0
      return begins
    } catch (error) {
      this.#takeBack()
      throw error
    }
  }

  /** Removes the oldest files where there are too many. Throws `TransportError`. */
  prune(): void {
    const { folder, files, format, maxFiles } = this.#options
    if (maxFiles === undefined) return
    const paths = filesOf(this.#name, format.extension, files.list(folder)).map(name => join(folder, name))
    const old = paths.filter(path => path !== this.#path) // of a clock that was set back, the present one is not the last
    for (const path of old.slice(0, Math.max(0, old.length + 1 - maxFiles))) files.remove(path)
  }

  /** Throws `TransportError`. */
  close(): void {
    const file = this.#file
    this.#file = undefined
    file?.close()
  }

  /** Whether the packet belongs in the present file; opens it again after an error. */
  #goesOn(): boolean {
    const { clock, files, maxBytes } = this.#options
    const now = clock.now()
    if (this.#path === undefined || this.#size >= maxBytes || dayOf(now) !== this.#day) return false
    if (this.#file !== undefined && Math.abs(now - this.#lookedAt) < LOOK_MS) return true
    this.#lookedAt = now
    if (files.size(this.#path) !== this.#size) return false
    this.#file ??= files.append(this.#path)
    return true
  }

  #begin(first: Packet): void {
    const { clock, files, format } = this.#options
    this.#path = undefined
    this.close()
    const now = clock.now()
    const path = this.#freePath(now)
    this.#file = files.create(path, false)
    this.#path = path
    this.#size = 0
    this.#day = dayOf(now)
    this.#lookedAt = now
    format.header?.(this.#out, first)
  }

  /** A run that begins in the second in which another one ended takes the name of the next second. */
  #freePath(now: number): string {
    const { folder, files, format } = this.#options
    for (let second = 0; ; second++) {
      const path = join(folder, `${this.#name}.${fileStamp(now + second * 1000)}.${format.extension}`)
      if (second === LATEST_NAME || !files.exists(path)) return path
    }
  }

  #append(bytes: Uint8Array): void {
    this.#unfinished += bytes.length
    this.#file!.write(bytes)
  }

  /** After an error: the file ends with its last whole packet, and one that has none is removed. */
  #takeBack(): void {
    const { files } = this.#options
    const [file, path] = [this.#file, this.#path]
    this.#out.length = 0
    this.#unfinished = 0
    this.#file = undefined
    attempt(() => file?.truncate(this.#size))
    attempt(() => file?.close())
    if (this.#size > 0 || path === undefined) return
    this.#path = undefined
    attempt(() => files.remove(path))
  }
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS)
}

/** What follows from an error that is reported need not be reported. */
function attempt(run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!isWattzupError(error)) throw error
  }
}
