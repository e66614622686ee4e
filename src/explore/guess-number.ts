import { type ByteStats, listValues, type PairStats } from './byte-summary.ts'
import { brief, changed } from './guess-byte.ts'
import type { Confidence, Guess, LowByte, Parts } from './guess-kinds.ts'

/** What a carry weighs, in bits: two bytes of their own make one in 8 moves of the high byte, a tight one in 120. */
const CARRY_WEIGHT = 3
const TIGHT_WEIGHT = 6

/** Least weight of a link; twice that if most changes of the high byte are jumps, which prove nothing either way. */
const LINK_WEIGHT = 6

/** That byte `at` and the one behind it belong together. */
interface Link {
  readonly order: 'little' | 'big'
  readonly weight: number
}

/** Claims whole numbers of 2 to 8 bytes, either byte order, by the carries between their bytes. */
export function findNumbers(bytes: readonly ByteStats[], parts: Parts): void {
  const links = bytes.map((byte, at) => linkAt(byte, bytes[at + 1], parts))
  for (let at = 1; at < links.length; at++) {
    const one = links[at - 1]
    const two = links[at]
    if (one === undefined || two === undefined || one.order === two.order) continue
    links[one.weight >= two.weight ? at : at - 1] = undefined // one byte cannot be in values of both orders
  }
  for (let start = 0; start < links.length; start++) {
    const first = links[start]
    if (first === undefined) continue
    let end = start + 1
    while (end - start < 7 && links[end]?.order === first.order) end++
    claimNumber(bytes.slice(start, end + 1), first.order, parts)
    start = end
  }
}

function linkAt(byte: ByteStats, next: ByteStats | undefined, parts: Parts): Link | undefined {
  if (next === undefined || parts[byte.offset] !== undefined || parts[next.offset] !== undefined) return undefined
  const little = linkWeight(byte.little!, next)
  const big = linkWeight(byte.big!, byte)
  const weight = Math.max(little, big)
  return weight === 0 ? undefined : { order: little >= big ? 'little' : 'big', weight }
}

/** How strongly the steps of two bytes speak for one value; nothing if the high byte moves without a carry. */
function linkWeight(pair: PairStats, high: ByteStats): number {
  if (pair.against > 0.05 * pair.carries) return 0
  const jumpy = pair.carries < 0.4 * high.changes
  // Unrelated things that take turns in one place repeat the same few steps, carries among them: those steps are large.
  if (jumpy && pair.meanStep > (pair.unsigned.max - pair.unsigned.min) / 6) return 0
  const weight = weigh(pair)
  return weight >= (jumpy ? 2 : 1) * LINK_WEIGHT ? weight : 0
}

function weigh(pair: PairStats): number {
  return pair.carries * CARRY_WEIGHT + pair.tight * (TIGHT_WEIGHT - CARRY_WEIGHT)
}

/** `run` is in order of offset; from here on the lowest byte comes first, whichever order the wire has. */
function claimNumber(run: readonly ByteStats[], order: Link['order'], parts: Parts): void {
  const bytes = order === 'little' ? run : [...run].reverse()
  const sign = crossesZero(bytes.at(-1)!) ? 'i' : 'u'
  const value = `${sign}${run.length * 8}${order === 'little' ? '' : 'be'} at ${run[0]!.offset}`
  for (let k = 1; k < bytes.length; k++) {
    const byte = bytes[k]!
    const low = bytes[k - 1]!
    const { pair, evidence } = carryEvidence(low, byte, order)
    const confidence = confidenceOf(weigh(pair))
    const guess = k === bytes.length - 1 ? `high byte of ${value}` : `middle byte of ${value}`
    parts[byte.offset] = { kind: 'high byte', guess, evidence, confidence }
    if (k === 1) parts[low.offset] = { value, evidence: lowEvidence(byte, pair, sign, bytes.length), confidence }
  }
}

/** True for a highest byte that goes from 00 down to FF and stays near there: a value with a sign. */
function crossesZero({ values }: ByteStats): boolean {
  const list = listValues(values)
  return list[0] === 0 && list.at(-1) === 255 && list.every(value => value < 64 || value >= 192)
}

function carryEvidence(low: ByteStats, high: ByteStats, order: Link['order']): { pair: PairStats; evidence: string } {
  const pair = (order === 'little' ? low.little : high.big)!
  const tight = pair.tight > 0 ? `, ${pair.tight} of them in a step of 32 or less` : ''
  const carries = `${pair.carries} by one as byte ${low.offset} wrapped${tight}`
  const against = pair.against > 0 ? `, ${pair.against} by one without` : ''
  return { pair, evidence: `${changed(high)}, ${carries}${against}` }
}

function lowEvidence(high: ByteStats, pair: PairStats, sign: 'i' | 'u', width: number): string {
  const carried = `byte ${high.offset} carries (${pair.carries})`
  if (width > 2) return carried
  const { min, max } = sign === 'i' ? pair.signed : pair.unsigned
  return `${carried}, as ${sign}16 ${min}..${max}, mean step ${brief(pair.meanStep)}`
}

function confidenceOf(weight: number): Confidence {
  return weight >= 3 * LINK_WEIGHT ? 'high' : weight >= 2 * LINK_WEIGHT ? 'medium' : 'low'
}

/** The guess for a lowest byte: its own, put into the words of the wider value. */
export function ofWider(own: Guess, low: LowByte): Guess {
  const evidence = `${own.evidence}; ${low.evidence}`
  if (own.kind === 'counter' || own.kind === 'slow value') {
    return { ...own, guess: `${own.guess} (${low.value})`, evidence }
  }
  return { kind: 'low byte', guess: `low byte of ${low.value}`, evidence, confidence: low.confidence }
}
