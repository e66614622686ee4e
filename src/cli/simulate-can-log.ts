import { yieldToEvents } from '../core/clock.ts'
import { ByteWriter } from '../core/writer.ts'
import { LogLines } from '../framing/writers/candump-lines.ts'
import { Simulation, type SimulationParts } from '../protocols/batgw/simulator/simulation.ts'
import { liveFrame, setTime } from '../transport/can/live-origin.ts'
import type { Io } from './io.ts'

/** Frames between two looks at signals. */
const TURN_FRAMES = 4096

/** Where and when a log is from. */
export interface LogPlace {
  readonly iface: string
  /** Unix ms. */
  readonly start: number
  readonly seconds: number
}

/** Writes what a device would send that hears nobody, as `candump -L` does, as fast as it goes; gives what it has done. */
export async function writeSimulation(
  io: Io,
  parts: SimulationParts,
  { iface, start, seconds }: LogPlace,
): Promise<Simulation> {
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const lines = new LogLines(out, [iface])
  const frame = liveFrame(iface)
  const simulation = new Simulation(parts, 0)
  let turn = TURN_FRAMES
  for (let at = 0; at < seconds * 1000; at = Math.max(at, simulation.due)) {
    for (const { id, flags, length, data } of simulation.tick(at)) {
      Object.assign(frame, { id, flags, length, dlc: length })
      frame.data.set(data.subarray(0, length))
      setTime(frame, start + at)
      lines.write(frame)
    }
    if (simulation.sent < turn) continue
    turn = simulation.sent + TURN_FRAMES
    await yieldToEvents()
    if (io.signal.aborted) break
  }
  out.flush()
  return simulation
}
