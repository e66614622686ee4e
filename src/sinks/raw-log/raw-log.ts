import type { Clock } from '../../core/clock.ts'
import { isWattzupError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Packet } from '../../core/packet.ts'
import { counted } from '../counted.ts'
import { FaultReport } from '../fault-report.ts'
import { originName } from './file-name.ts'
import type { RawLogFormat } from './format.ts'
import { OriginLog, type OriginLogOptions } from './origin-log.ts'

export interface RawLogOptions {
  readonly folder: string
  readonly files: Files
  readonly clock: Clock
  readonly format: RawLogFormat
  /** Takes one line for the user. */
  readonly report: (line: string) => void
  /** A file that has so many bytes is followed by a new one. */
  readonly maxBytes?: number | undefined
  /** So many files of an origin are kept, 1 or more; all without it. */
  readonly maxFiles?: number | undefined
}

const MAX_BYTES = 64 * 1024 * 1024
/** Origins that are logged at once. */
const MAX_ORIGINS = 64
/** Only an origin that has been silent for so long makes room for another one. */
const SILENT_MS = 60_000
/** After an error packets are lost for so long before the next attempt. */
const RETRY_MS = 5000

interface Origin {
  readonly log: OriginLog
  usedAt: number
  failedAt: number
}

/** Opens a log of raw bytes. Throws `TransportError` where the folder cannot be made. */
export function openRawLog(options: RawLogOptions): RawLog {
  options.files.makeFolder(options.folder)
  return new RawLog(options)
}

/**
 * Packets as they came, in files `FOLDER/<origin>.<YYYYMMDD-HHMMSS>.<extension>`, UTC. Every packet is handed to the
 * system at once. What cannot be written is said once and counted; writing is tried again for ever.
 */
export class RawLog {
  lostPackets = 0
  lostBytes = 0
  readonly #folder: string
  readonly #clock: Clock
  readonly #options: OriginLogOptions
  readonly #report: (line: string) => void
  readonly #writing: FaultReport
  readonly #pruning: FaultReport
  /** The one used last is at the end. */
  readonly #origins = new Map<string, Origin>()
  readonly #failing = new Set<string>()
  /** Packets of origins that there was no room for; they are among the lost ones. */
  #crowdedOut = 0

  constructor({ folder, files, clock, format, report, maxBytes = MAX_BYTES, maxFiles }: RawLogOptions) {
    this.#folder = folder
    this.#clock = clock
    this.#options = { folder, files, clock, format, maxBytes, maxFiles }
    this.#report = report
    this.#writing = new FaultReport(report)
    this.#pruning = new FaultReport(report)
  }

  /** Takes a packet; its bytes may be reused after the call. */
  write(packet: Packet): void {
    const now = this.#clock.now()
    const name = originName(packet.origin)
    const origin = this.#origin(name, now)
    if (origin === undefined) {
      if (this.#crowdedOut++ === 0) this.#report(`${packet.origin} is not logged: ${CROWD}`)
      this.#lose(packet)
    } else if (Math.abs(now - origin.failedAt) < RETRY_MS) this.#lose(packet)
    else this.#write(packet, name, origin, now)
  }

  close(): void {
    for (const { log } of this.#origins.values()) this.#close(log)
    this.#origins.clear()
  }

  /** What is missing, in lines for the end of a run. */
  problems(): readonly string[] {
    const lines: string[] = []
    if (this.lostPackets > 0) {
      lines.push(
        `the log in ${this.#folder} lacks ${counted(this.lostPackets, 'packet')}, ${counted(this.lostBytes, 'byte')}`,
      )
    }
    if (this.#crowdedOut > 0) lines.push(`${counted(this.#crowdedOut, 'packet')} of those because of ${CROWD}`)
    for (const { failing } of [this.#writing, this.#pruning]) if (failing !== undefined) lines.push(failing.message)
    return lines
  }

  #write(packet: Packet, name: string, origin: Origin, now: number): void {
    try {
      if (origin.log.write(packet)) this.#prune(origin.log)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      origin.failedAt = now
      this.#failing.add(name)
      this.#lose(packet)
      this.#writing.failed(error, 'packets are lost until it works')
      return
    }
    if (this.#failing.delete(name)) this.#worksAgain()
  }

  #prune(log: OriginLog): void {
    try {
      log.prune()
      this.#pruning.worked(`old files in ${this.#folder} are removed again`)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.#pruning.failed(error, 'trying again with the next file')
    }
  }

  #worksAgain(): void {
    if (this.#failing.size > 0) return
    this.#writing.worked(`the log in ${this.#folder} goes on; it lacks ${counted(this.lostPackets, 'packet')}`)
  }

  #lose({ data }: Packet): void {
    this.lostPackets++
    this.lostBytes += data.length
  }

  #origin(name: string, now: number): Origin | undefined {
    let origin = this.#origins.get(name)
    if (origin === undefined) {
      if (!this.#makeRoom(now)) return undefined
      origin = { log: new OriginLog(name, this.#options), usedAt: now, failedAt: Number.NEGATIVE_INFINITY }
    }
    origin.usedAt = now
    this.#origins.delete(name)
    this.#origins.set(name, origin)
    return origin
  }

  #makeRoom(now: number): boolean {
    if (this.#origins.size < MAX_ORIGINS) return true
    const [name, { log, usedAt }] = this.#origins.entries().next().value!
    if (Math.abs(now - usedAt) < SILENT_MS) return false
    this.#origins.delete(name)
    this.#close(log)
    if (this.#failing.delete(name)) this.#worksAgain()
    return true
  }

  #close(log: OriginLog): void {
    try {
      log.close()
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.#writing.failed(error, 'the end of that file may be missing')
    }
  }
}

const CROWD = `more than ${MAX_ORIGINS} sources at once`
