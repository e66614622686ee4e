import { ClosedPipe } from '../core/errors.ts'
import type { LeapingClock } from '../core/leaping-clock.ts'
import type { Io, LiveOutput, Output } from './io.ts'

/** A world whose time leaps: it stands still while something is written, so that nothing need be left out for slow readers. */
export function leapingWorld(io: Io, clock: LeapingClock): Io {
  const outputs = {
    liveOutput: { value: async (closed: () => void) => waiting(io.out, closed) },
    liveErrors: { value: async () => waiting(io.err, () => {}) },
  }
  return Object.create(io, { clock: { value: clock }, ...outputs }) as Io
}

/** `closed` is called when nobody reads any more; what is written then is dropped. */
function waiting(output: Output, closed: () => void): LiveOutput {
  return {
    isTerminal: output.isTerminal,
    columns: output.columns,
    write: bytes => {
      try {
        output.write(bytes)
      } catch (error) {
        if (!(error instanceof ClosedPipe)) throw error
        closed()
      }
    },
    drained: () => undefined,
  }
}
