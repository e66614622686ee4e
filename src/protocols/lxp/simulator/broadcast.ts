import type { Clock } from '../../../core/clock.ts'
import type { Transport } from '../../../core/transport.ts'
import { blockOf, corrupted, garbage, isChecked, lying, shortened } from './damage.ts'
import type { SimulatedDongle } from './dongle.ts'
import type { BroadcastFault, FaultDice } from './faults.ts'

/** A datagram; a good one is a frame that a listener is to find. */
export interface Datagram {
  readonly bytes: Uint8Array
  readonly isGood: boolean
}

/** The datagrams for a frame, with the faults that the dice say. `foreign` is one of another inverter. */
export function datagramsOf(
  frame: Uint8Array,
  dice: FaultDice<BroadcastFault>,
  foreign: () => Uint8Array,
): readonly Datagram[] {
  const { random } = dice
  const before: Datagram[] = []
  if (dice.hits('foreign')) before.push({ bytes: foreign(), isGood: true })
  if (dice.hits('garbage')) before.push({ bytes: garbage(random), isGood: false })
  if (dice.hits('drop')) return before
  if (dice.hits('cut')) return [...before, { bytes: frame.subarray(0, random.int(frame.length)), isGood: false }]
  if (!isChecked(frame)) return [...before, { bytes: frame, isGood: true }]
  if (dice.hits('corrupt')) return [...before, { bytes: corrupted(frame, random), isGood: false }]
  if (dice.hits('length')) return [...before, { bytes: lying(frame, random), isGood: false }]
  const block = blockOf(frame)
  const bytes = block !== undefined && dice.hits('short') ? shortened(block, random) : frame
  return [...before, { bytes, isGood: true }]
}

export interface BroadcastOptions {
  /** Time as the dongle knows it. */
  readonly clock: Clock
  readonly intervalMs: number
  readonly dice: FaultDice<BroadcastFault>
  /** Told of every good frame that was sent. */
  readonly sent: (frame: Uint8Array) => void
}

/** Between datagrams of a round. */
const GAP_MS = 200

/** Sends a round every interval, a heartbeat and all blocks, until `signal` aborts. Throws `TransportError`. */
export async function broadcast(
  link: Transport,
  dongle: SimulatedDongle,
  options: BroadcastOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, intervalMs } = options
  try {
    for (let at = clock.now(); !signal.aborted; at += intervalMs) {
      for (const frame of [dongle.heartbeat(), ...dongle.burst(at)]) {
        await send(link, frame, dongle, options, signal)
        await clock.sleep(GAP_MS, signal)
      }
      await clock.sleep(Math.max(0, at + intervalMs - clock.now()), signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function send(
  link: Transport,
  frame: Uint8Array,
  dongle: SimulatedDongle,
  { clock, dice, sent }: BroadcastOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const { bytes, isGood } of datagramsOf(frame, dice, () => dongle.ofOther(clock.now()))) {
    await link.send(bytes, signal)
    if (isGood) sent(bytes)
  }
}
