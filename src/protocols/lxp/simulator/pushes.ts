import type { SimulatedDongle } from './dongle.ts'
import type { RecordedFrame } from './recording.ts'

/** Frames that a dongle sends by itself. */
export interface Push {
  /** When, Unix ms. */
  readonly at: number
  /** What, asked for at that time. */
  readonly frames: () => readonly Uint8Array[]
}

/** From a start to the first burst. */
export const FIRST_PUSH_MS = 2000
/** Recorded frames that are nearer to one another belong to one burst; times may be known to the second only. */
const BURST_MS = 1500

/** A burst every `intervalMs`, and a heartbeat between two, for ever. `start` is Unix ms. */
export function* modelledPushes(dongle: SimulatedDongle, start: number, intervalMs: number): Generator<Push> {
  for (let at = start + FIRST_PUSH_MS; ; at += intervalMs) {
    yield { at, frames: () => dongle.burst(at) }
    yield { at: at + intervalMs / 2, frames: () => [dongle.heartbeat()] }
  }
}

/** What was recorded, in its own time. `taken` is told of each frame when it is sent. */
export function* recordedPushes(
  recording: readonly RecordedFrame[],
  taken: (frame: Uint8Array) => void,
): Generator<Push> {
  for (let from = 0, to = 0; from < recording.length; from = to) {
    const { at } = recording[from]!
    to = from + 1
    while (to < recording.length && recording[to]!.at - recording[to - 1]!.at < BURST_MS) to++
    const frames = recording.slice(from, to).map(({ bytes }) => bytes)
    yield {
      at,
      frames: () => {
        for (const frame of frames) taken(frame)
        return frames
      },
    }
  }
}
