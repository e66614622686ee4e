import type { FrameError } from '../core/errors.ts'
import { RecordQueue } from './record-queue.ts'

/** Bytes of the header that all objects have. */
const BASE_HEADER = 16
/** "LOBJ" as a little-endian word. */
const SIGNATURE = 0x4a424f4c
/** An object begins at most so many bytes behind the end of the one before. */
const MOST_PADDING = 4
/** Room to look for a signature in. */
const SEARCHED = MOST_PADDING + 4

/** An object where it is in memory; one object, filled anew for each. */
export class BlfObject {
  view: DataView = new DataView(new ArrayBuffer(0))
  /** Where it begins in `view`, where its header ends and where it ends itself. */
  start = 0
  body = 0
  end = 0
  type = 0
  /** Version of its header. */
  version = 0
  /** Where it begins in the bytes that were pushed. */
  offset = 0
}

/**
 * Cuts a stream of BLF objects: the file behind its header, or what its containers hold together.
 *
 *     "LOBJ" | size of the header 2 | version of it 2 | size of the object 4 | type 4 | ... | padding
 */
export class BlfCutter {
  readonly #queue = new RecordQueue()
  readonly #object = new BlfObject()
  readonly #most: number
  readonly #wanted: (type: number) => boolean

  /** Objects that are not `wanted` are passed over however long they are; others have `most` bytes. */
  constructor(most: number, wanted: (type: number) => boolean) {
    this.#most = most
    this.#wanted = wanted
  }

  get damage(): FrameError | undefined {
    return this.#queue.damage
  }

  /** How far the stream has been taken, in bytes. */
  get offset(): number {
    return this.#queue.offset
  }

  /** Whether the stream ended within an object. */
  get isCut(): boolean {
    const { bytes, start, length, isSkipping } = this.#queue
    return isSkipping || bytes.subarray(start, start + length).some(byte => byte !== 0)
  }

  /** Objects that were passed over so far. */
  passed = 0

  push(bytes: Uint8Array, take: (object: BlfObject) => void): void {
    if (this.#queue.damage !== undefined) return
    this.#queue.append(bytes)
    while (this.#next(take));
  }

  #next(take: (object: BlfObject) => void): boolean {
    if (!this.#findSignature()) return false
    if (this.#queue.length < BASE_HEADER) return false
    const { view, start } = this.#queue
    const header = view.getUint16(start + 4, true)
    const size = view.getUint32(start + 8, true)
    const type = view.getUint32(start + 12, true)
    const isLying = size < BASE_HEADER || header < BASE_HEADER || header > size
    if (isLying) return this.#queue.stop(`an object of ${size} bytes`)
    if (!this.#wanted(type)) {
      this.passed++
      this.#queue.skip(size)
      return true
    }
    if (size > this.#most) return this.#queue.stop(`an object of ${size} bytes`)
    if (this.#queue.length < size) return false
    take(this.#fill(view, start, header, size))
    this.#queue.drop(size)
    return true
  }

  /** What there is of an object that the end of the stream has cut off; undefined where not even its header is whole. */
  cut(): BlfObject | undefined {
    const { view, start, length, isSkipping } = this.#queue
    if (this.#queue.damage !== undefined || isSkipping || length < BASE_HEADER) return undefined
    const header = view.getUint16(start + 4, true)
    return header > length ? undefined : this.#fill(view, start, header, length)
  }

  #fill(view: DataView, start: number, header: number, size: number): BlfObject {
    const object = this.#object
    object.view = view
    object.start = start
    object.body = start + header
    object.end = start + size
    object.type = view.getUint32(start + 12, true)
    object.version = view.getUint16(start + 6, true)
    object.offset = this.#queue.offset
    return object
  }

  /** Takes padding away up to the next signature; false where more bytes are needed, or none comes. */
  #findSignature(): boolean {
    const { view, start, length } = this.#queue
    for (let padding = 0; padding <= MOST_PADDING && padding + 4 <= length; padding++) {
      if (view.getUint32(start + padding, true) !== SIGNATURE) continue
      this.#queue.drop(padding)
      return true
    }
    return length < SEARCHED ? false : this.#queue.stop('no object where one has to begin')
  }
}
