import { TransportError } from '../core/errors.ts'
import type { OpenFile } from '../core/files.ts'
import type { Io } from './io.ts'

type Pack = (bytes: Uint8Array) => Uint8Array

/** Where a converted log goes: standard output, or a file that is begun with the first bytes and not before. */
export class LogOutput {
  readonly #io: Io
  readonly #path: string
  readonly #overwrite: boolean
  readonly #pack: Pack | undefined
  #file: OpenFile | undefined

  private constructor(io: Io, path: string, overwrite: boolean, pack: Pack | undefined) {
    this.#io = io
    this.#path = path
    this.#overwrite = overwrite
    this.#pack = pack
  }

  /** `path` may be `-`. Throws `TransportError` where a file is there already, unless `overwrite`. */
  static async open(io: Io, path: string, overwrite: boolean, isCompressed: boolean): Promise<LogOutput> {
    if (path !== '-' && !overwrite && io.files.exists(path)) {
      throw new TransportError(`cannot write ${path}: it exists; --force overwrites it`, { path })
    }
    return new LogOutput(io, path, overwrite, isCompressed ? await gzip() : undefined)
  }

  write(bytes: Uint8Array): void {
    if (this.#path !== '-') this.#file ??= this.#io.files.create(this.#path, this.#overwrite)
    const packed = this.#pack?.(bytes) ?? bytes
    if (this.#file === undefined) this.#io.out.write(packed)
    else this.#file.write(packed)
  }

  /** Makes the file of a log that is empty, if nothing has been written. */
  end(): void {
    if (this.#path !== '-' && this.#file === undefined) this.write(new Uint8Array(0))
  }

  close(): void {
    this.#file?.close()
  }
}

/** Each block becomes a gzip stream of its own, which unpack as one: so nothing has to wait for the end. */
async function gzip(): Promise<Pack> {
  const { gzipSync } = await import('node:zlib')
  return bytes => gzipSync(bytes)
}
