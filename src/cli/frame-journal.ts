import type { OpenFile } from '../core/files.ts'
import type { Io } from './io.ts'

/** A file of frames with their times, one JSON object a line: `{"time":"...","to":"192.0.2.7:50312","hex":"a11a..."}`. */
export class FrameJournal implements Disposable {
  readonly #file: OpenFile | undefined

  /** Without a path nothing is written. A file that exists is a `TransportError` unless `overwrite`. */
  constructor(io: Io, path: string | undefined, overwrite: boolean) {
    this.#file = path === undefined ? undefined : io.files.create(path, overwrite)
  }

  /** Adds a frame; `at` is Unix ms. Throws `TransportError`. */
  add(at: number, to: string, frame: Uint8Array): void {
    if (this.#file === undefined) return
    const row = { time: new Date(at).toISOString(), to, hex: Buffer.from(frame).toString('hex') }
    this.#file.write(Buffer.from(`${JSON.stringify(row)}\n`))
  }

  [Symbol.dispose](): void {
    this.#file?.close()
  }
}
