import type { LeapingClock } from '../core/leaping-clock.ts'
import type { Io, LiveOutput, Output } from './io.ts'

/** A world whose time leaps: it stands still while something is written, so that nothing need be left out for slow readers. */
export function leapingWorld(io: Io, clock: LeapingClock): Io {
  const outputs = {
    liveOutput: { value: async () => waiting(io.out) },
    liveErrors: { value: async () => waiting(io.err) },
  }
  return Object.create(io, { clock: { value: clock }, ...outputs }) as Io
}

function waiting(output: Output): LiveOutput {
  return {
    isTerminal: output.isTerminal,
    columns: output.columns,
    write: bytes => output.write(bytes),
    drained: () => undefined,
  }
}
