import { createGunzip, type Gunzip } from 'node:zlib'
import { TransportError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'

/** Bytes that are unpacked at a time: they become at most a thousand times as many, and damage takes no more with it. */
const PACKED = 2048

/**
 * The unpacked bytes of a gzip stream, also of several members in a row. A damaged one is a `TransportError`, once all that
 * came before the damage has been read; but one that breaks off because of `signal` just ends.
 */
export function gunzipped(input: ByteInput, signal: AbortSignal = new AbortController().signal): ByteInput {
  return new GunzippedInput(input, signal)
}

class GunzippedInput implements ByteInput {
  readonly name: string
  readonly size = 0
  readonly live: boolean
  readonly #source: ByteInput
  readonly #signal: AbortSignal
  readonly #gunzip: Gunzip = createGunzip()
  readonly #packed = Buffer.alloc(PACKED)
  /** What is unpacked and has not been read yet. */
  readonly #ready: Uint8Array[] = []
  #failure: Error | undefined
  #isOver = false
  /** Goes on with whoever waits for a part to be unpacked. */
  #goOn = () => {}

  constructor(source: ByteInput, signal: AbortSignal) {
    this.name = source.name
    this.live = source.live
    this.#source = source
    this.#signal = signal
    this.#gunzip.on('data', (bytes: Uint8Array) => this.#ready.push(bytes))
    for (const event of ['end', 'close']) this.#gunzip.on(event, () => this.#goOn())
    this.#gunzip.on('error', error => {
      this.#failure = error
      this.#goOn()
    })
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    while (this.#ready.length === 0 && !this.#isOver) await this.#unpack()
    const [first] = this.#ready
    if (first === undefined) return this.#end()
    const part = first.subarray(0, into.length - at)
    into.set(part, at)
    if (part.length === first.length) this.#ready.shift()
    else this.#ready[0] = first.subarray(part.length)
    return part.length
  }

  close(): void {
    this.#gunzip.destroy()
    this.#source.close()
  }

  /**
   * Unpacks the next bytes. Each part is done before the next one comes, and before the end: what goes wrong with one takes
   * nothing away from the others.
   */
  async #unpack(): Promise<void> {
    const count = await this.#source.read(this.#packed, 0)
    await new Promise<void>(resolve => {
      this.#goOn = resolve // a part that fails is never done, and says so elsewhere
      if (count > 0) this.#gunzip.write(this.#packed.subarray(0, count), () => resolve())
      else this.#gunzip.end()
    })
    this.#isOver = count === 0 || this.#failure !== undefined
  }

  #end(): number {
    const error = this.#failure
    if (error === undefined || this.#signal.aborted) return 0
    throw new TransportError(`cannot unpack ${this.name}: ${error.message}`, { path: this.name }, error)
  }
}
