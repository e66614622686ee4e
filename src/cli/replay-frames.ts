import { UsageError, WattzupError } from '../core/errors.ts'
import { timeOfName } from '../protocols/lxp/packet-name.ts'
import { frameOfLine, inOrder, type RecordedFrame } from '../protocols/lxp/simulator/recording.ts'
import type { Io } from './io.ts'
import { readFrames } from './modbus-frames.ts'
import { readText } from './read-text.ts'

/** A recording is held in memory: about 300 bytes a frame. */
const MOST_FRAMES = 1_000_000
const MOST_LINES_BYTES = 500_000_000
/** Only distances of time matter, so any zone will do; this one has no clock changes. */
const UTC = 0

/**
 * The frames of files in the order of their times: lines of JSON where the name ends in `.jsonl` or `.ndjson`, else
 * packets as `modbus collect` saves them, with the time in their names. What is no frame is reported on stderr.
 */
export async function readRecording(io: Io, paths: readonly string[]): Promise<RecordedFrame[]> {
  const frames: RecordedFrame[] = []
  const keep = (frame: RecordedFrame) => {
    if (frames.length >= MOST_FRAMES)
      throw new UsageError(`--replay: more than ${MOST_FRAMES} frames; take fewer files`)
    frames.push(frame)
  }
  const isLines = (path: string) => /\.(jsonl|ndjson)$/.test(path)
  for (const path of paths.filter(isLines)) await readLines(io, path, keep)
  const packets = paths.filter(path => !isLines(path))
  const take = (bytes: Uint8Array, path: string) => keep({ at: timeOfName(path, UTC), bytes: bytes.slice() })
  const { rejects, failed } = await readFrames(
    io,
    packets,
    'reply',
    ({ bytes }, path) => take(bytes, path),
    () => {},
  )
  if (rejects.total > 0) io.err.write(`wattzup: ${rejects.summary()}\n`)
  if (failed > 0) throw new WattzupError(`--replay: ${failed} of the files could not be read`)
  return inOrder(frames)
}

async function readLines(io: Io, path: string, keep: (frame: RecordedFrame) => void): Promise<void> {
  const lines = (await readText(io, path, MOST_LINES_BYTES)).split('\n').filter(line => line.trim() !== '')
  let bad = 0
  for (const line of lines) {
    const frame = frameOfLine(line)
    if (frame === undefined) bad++
    else keep(frame)
  }
  if (bad > 0) io.err.write(`wattzup: ${path}: ${bad} of ${lines.length} lines are no frames\n`)
}
