import { isWattzupError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'
import { FrameCutter } from '../protocols/lxp/cutter.ts'
import type { Direction, LxpFrame } from '../protocols/lxp/frame.ts'
import { RejectTally } from '../protocols/lxp/reject-tally.ts'
import type { Io } from './io.ts'

const BLOCK = 65_536

/** Takes a frame and the file that has it. */
export type TakeFileFrame = (frame: LxpFrame, path: string) => void

/** What became of files of frames. */
export interface FilesRead {
  readonly frames: number
  readonly rejects: RejectTally
  /** Files that could not be read; each was reported on stderr. */
  readonly failed: number
}

/** Reads saved packets, each file by itself; `drained` is called when the bytes at hand are used up. */
export async function readFrames(
  io: Io,
  paths: readonly string[],
  direction: Direction,
  take: TakeFileFrame,
  drained: (input: ByteInput) => void,
): Promise<FilesRead> {
  const rejects = new RejectTally()
  let frames = 0
  let failed = 0
  for (const path of paths) {
    if (io.signal.aborted) break
    const cutter = new FrameCutter(direction)
    const counted = (frame: LxpFrame) => {
      frames++
      take(frame, path)
    }
    try {
      await readFile(path, cutter, counted)
    } catch (error) {
      if (!isWattzupError(error) || error.context['path'] !== path) throw error
      io.err.write(`wattzup: ${error.message}\n`)
      failed++
    }
  }
  return { frames, rejects, failed }

  async function readFile(path: string, cutter: FrameCutter, counted: (frame: LxpFrame) => void): Promise<void> {
    const input = await io.open(path)
    try {
      const block = new Uint8Array(BLOCK)
      for (
        let count = await input.read(block, 0);
        count > 0 && !io.signal.aborted;
        count = await input.read(block, 0)
      ) {
        cutter.push({ data: block.subarray(0, count), at: Number.NaN, origin: path }, counted, rejects.add)
        drained(input)
      }
      cutter.end(counted, rejects.add)
    } finally {
      input.close()
    }
  }
}
