import { type ByteStats, listValues } from './byte-summary.ts'
import type { Confidence, Guess, GuessKind } from './guess-kinds.ts'

/** Fewer steps than this do not make a counter, nor any other guess that rests on steps. */
const ENOUGH_STEPS = 4

/** Changes from which on a spread can be called even. */
const ENOUGH_FOR_SPREAD = 16

/** Mean size of a step between evenly spread bytes, the short way round. */
const EVEN_STEP = 64

/** More random bytes than the widest common checksum has (CRC-32): then they are not checksums. */
const WIDEST_CHECKSUM = 4

/** Guesses a byte from its own statistics; `random` is how many bytes of the payload look random, this one included. */
export function describeByte(byte: ByteStats, payloadBytes: number, random: number): Guess {
  return (
    constant(byte) ??
    flag(byte) ??
    fewChanges(byte) ??
    counter(byte) ??
    counterInHalf(byte) ??
    checksum(byte, payloadBytes, random) ??
    noise(byte, random) ??
    bitField(byte) ??
    state(byte) ??
    slowValue(byte) ??
    made('unclear', `${changed(byte)}, ${spread(byte)}`, 'low')
  )
}

/** Says how often a byte changed: `changed 3 of 811 times`. */
export function changed(byte: ByteStats): string {
  return `changed ${byte.changes} of ${byte.seen - 1} times`
}

/** A byte as two hex digits. */
export function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}

/** A mean with one decimal at most. */
export function brief(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** True when the values spread like thrown dice: enough different ones, far apart. */
export function looksRandom(byte: ByteStats): boolean {
  if (byte.changes < ENOUGH_FOR_SPREAD || byte.meanStep < EVEN_STEP * 0.6) return false
  const expected = 256 * (1 - (255 / 256) ** (byte.changes + 1))
  return byte.distinct >= 0.85 * expected
}

function made(kind: GuessKind, evidence: string, confidence: Confidence, guess: string = kind): Guess {
  return { kind, guess, evidence, confidence }
}

function spread(byte: ByteStats): string {
  const { min, max } = byte.range
  return `${byte.distinct} values from ${hex(min)} to ${hex(max)}, mean step ${brief(byte.meanStep)}`
}

function constant(byte: ByteStats): Guess | undefined {
  if (byte.changes > 0) return undefined
  return made('constant', `${hex(byte.last)} in all ${byte.seen} messages`, byte.seen >= 16 ? 'high' : 'medium')
}

/** Two values that differ in one bit; neighbours such as 20 and 21 are left to `slowValue`. */
function flag(byte: ByteStats): Guess | undefined {
  if (byte.distinct !== 2 || byte.changes < 2) return undefined
  const { min, max } = byte.range
  const bit = Math.log2(min ^ max)
  if (!Number.isInteger(bit) || neighbours(byte)) return undefined
  const evidence = `${changed(byte)}, ${hex(min)} or ${hex(max)}: only bit ${bit} moves`
  const confidence = min !== 0 || byte.changes < ENOUGH_STEPS ? 'low' : byte.changes < 8 ? 'medium' : 'high'
  return made('flag', evidence, confidence)
}

function neighbours(byte: ByteStats): boolean {
  return byte.distinct === 2 && span(byte) === 1 && byte.range.min >= 2
}

function fewChanges(byte: ByteStats): Guess | undefined {
  if (byte.changes >= ENOUGH_STEPS) return undefined
  return made('few changes', `${changed(byte)}, values ${valueList(byte)}`, 'low')
}

function valueList(byte: ByteStats): string {
  return listValues(byte.values).map(hex).join(' ')
}

function counter(byte: ByteStats): Guess | undefined {
  const { changes, step } = byte
  const wraps = wrapsOf(byte)
  if (changes < ENOUGH_STEPS || step.hits < ENOUGH_STEPS || byte.distinct < 3) return undefined
  const share = (step.hits + wraps) / changes
  const onward = (step.size > 0 ? byte.ups : changes - byte.ups) + (wrapsOnward(byte) ? 0 : wraps)
  if (share < 0.8 || onward < 0.95 * changes) return undefined
  const wrap = wrapText(byte, wraps)
  if (wrap === undefined && changes < (byte.seen - 1) / 2) return undefined // a value that rises now and then
  const steps =
    share === 1 && wraps === 0 ? `${stepText(byte)} each time` : `${stepText(byte)} in ${step.hits} of these`
  const skips = share < 1 ? `, ${changes - step.hits - wraps} other steps (skips)` : ''
  const confidence = share === 1 && changes >= 16 ? 'high' : share >= 0.9 && changes >= 8 ? 'medium' : 'low'
  const still = byte.toggles.findIndex(count => count > 0)
  const place = still > 0 ? `counter in bits ${still}-7` : 'counter'
  return made('counter', `${changed(byte)}, ${steps}${skips}, ${wrap ?? 'no wrap seen'}`, confidence, place)
}

/** Times that the byte started again. What goes onward all the same, such as 254 to 0, is a skip unless it recurs. */
function wrapsOf(byte: ByteStats): number {
  const { step, wrap } = byte
  const back = step.size > 0 ? wrap.from > wrap.to : wrap.from < wrap.to
  return back && wrap.hits >= (wrapsOnward(byte) ? 2 : 1) ? wrap.hits : 0
}

/** Whether the way from the last number to the first is, the short way round, one in the direction of the steps. */
function wrapsOnward({ step, wrap }: ByteStats): boolean {
  return step.size > 0 === ((wrap.to - wrap.from) & 255) < 128
}

/** Says where a counter starts again; undefined when it never did. */
function wrapText(byte: ByteStats, wraps: number): string | undefined {
  if (wraps > 0) return `from ${byte.wrap.from} back to ${byte.wrap.to} ${wraps === 1 ? 'once' : `${wraps} times`}`
  const { min, max } = byte.range
  const oneWay = byte.ups === byte.changes || byte.ups === 0
  const wentRound = oneWay && Math.round(byte.meanStep * byte.changes) !== max - min // as a straight way would be
  return wentRound ? `wraps at ${byte.step.size > 0 ? max : min}` : undefined
}

function stepText({ step }: ByteStats): string {
  return step.size > 0 ? `+${step.size}` : String(step.size)
}

/** A counter in four bits beside other things: each bit toggles half as often as the one below. */
function counterInHalf(byte: ByteStats): Guess | undefined {
  for (const low of [0, 4]) {
    const toggles = byte.toggles.slice(low, low + 4)
    const first = toggles[0]!
    if (first < ENOUGH_FOR_SPREAD || first < 0.95 * (byte.seen - 1)) continue
    if (!toggles.every((count, bit) => Math.abs(count - first / 2 ** bit) <= 1 + (0.1 * first) / 2 ** bit)) continue
    const evidence = `toggles ${toggles.join(' ')}, each bit half as often as the one below`
    return made('counter', evidence, first >= 64 ? 'high' : 'medium', `counter in bits ${low}-${low + 3}`)
  }
  return undefined
}

/** Follows every change of the others, never moves on its own, and spreads evenly. */
function checksum(byte: ByteStats, payloadBytes: number, random: number): Guess | undefined {
  const { changes, othersChanged } = byte
  if (!looksRandom(byte) || random > WIDEST_CHECKSUM || byte.alone > 0) return undefined
  if (othersChanged - changes > Math.max(1, 0.02 * othersChanged)) return undefined
  const still = byte.seen - 1 - othersChanged
  const atEdge = byte.offset === 0 || byte.offset >= payloadBytes - random
  const rest = still > 0 ? `held still the ${still} times they did` : 'they changed every time, so noise fits as well'
  const evidence = `changed ${changes} of the ${othersChanged} times that others did, ${rest}; ${spread(byte)}`
  return made('checksum-like', evidence, still >= 2 && atEdge ? 'medium' : 'low')
}

function noise(byte: ByteStats, random: number): Guess | undefined {
  if (!looksRandom(byte) || byte.changes < 0.9 * (byte.seen - 1)) return undefined
  const alone = byte.alone > 0 ? `, ${byte.alone} times alone` : ''
  const company = random > 1 ? `; ${random} bytes are like this` : ''
  return made('noise', `${changed(byte)}${alone}, ${spread(byte)}${company}`, byte.changes >= 64 ? 'medium' : 'low')
}

/** Several bits that move one at a time, and far apart in value. */
function bitField(byte: ByteStats): Guess | undefined {
  const moving = byte.toggles.flatMap((count, bit) => (count > 0 ? [bit] : []))
  const perChange = byte.toggles.reduce((sum, count) => sum + count, 0) / byte.changes
  if (moving.length < 2 || perChange > 1.3 || byte.meanStep <= 1.5) return undefined
  const counts = moving.map(bit => byte.toggles[bit]).join(' ')
  const evidence = `${changed(byte)}, bits ${moving.join(' ')} toggled ${counts} times, ${brief(perChange)} per change`
  return made('bit field', evidence, byte.changes >= 16 ? 'medium' : 'low')
}

/** A few values that come back, and that are small or far apart: modes rather than measurements. */
function state(byte: ByteStats): Guess | undefined {
  if (byte.changes < 2 * byte.distinct || byte.distinct > 8 || neighbours(byte)) return undefined
  if (byte.range.max > 8 && span(byte) < 3 * byte.distinct) return undefined
  const confidence = byte.changes >= 4 * byte.distinct ? 'medium' : 'low'
  return made('state', `${changed(byte)}, ${byte.distinct} values: ${valueList(byte)}`, confidence)
}

/** Small steps, in themselves or against the range. */
function slowValue(byte: ByteStats): Guess | undefined {
  if (byte.meanStep > 1.5 && byte.meanStep > span(byte) / 6 && span(byte) > 16) return undefined
  const { min, max } = byte.range
  const only = byte.ups === byte.changes ? ', only rises' : byte.ups === 0 ? ', only falls' : ''
  const evidence = `${changed(byte)}, mean step ${brief(byte.meanStep)} within ${hex(min)}..${hex(max)}${only}`
  return made('slow value', evidence, byte.changes >= 16 && byte.distinct >= 4 ? 'medium' : 'low')
}

function span({ range }: ByteStats): number {
  return range.max - range.min
}
