import type { ByteSource } from '../core/bytes.ts'
import { CanFrame, type FrameSink } from '../core/can.ts'
import { FrameError } from '../core/errors.ts'
import { BlfCutter, type BlfObject } from './blf-cutter.ts'
import { BLF_TYPES, blfChannel, isFrameType, readBlfFrame } from './blf-objects.ts'
import { ByteQueue } from './byte-queue.ts'
import { setErrorFrame } from './line-reader.ts'
import { type BinaryLogReader, LogTally } from './log-reader.ts'
import { PlainOrigin } from './plain-origin.ts'
import { addTime } from './stamp.ts'
import { setTicks } from './ticks.ts'
import { fromWallClock, UTC, type Zone } from './zone.ts'

/** Unpacks zlib data of up to `most` bytes, of data that is cut off what there is; throws where it cannot. */
export type Inflate = (packed: Uint8Array, most: number) => Uint8Array

const HEADER_SIZE_AT = 4
const START_AT = 40
/** What is read of a file's header, and what no header exceeds. */
const LEAST_HEADER = 72
const MOST_HEADER = 65_536
/** Most bytes of a container, packed and unpacked: writers make them of 128 KiB. */
const MOST_CONTAINER = 16 * 1024 * 1024
/** Most bytes of an object that is a frame. */
const MOST_FRAME = 65_536

const CONTAINER_HEADER = 16
const UNPACKED_SIZE_AT = 8
const METHOD = { none: 0, zlib: 2 } as const
/** Objects with a time: where its flags and it are, from the object on, and how long such a header is. */
const FLAGS_AT = 16
const TIME_AT = 24
const TIMED_HEADER = 32
const TEN_MICROS = 1

/**
 * Reads Vector's BLF. Source: docs/protocols/log-formats.md, section 8.
 *
 *     "LOGG" | header size 4 | ... | start of the measurement, 8 words, at 40 | ...
 *     objects; a container holds more of them, packed with zlib: method 2 | 0 6 | unpacked size 4 | 0 4 | data
 *
 * What containers hold is one stream, so an object may begin in one and end in the next. Times count from the start,
 * which is a wall clock's.
 */
export class BlfReader implements BinaryLogReader {
  readonly kind = 'binary'
  readonly format = 'blf'
  readonly tally = new LogTally()
  readonly #sink: FrameSink
  readonly #inflate: Inflate
  readonly #zone: Zone
  readonly #origin = new PlainOrigin()
  readonly #frame = new CanFrame(this.#origin)
  readonly #start = { seconds: 0, nanos: 0 }
  readonly #head = new ByteQueue()
  readonly #file = new BlfCutter(MOST_CONTAINER, type => type === BLF_TYPES.container || isFrameType(type))
  readonly #content = new BlfCutter(MOST_FRAME, isFrameType)
  /** Bytes of the file's header, once that is known. */
  #header: number | undefined
  /** Where the container at hand begins in the file. */
  #container: number | undefined
  #damage: FrameError | undefined

  constructor(sink: FrameSink, inflate: Inflate, zone: Zone = UTC) {
    this.#sink = sink
    this.#inflate = inflate
    this.#zone = zone
  }

  get damage(): FrameError | undefined {
    return this.#damage
  }

  read({ bytes }: ByteSource, start: number, end: number): number {
    if (this.#damage === undefined) this.#push(bytes.subarray(start, end))
    return end
  }

  end(): void {
    if (this.#damage !== undefined) return
    if (this.#header === undefined) this.#stop('the header is cut off', this.#head.length)
    else if (this.#file.isCut) this.#endCut(this.#header + this.#file.offset)
    else if (this.#content.isCut) this.#stop('the last container is cut off', this.#container ?? 0)
  }

  /** Of a container that is cut off what there is can still be read. */
  #endCut(offset: number): void {
    const cut = this.#file.cut()
    if (cut?.type === BLF_TYPES.container && cut.end - cut.body > CONTAINER_HEADER) this.#open(cut, offset, true)
    this.#stop('the last object is cut off', offset)
  }

  #push(bytes: Uint8Array): void {
    if (this.#header !== undefined) {
      this.#pushObjects(bytes)
      return
    }
    this.#head.append(bytes)
    if (this.#head.length < LEAST_HEADER) return
    const { view, start, length } = this.#head
    const size = view.getUint32(start + HEADER_SIZE_AT, true)
    if (size < LEAST_HEADER || size > MOST_HEADER) {
      this.#stop(`a header of ${size} bytes`, HEADER_SIZE_AT)
      return
    }
    if (length < size) return
    this.#header = size
    this.#setStart(view, start + START_AT)
    this.#head.drop(size)
    this.#pushObjects(this.#head.bytes.subarray(start + size, start + length))
  }

  /** Reads a SYSTEMTIME: year, month, day of the week, day, hours, minutes, seconds, milliseconds. */
  #setStart(view: DataView, at: number): void {
    const word = (index: number) => view.getUint16(at + index * 2, true)
    const [year, month, day] = [word(0), word(1), word(3)]
    if (year < 1601 || month < 1 || month > 12 || day < 1 || day > 31) return // a file without a date counts from 0
    const wall = Date.UTC(year, month - 1, day, word(4), word(5), word(6)) / 1000
    this.#start.seconds = fromWallClock(wall, this.#zone)
    this.#start.nanos = Math.min(word(7), 999) * 1e6
  }

  #pushObjects(bytes: Uint8Array): void {
    const passed = this.#file.passed
    this.#file.push(bytes, object => this.#object(object))
    this.tally.lines += this.#file.passed - passed
    const { damage } = this.#file
    if (damage !== undefined) this.#stop(damage.message, this.#header! + Number(damage.context['at']))
  }

  #object(object: BlfObject): void {
    if (this.#damage !== undefined) return
    const offset = this.#header! + object.offset
    if (object.type === BLF_TYPES.container) this.#open(object, offset, false)
    else this.#take(object, offset)
  }

  #open({ view, body, end }: BlfObject, offset: number, isCut: boolean): void {
    this.#container = offset
    const content = this.#unpack(view, body, end, offset)
    if (content === undefined) return
    const size = view.getUint32(body + UNPACKED_SIZE_AT, true)
    const passed = this.#content.passed
    this.#content.push(content, inner => this.#take(inner, offset))
    this.tally.lines += this.#content.passed - passed
    const { damage } = this.#content
    if (damage !== undefined) this.#stop(`${damage.message}, in a container`, offset)
    else if (!isCut && content.length < size) this.#stop('a container holds less than it says', offset)
  }

  #unpack(view: DataView, body: number, end: number, offset: number): Uint8Array | undefined {
    if (end - body < CONTAINER_HEADER) return this.#stop('a container without content', offset)
    const method = view.getUint16(body, true)
    const packed = new Uint8Array(view.buffer, view.byteOffset + body + CONTAINER_HEADER, end - body - CONTAINER_HEADER)
    if (method === METHOD.none) return packed
    if (method !== METHOD.zlib) return this.#stop(`a container packed by method ${method}`, offset)
    try {
      return this.#inflate(packed, MOST_CONTAINER)
    } catch (error) {
      return this.#stop(`a container cannot be unpacked (${(error as Error).message})`, offset)
    }
  }

  /** Hands on the frame that an object is. */
  #take(object: BlfObject, offset: number): void {
    this.tally.lines++
    const { view, start, body, end, type } = object
    if (body - start < TIMED_HEADER) {
      this.tally.reject('objects without a time', offset)
      return
    }
    const origin = this.#origin
    const ticksPerSecond = view.getUint32(start + FLAGS_AT, true) === TEN_MICROS ? 1e5 : 1e9
    setTicks(origin, view.getUint32(start + TIME_AT + 4, true), view.getUint32(start + TIME_AT, true), ticksPerSecond)
    addTime(origin, this.#start)
    const problem = readBlfFrame(view, type, start, body, end, this.#frame)
    if (problem !== undefined) {
      this.tally.reject(problem, offset)
      return
    }
    origin.bus = blfChannel(view, type, body)
    if (type === BLF_TYPES.errorExt) setErrorFrame(this.#frame)
    this.#sink.frame(this.#frame)
  }

  #stop(what: string, at: number): undefined {
    this.#damage ??= new FrameError(`the log is damaged: ${what}`, { reason: 'damaged', at })
  }
}
