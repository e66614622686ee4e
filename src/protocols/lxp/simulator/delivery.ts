import type { LxpFrame } from '../frame.ts'
import { exceptionReply } from '../request.ts'
import { blockOf, corrupted, garbage, isChecked, lying, shortened } from './damage.ts'
import type { DongleFault, FaultDice } from './faults.ts'

/** A frame on its way to a client. */
export interface Outgoing {
  readonly frame: Uint8Array
  /** What it answers. */
  readonly request?: LxpFrame
}

/** A frame that a reader is to find whole, and where it ends. */
interface GoodFrame {
  readonly frame: Uint8Array
  readonly end: number
}

/** Bytes of a delivery up to `end`, after a pause. */
interface Piece {
  readonly pauseMs: number
  readonly end: number
}

/** How frames go out: bytes in pieces. */
export interface Delivery {
  readonly bytes: Uint8Array
  readonly good: readonly GoodFrame[]
  readonly pieces: readonly Piece[]
  /** The connection breaks off behind the last piece. */
  readonly reset: boolean
}

/** Refusals that a dongle may give for no visible reason. */
const WHIMS = [3, 4, 6] as const
const SLOW_MS = [2000, 15_000] as const
/** Pauses within a frame are longer and shorter than 100 ms, and never so long that the frame is given up. */
const SPLIT_MS = [5, 160] as const
const MOST_PIECES = 6

/** Turns frames into what is sent, with the faults that the dice say. `foreign` are frames that nobody asked for. */
export function delivery(
  frames: readonly Outgoing[],
  dice: FaultDice<DongleFault>,
  foreign: () => readonly Uint8Array[],
): Delivery {
  const parts: Uint8Array[] = []
  const good: GoodFrame[] = []
  let end = 0
  const add = (bytes: Uint8Array, isGood: boolean) => {
    parts.push(bytes)
    end += bytes.length
    if (isGood) good.push({ frame: bytes, end })
  }
  for (const outgoing of frames) {
    if (dice.hits('foreign')) add(dice.random.pick(foreign()), true)
    if (dice.hits('garbage')) add(garbage(dice.random), false)
    const { bytes, isGood } = damaged(outgoing, dice)
    add(bytes, isGood)
  }
  const bytes = Buffer.concat(parts)
  const reset = bytes.length > 1 && dice.hits('reset')
  const sent = reset ? 1 + dice.random.int(bytes.length - 1) : bytes.length
  return { bytes, good, pieces: piecesOf(sent, dice), reset }
}

/** A frame as it arrives, or nothing of it. */
function damaged({ frame, request }: Outgoing, dice: FaultDice<DongleFault>): { bytes: Uint8Array; isGood: boolean } {
  const { random } = dice
  if (dice.hits('drop')) return { bytes: new Uint8Array(0), isGood: false }
  if (!isChecked(frame)) return { bytes: frame, isGood: true }
  if (dice.hits('corrupt')) return { bytes: corrupted(frame, random), isGood: false }
  if (dice.hits('length')) return { bytes: lying(frame, random), isGood: false }
  if (request !== undefined && dice.hits('exception')) {
    const protocol = frame[2]!
    return { bytes: exceptionReply(request, random.pick(WHIMS), protocol), isGood: true }
  }
  const block = blockOf(frame)
  return { bytes: block !== undefined && dice.hits('short') ? shortened(block, random) : frame, isGood: true }
}

/** The pieces of so many bytes. */
function piecesOf(length: number, dice: FaultDice<DongleFault>): Piece[] {
  const { random } = dice
  const pauseMs = length > 0 && dice.hits('slow') ? random.between(...SLOW_MS) : 0
  if (length < 2 || !dice.hits('split')) return [{ pauseMs, end: length }]
  const cuts = Array.from({ length: 1 + random.int(MOST_PIECES - 1) }, () => 1 + random.int(length - 1))
  const ends = [...new Set(cuts), length].sort((a, b) => a - b)
  return ends.map((end, i) => ({ pauseMs: i === 0 ? pauseMs : random.between(...SPLIT_MS), end }))
}
