import { byteSource } from '../../src/core/bytes.ts'
import { ByteWriter } from '../../src/core/writer.ts'
import { createReader } from '../../src/framing/detect.ts'
import { FittingSink } from '../../src/framing/writers/fitting-sink.ts'
import { WRITABLE_LOGS, type WritableFormat } from '../../src/framing/writers/formats.ts'
import { UTC, type Zone } from '../../src/framing/zone.ts'

/** What became of a candump log in another format. */
export interface Written {
  readonly bytes: Buffer
  /** The same as text. */
  readonly text: string
  readonly report: readonly string[]
  readonly frames: number
}

/** Writes a candump log in another format, with dates in UTC unless told otherwise. */
export function writeLog(candump: string, format: WritableFormat, zone: Zone = UTC): Written {
  const blocks: Buffer[] = []
  const out = new ByteWriter(block => blocks.push(Buffer.from(block)))
  const sink = new FittingSink(WRITABLE_LOGS[format], out, zone)
  const source = byteSource(candump.length)
  source.bytes.set(Buffer.from(candump, 'latin1'))
  createReader('candump', sink).read(source, 0, candump.length)
  sink.end()
  out.flush()
  const bytes = Buffer.concat(blocks)
  return { bytes, text: bytes.toString('utf8'), report: sink.report, frames: sink.frames }
}
