import type { CanFrame } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'
import { SOCKETCAN } from '../socketcan-packet.ts'
import { ALL_OF_A_FRAME, type LogWriter, type WritableLog, type WriterOptions } from './log-writer.ts'
import type { Losses } from './losses.ts'
import { putStruct, structLength } from './socketcan.ts'

/** Magic numbers of files with times in microseconds and in nanoseconds. */
const MAGIC = { micros: 0xa1b2c3d4, nanos: 0xa1b23c4d } as const
const SNAP_LENGTH = 65_535
const FILE_HEADER = 24
const RECORD_HEADER = 16
const LAST_SECOND = 0xffffffff
/** Decimals of a stamp above which nanoseconds count. */
const MICRO_DECIMALS = 6
const DOT = 46
const FULL = 65_536

/**
 * Writes a capture of CAN, little-endian: link type 227, times in microseconds, or in nanoseconds where the first frame
 * has such a time. Source: docs/protocols/log-formats.md, section 7.
 */
class PcapWriter implements LogWriter {
  readonly #out: ByteWriter
  readonly #losses: Losses
  /** Nanoseconds that the file counts; 0 before its header. */
  #unit = 0

  constructor(out: ByteWriter, { losses }: WriterOptions) {
    this.#out = out
    this.#losses = losses
  }

  write(frame: CanFrame): void {
    if (this.#unit === 0) this.#header(stampDecimals(frame, this.#out) > MICRO_DECIMALS ? 1 : 1000)
    const isHeld = frame.seconds >= 0 && frame.seconds <= LAST_SECOND
    if (!isHeld) this.#losses.add('range')
    else if (frame.nanos % this.#unit !== 0) this.#losses.add('micros')
    const length = structLength(frame)
    const out = this.#out
    out.reserve(RECORD_HEADER + length)
    const { view, length: at } = out
    view.setUint32(at, isHeld ? frame.seconds : 0, true)
    view.setUint32(at + 4, isHeld ? Math.floor(frame.nanos / this.#unit) : 0, true)
    view.setUint32(at + 8, length, true)
    view.setUint32(at + 12, length, true)
    putStruct(view, at + RECORD_HEADER, frame)
    out.length = at + RECORD_HEADER + length
    if (out.length >= FULL) out.flush()
  }

  end(): void {
    if (this.#unit === 0) this.#header(1000)
  }

  #header(unit: number): void {
    this.#unit = unit
    const out = this.#out
    out.reserve(FILE_HEADER)
    const { view, length: at } = out
    view.setUint32(at, unit === 1 ? MAGIC.nanos : MAGIC.micros, true)
    view.setUint16(at + 4, 2, true)
    view.setUint16(at + 6, 4, true)
    view.setUint32(at + 8, 0, true)
    view.setUint32(at + 12, 0, true)
    view.setUint32(at + 16, SNAP_LENGTH, true)
    view.setUint32(at + 20, SOCKETCAN, true)
    out.length = at + FILE_HEADER
  }
}

/** Decimals of a frame's time stamp as its log has them; `scratch` is as it was before. */
function stampDecimals(frame: CanFrame, scratch: ByteWriter): number {
  const start = scratch.length
  frame.origin.writeStamp(frame, scratch)
  const dot = scratch.bytes.subarray(start, scratch.length).indexOf(DOT)
  const decimals = dot < 0 ? 0 : scratch.length - start - dot - 1
  scratch.length = start
  return decimals
}

export const PCAP: WritableLog = {
  name: 'pcap',
  isBinary: true,
  capacity: { ...ALL_OF_A_FRAME, direction: 'none', interfaces: 'none' },
  create: (out, options) => new PcapWriter(out, options),
}
