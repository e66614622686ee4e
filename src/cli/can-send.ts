import type { CanFrame } from '../core/can.ts'
import { type CanAddress, canUrl, interfaceOf } from '../core/can-address.ts'
import type { CanBus } from '../core/can-bus.ts'
import { TransportError, UsageError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { logFrame } from '../framing/writers/candump-text.ts'
import type { Io } from './io.ts'
import { CanBuses } from './open-can.ts'

export interface SendOptions {
  readonly dryRun?: true
  /** bit/s. */
  readonly bitrate: number
}

/** A queue that is full has room again within, ms. */
const PATIENCE_MS = 1000
const RETRY_MS = 1

/** Runs `can send`: hands frames to a bus, one after the other. */
export async function sendFrames(
  io: Io,
  address: CanAddress,
  frames: readonly CanFrame[],
  { dryRun, bitrate: bitRate }: SendOptions,
): Promise<void> {
  if (address.kind === 'file') throw new UsageError(`${canUrl(address)} is a recording: nothing can be sent there`)
  if (dryRun === true) {
    printFrames(io, interfaceOf(address), frames)
    return
  }
  await using buses = new CanBuses(io, { command: 'can send' })
  const bus = await buses.open(address, { bitRate }, io.signal)
  for (const frame of frames) {
    if (await sendSoon(bus, frame, io, io.signal)) continue
    if (io.signal.aborted) return
    throw new TransportError(`cannot send ${textOf(frame)} on ${bus.name}: ${REFUSED}`, { bus: bus.name })
  }
}

const REFUSED = 'it was not taken; is the bus up, does it have CAN FD, does anybody acknowledge?'

/** Hands over a frame; where it is not taken tries again for a while. Tells whether it was taken. */
export async function sendSoon(
  bus: CanBus,
  frame: CanFrame,
  { clock }: Pick<Io, 'clock'>,
  signal: AbortSignal,
): Promise<boolean> {
  for (let left = PATIENCE_MS / RETRY_MS; left > 0; left--) {
    if (bus.send(frame)) return true
    await clock.sleep(RETRY_MS, signal).catch(() => {}) // it is looked at next
    if (signal.aborted) return false
  }
  return false
}

/** A frame in candump's notation. */
export function textOf(frame: CanFrame): string {
  let text = ''
  const out = new ByteWriter(bytes => {
    text += new TextDecoder().decode(bytes)
  })
  logFrame(out, frame)
  out.flush()
  return text
}

function printFrames({ out }: Io, iface: string, frames: readonly CanFrame[]): void {
  for (const frame of frames) out.write(`${iface} ${textOf(frame)}\n`)
}
