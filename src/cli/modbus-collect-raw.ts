import { join } from 'node:path'
import type { Endpoint } from '../core/endpoint.ts'
import { isWattzupError } from '../core/errors.ts'
import type { Files, OpenFile } from '../core/files.ts'
import type { Packet } from '../core/packet.ts'
import { originPart, stamp } from '../protocols/lxp/packet-name.ts'
import { FaultReport } from '../sinks/fault-report.ts'

/** The untouched bytes of one connection, in a file that begins with the first of them. */
export class RawFile {
  lostBytes = 0
  readonly #files: Files
  readonly #folder: string
  readonly #from: Endpoint
  readonly #utc: boolean
  readonly #faults: FaultReport
  #file: OpenFile | undefined

  constructor(files: Files, folder: string, from: Endpoint, utc: boolean, note: (text: string) => void) {
    this.#files = files
    this.#folder = folder
    this.#from = from
    this.#utc = utc
    this.#faults = new FaultReport(note)
  }

  write({ data, at }: Packet): void {
    try {
      this.#file ??= this.#files.append(join(this.#folder, `${stamp(at, this.#utc)}.${originPart(this.#from)}.raw`))
      this.#file.write(data)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.lostBytes += data.length
      this.#faults.failed(error, 'raw bytes are lost until that is mended')
      return
    }
    this.#faults.worked(`saving raw bytes works again; ${this.lostBytes} bytes were lost`)
  }

  close(): void {
    this.#file?.close()
  }
}
