import type { CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import type { Zone } from '../zone.ts'
import type { Losses } from './losses.ts'

/** Makes a log of one format. */
export interface LogWriter {
  /**
   * Appends a frame, whose time has been read and which the format can hold. `bus` is the number of its interface, from
   * 0, where the format has numbers or a list.
   */
  write(frame: CanFrame, bus: number): void
  /** Appends what ends the log, also one without frames. */
  end(): void
}

/** What writers may want to know. */
export interface WriterOptions {
  /** Where the clock stands that dates are written by; else what is usual for the format. */
  readonly zone?: Zone | undefined
  /** Takes what a writer finds that its format cannot hold. */
  readonly losses: Losses
  /** Names of the interfaces, by `bus`. */
  readonly interfaces: readonly Uint8Array[]
}

/** What a format can hold of frames. */
export interface Capacity {
  /** CAN FD frames: all, only those that their length of more than 8 bytes gives away, or none. */
  readonly fd: 'all' | 'long' | 'none'
  /** Bit rate switch and error state indicator; some have them only beside a direction. */
  readonly fdFlags: 'all' | 'with-direction' | 'none'
  /** Lengths of CAN FD: any, or only those that a data length code stands for. */
  readonly fdLengths: 'any' | 'coded'
  readonly remote: boolean
  /** Error frames: with class and details, only that there was one, or none. */
  readonly error: 'whole' | 'bare' | 'none'
  /** Data length codes 9 to 15 of classic frames. */
  readonly codes: boolean
  /** Direction: with unknown as a third, only received or sent, or none. */
  readonly direction: 'any' | 'known' | 'none'
  /** What times are counted in, in nanoseconds. */
  readonly unit: 1 | 1000 | 1_000_000
  /** Interfaces: names written as they come, names in a list, numbers, or none. */
  readonly interfaces: 'names' | 'list' | 'numbers' | 'none'
}

/** The capacity of a format that loses nothing of a frame. */
export const ALL_OF_A_FRAME: Capacity = {
  fd: 'all',
  fdFlags: 'all',
  fdLengths: 'any',
  remote: true,
  error: 'whole',
  codes: true,
  direction: 'any',
  unit: 1,
  interfaces: 'names',
}

/** A format that can be written. */
export interface WritableLog {
  /** What messages call it. */
  readonly name: string
  readonly isBinary: boolean
  readonly capacity: Capacity
  readonly create: (out: ByteWriter, options: WriterOptions) => LogWriter
}
