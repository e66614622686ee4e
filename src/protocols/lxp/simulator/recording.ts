import { WattzupError } from '../../../core/errors.ts'
import { HEAD, LENGTH_END, parseFrame, word } from '../frame.ts'
import { blockFrame, type Identity } from './frames.ts'

/** A frame of a recording. */
export interface RecordedFrame {
  /** Unix ms. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** Between frames whose time is not known. */
const SPACING_MS = 100

/**
 * Frames in the order of their times. Those without a time (NaN) follow the one that stood before them. Throws
 * `WattzupError` where there is none.
 */
export function inOrder(frames: readonly RecordedFrame[]): RecordedFrame[] {
  if (frames.length === 0) throw new WattzupError('the recording has no good frame')
  let last = 0
  const timed = frames.map(({ at, bytes }) => {
    last = Number.isNaN(at) ? last + SPACING_MS : at
    return { at: last, bytes }
  })
  return timed.sort((a, b) => a.at - b.at) // stable: frames of one second stay in order
}

/** Who is heard in a recording: the first data frame says it. Throws `WattzupError` where there is none. */
export function identityOf(frames: readonly RecordedFrame[]): Identity {
  for (const { bytes } of frames) {
    const frame = parseFrame(bytes, 'reply')
    if (typeof frame === 'string' || frame.inverter === undefined) continue
    return { protocol: frame.protocol, datalog: frame.datalog, inverter: frame.inverter }
  }
  throw new WattzupError('the recording has heartbeats only: it does not say which inverter it is of')
}

/**
 * A frame of a line of JSON: `{"time":"2026-03-01T10:00:00.000Z","hex":"a11a..."}`, as `--journal` writes it, or a block
 * of registers as eg4-bridge logs it: `utc_timestamp` in seconds, `datalog`, `serial`, `register_type`, `start`, and
 * `words_hex` with the high byte first. Undefined where it is neither.
 */
export function frameOfLine(line: string): RecordedFrame | undefined {
  const row = objectOf(line)
  if (row === undefined) return undefined
  const bytes = typeof row['hex'] === 'string' ? bytesOf(row['hex']) : blockOfRow(row)
  if (bytes === undefined || !isFrame(bytes)) return undefined
  const seconds = row['utc_timestamp']
  return { at: typeof seconds === 'number' ? seconds * 1000 : Date.parse(String(row['time'])), bytes }
}

type Row = Readonly<Record<string, unknown>>

function objectOf(line: string): Row | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Row) : undefined
  } catch {
    return undefined
  }
}

function bytesOf(hex: string): Uint8Array | undefined {
  const bytes = Buffer.from(hex, 'hex')
  return bytes.length * 2 === hex.length ? bytes : undefined
}

function blockOfRow(row: Row): Uint8Array | undefined {
  const { datalog, serial: inverter, register_type: kind, start: register, words_hex: hex } = row
  if (typeof datalog !== 'string' || typeof inverter !== 'string') return undefined
  if ((kind !== 'input' && kind !== 'hold') || typeof register !== 'number' || typeof hex !== 'string') return undefined
  const words = bytesOf(hex)
  if (words === undefined || words.length % 2 !== 0 || words.length > 254) return undefined
  return blockFrame({ protocol: 5, datalog, inverter }, kind, register, Buffer.from(words).swap16())
}

function isFrame(bytes: Uint8Array): boolean {
  const size = bytes.length > HEAD ? word(bytes, 4) + LENGTH_END : 0
  return size === bytes.length && typeof parseFrame(bytes, 'reply') !== 'string'
}
