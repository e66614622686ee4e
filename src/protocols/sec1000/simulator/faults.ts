import type { Random } from '../../../core/random.ts'
import { frameOf, HEAD, PREFIX, REQUEST } from '../frame.ts'

/** What can go wrong with a controller, and how. */
export const CONTROLLER_FAULTS = {
  status: 'a status of one byte comes instead of data',
  glitch: 'the inverters have no power for one refresh of 30 s',
  blank: 'all values are 0',
  strange: 'a phase has 400 V, or the phases and the meter disagree',
  checksum: 'a bit is flipped, the checksum is wrong',
  prefix: 'the reply begins with something else',
  length: 'the length field lies',
  command: 'the reply is one to another command',
  cut: 'the connection is closed in the middle of the reply',
  closed: 'the connection is closed without a reply',
  reset: 'the connection is reset',
  silent: 'there is no reply, and the connection stays open',
  split: 'the reply comes in pieces',
  slow: 'the reply comes 3 s late',
  trickle: 'the reply comes at a byte a second',
  junk: 'other bytes follow the reply',
  hang: 'asked again within 5 s, it never answers any more',
} as const
export type ControllerFault = keyof typeof CONTROLLER_FAULTS

/** Share of the replies that have a fault; of the refreshes for `glitch`, of the hasty requests for `hang`. */
export type FaultRates = ReadonlyMap<ControllerFault, number>

/** Faults that one reply can have. */
const OF_REPLIES = (Object.keys(CONTROLLER_FAULTS) as ControllerFault[]).filter(
  fault => fault !== 'glitch' && fault !== 'hang',
)

/** How a reply is sent: what, each part after a wait, and what becomes of the connection then. */
export interface Delivery {
  readonly parts: readonly { readonly waitMs: number; readonly bytes: Uint8Array }[]
  readonly end: 'open' | 'close' | 'reset'
}

/** Decides which faults happen, and counts them by name. A reply has one at most. */
export class FaultDice {
  readonly made = new Map<ControllerFault, number>()
  readonly random: Random
  readonly #rates: FaultRates
  /** More than 1 where the rates of replies sum up to more. */
  readonly #scale: number

  constructor(random: Random, rates: FaultRates) {
    this.random = random
    this.#rates = rates
    this.#scale = Math.max(
      1,
      OF_REPLIES.reduce((sum, fault) => sum + this.#rate(fault), 0),
    )
  }

  /** Whether a fault happens that is none of a reply. */
  hits(fault: 'glitch' | 'hang'): boolean {
    return this.#rate(fault) > 0 && this.random.chance(this.#rate(fault)) && this.#count(fault)
  }

  /** The fault of the next reply, if it has one. */
  ofReply(): ControllerFault | undefined {
    let left = this.random.unit() * this.#scale
    const fault = OF_REPLIES.find(name => {
      left -= this.#rate(name)
      return left < 0
    })
    if (fault !== undefined) this.#count(fault)
    return fault
  }

  #rate(fault: ControllerFault): number {
    return this.#rates.get(fault) ?? 0
  }

  #count(fault: ControllerFault): true {
    this.made.set(fault, (this.made.get(fault) ?? 0) + 1)
    return true
  }
}

/** The reply as the fault has it. `content` is what is right, `other` the content of a reply to another command. */
export function deliveryOf(
  fault: ControllerFault | undefined,
  content: Uint8Array,
  other: Uint8Array,
  random: Random,
): Delivery {
  const reply = damaged(fault, replyOf(changed(fault, content, other, random)), random)
  const half = 1 + random.int(reply.length - 1)
  const at = (waitMs: number, bytes: Uint8Array) => ({ waitMs, bytes })
  switch (fault) {
    case 'silent':
      return { parts: [], end: 'open' }
    case 'closed':
      return { parts: [], end: 'close' }
    case 'reset':
      return { parts: [], end: 'reset' }
    case 'cut':
      return { parts: [at(0, reply.subarray(0, half))], end: 'close' }
    case 'split':
      return { parts: [at(0, reply.subarray(0, half)), at(200, reply.subarray(half))], end: 'open' }
    case 'slow':
      return { parts: [at(3000, reply)], end: 'open' }
    case 'trickle':
      return { parts: Array.from(reply, byte => at(1000, Uint8Array.of(byte))), end: 'open' }
    default:
      return { parts: [at(0, reply)], end: 'open' }
  }
}

function replyOf(content: Uint8Array): Uint8Array {
  return Uint8Array.of(...PREFIX, ...frameOf(content))
}

const ACK = 0x06
const NAK = 0x15
/** Places of the first voltage and of the meter in the content of a power reply. */
const VOLTAGE_AT = REQUEST
const METER_AT = REQUEST + 36

/** A sound reply that says something else. */
function changed(
  fault: ControllerFault | undefined,
  content: Uint8Array,
  other: Uint8Array,
  random: Random,
): Uint8Array {
  if (fault === 'command') return other
  if (fault === 'status') return Uint8Array.of(...content.subarray(0, REQUEST), random.pick([ACK, NAK]))
  const copy = content.slice()
  if (fault === 'blank') copy.fill(0, REQUEST)
  if (fault !== 'strange' || copy.length < METER_AT + 4) return copy
  const view = new DataView(copy.buffer)
  if (random.chance(0.5)) view.setInt32(VOLTAGE_AT, 4000)
  else view.setInt32(METER_AT, view.getInt32(METER_AT) + 500)
  return copy
}

/** Other bytes than those of a sound reply. */
function damaged(fault: ControllerFault | undefined, reply: Uint8Array, random: Random): Uint8Array {
  if (fault === 'junk') return Uint8Array.of(...reply, 0xde, 0xad)
  const copy = reply.slice()
  if (fault === 'prefix') copy[random.int(PREFIX.length)]! ^= 1 << random.int(8)
  if (fault === 'length') new DataView(copy.buffer).setUint16(PREFIX.length, random.pick([2, 40, 200, 0x3132]))
  if (fault === 'checksum') copy[HEAD + REQUEST + random.int(copy.length - HEAD - REQUEST)]! ^= 1 << random.int(8)
  return copy
}
