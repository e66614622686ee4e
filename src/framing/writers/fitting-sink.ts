import { CAN, type CanFrame, dlcOf, FD_LENGTHS, type FrameSink } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import type { Zone } from '../zone.ts'
import { InterfaceBook } from './interface-book.ts'
import type { Capacity, LogWriter, WritableLog } from './log-writer.ts'
import { type Loss, Losses } from './losses.ts'

const DIRECTION = CAN.rx | CAN.tx
const FD_FLAGS = CAN.bitRateSwitch | CAN.errorState
const KINDS = CAN.fd | CAN.remote | CAN.error
/** Arbitration ID and length of an error frame without details. */
const BUS_ERROR = 0x80
const ERROR_BYTES = 8

/** Hands frames to the writer of a format as far as that can hold them, and counts what it cannot. */
export class FittingSink implements FrameSink {
  readonly losses = new Losses()
  /** Frames written. */
  frames = 0
  readonly #capacity: Capacity
  readonly #name: string
  readonly #book: InterfaceBook
  readonly #writer: LogWriter
  readonly #coarse: Loss
  readonly #holdsAll: boolean

  constructor({ capacity, name, create }: WritableLog, out: ByteWriter, zone?: Zone) {
    this.#capacity = capacity
    this.#name = name
    this.#book = new InterfaceBook(capacity.interfaces === 'list')
    this.#writer = create(out, { zone, losses: this.losses, interfaces: this.#book.names })
    this.#holdsAll = holdsAll(capacity)
    this.#coarse = capacity.unit === 1000 ? 'micros' : 'millis'
  }

  frame(frame: CanFrame): void {
    const missing = (frame.flags & KINDS) === 0 ? undefined : this.#missingKind(frame)
    if (missing !== undefined) {
      this.losses.add(missing)
      return
    }
    const bus = this.#capacity.interfaces === 'names' ? 0 : this.#book.numberOf(frame)
    if (bus < 0) {
      this.losses.add('interfaces')
      return
    }
    frame.origin.readTime(frame)
    if (!this.#holdsAll) this.#count(frame)
    this.frames++
    this.#writer.write(frame, bus)
  }

  /** Ends the log. */
  end(): void {
    this.#writer.end()
  }

  /** What was lost, one line each. */
  get report(): string[] {
    const { renamed } = this.#book
    const isRenamed = this.#capacity.interfaces === 'numbers' && renamed.length > 0
    const lines = this.losses.lines(this.#name)
    return isRenamed ? [...lines, `${renamed.join(', ')}: ${this.#name} has numbers`] : lines
  }

  /** The kind of a frame, where the format has none of it. */
  #missingKind({ flags }: CanFrame): Loss | undefined {
    const { fd, remote, error } = this.#capacity
    if ((flags & CAN.error) !== 0) return error === 'none' ? 'error' : undefined
    if ((flags & CAN.fd) !== 0) return fd === 'none' ? 'fd' : undefined
    return remote ? undefined : 'remote'
  }

  #count(frame: CanFrame): void {
    const { flags } = frame
    const { losses } = this
    const { direction, codes, unit, interfaces, error } = this.#capacity
    if (frame.nanos % unit !== 0) losses.add(this.#coarse)
    if ((flags & CAN.fd) !== 0) this.#countFd(frame)
    else if (!codes && frame.dlc > 8) losses.add('code')
    if (interfaces === 'none' && !this.#book.isPlain) losses.add('interface')
    if ((flags & CAN.error) !== 0 && error === 'bare') {
      if (!isBare(frame)) losses.add('errorDetails')
    } else if (direction === 'none' && (flags & DIRECTION) !== 0) losses.add('direction')
    else if (direction === 'known' && (flags & DIRECTION) === 0) losses.add('unknownDirection')
  }

  #countFd({ flags, length }: CanFrame): void {
    const { fd, fdFlags, fdLengths } = this.#capacity
    const hasFlags = (flags & FD_FLAGS) !== 0
    if (fd === 'long' && length <= 8) this.losses.add('fdKind')
    else if (hasFlags && fdFlags === 'none') this.losses.add('fdFlags')
    else if (hasFlags && fdFlags === 'with-direction' && (flags & DIRECTION) === 0) this.losses.add('fdFlags')
    if (fdLengths === 'coded' && FD_LENGTHS[dlcOf(length)] !== length) this.losses.add('fdLength')
  }
}

/** Whether a format loses nothing of the frames that it holds. */
function holdsAll({ fd, fdFlags, fdLengths, error, codes, direction, unit, interfaces }: Capacity): boolean {
  const isFd = fd === 'all' && fdFlags === 'all' && fdLengths === 'any'
  return isFd && error === 'whole' && codes && direction === 'any' && unit === 1 && interfaces !== 'none'
}

/** Whether an error frame says nothing but that there was one. */
function isBare({ id, flags, length, data }: CanFrame): boolean {
  if (id !== BUS_ERROR || (flags & DIRECTION) !== 0 || length !== ERROR_BYTES) return false
  for (let i = 0; i < ERROR_BYTES; i++) if (data[i] !== 0) return false
  return true
}
