import { join } from 'node:path'
import type { Endpoint } from '../core/endpoint.ts'
import { isWattzupError } from '../core/errors.ts'
import type { Files } from '../core/files.ts'
import { packetName } from '../protocols/lxp/packet-name.ts'
import { FaultReport } from '../sinks/fault-report.ts'

/** Saves frames, one file each; a disk that refuses is reported once, and every frame is tried anew. */
export class FrameStore {
  saved = 0
  lost = 0
  readonly #files: Files
  readonly #folder: string
  readonly #utc: boolean
  readonly #faults: FaultReport

  /** `utc`: names have the time in UTC and not in the local zone. */
  constructor(files: Files, folder: string, utc: boolean, note: (text: string) => void) {
    this.#files = files
    this.#folder = folder
    this.#utc = utc
    this.#faults = new FaultReport(note)
  }

  /** Saves the `number`th frame of a burst that came at `at`, Unix ms. */
  save(frame: Uint8Array, at: number, from: Endpoint, number: number): void {
    const path = this.#free(join(this.#folder, packetName(at, from, number, this.#utc)))
    try {
      this.#write(path, frame)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.lost++
      this.#faults.failed(error, 'frames are lost until that is mended')
      return
    }
    this.saved++
    this.#faults.worked(`saving works again; ${this.lost} frames were lost`)
  }

  #write(path: string, frame: Uint8Array): void {
    this.#files.makeFolder(this.#folder)
    const file = this.#files.create(path, false)
    try {
      file.write(frame)
      file.close()
    } catch (error) {
      this.#files.remove(path) // a part of a frame is of no use
      throw error
    }
  }

  /** A name that no file has: two bursts may fall into one second. */
  #free(path: string): string {
    if (!this.#files.exists(path)) return path
    for (let copy = 2; ; copy++) {
      const other = path.replace(/\.bin$/, `-${copy}.bin`)
      if (!this.#files.exists(other)) return other
    }
  }
}
