/** A rule that a one-byte checksum may follow. */
interface Rule {
  readonly name: string
  /** Table of a CRC; `sum`, `minus` and `xor` for the simple ones. */
  readonly step: Uint8Array | 'sum' | 'minus' | 'xor'
}

/** Sums first, then the CRC-8 polynomials in use (SMBus, SAE J1850, AUTOSAR, WCDMA, Sensirion, DVB-S2, Maxim). */
const rules = (): readonly Rule[] => [
  { name: 'sum', step: 'sum' },
  { name: 'constant total', step: 'minus' },
  { name: 'XOR', step: 'xor' },
  ...[0x07, 0x1d, 0x2f, 0x9b, 0x31, 0xd5].map(polynomial => ({
    name: crcName(polynomial),
    step: crcTable(polynomial),
  })),
  { name: `${crcName(0x31)} reflected`, step: reflectedTable(0x8c) },
]

let known: readonly Rule[] | undefined

/** The rules, made when a grid first wants them: their tables take milliseconds of a start. */
function allRules(): readonly Rule[] {
  known ??= rules()
  return known
}

/** Misses that a rule may have from the start, and one more for every 64 hits: damaged messages make some. */
const PATIENCE = 2

/** What changed from one message to the next of the same length. */
export interface Change {
  /** The first `count` are the offsets that changed, in rising order. */
  readonly changed: Uint16Array
  readonly count: number
  readonly before: Uint8Array
  readonly now: Uint8Array
  /** Length of the payload in bytes. */
  readonly length: number
}

/** How well the first or last byte of a payload followed a rule. */
export interface CheckResult {
  readonly rule: string
  readonly at: number
  /** Messages in which it moved as the rule says, and in which it did not. */
  readonly hits: number
  readonly misses: number
  /** Hits in messages in which two other bytes or more had changed. */
  readonly rich: number
}

interface Candidate {
  readonly rule: Rule
  readonly first: boolean
  hits: number
  misses: number
  rich: number
}

/**
 * Tries whether the first or the last byte is a sum, an XOR or a CRC-8 of the others.
 *
 * Looks at what changed from one message to the next of the same length: such a difference does not depend on the start
 * value, the final XOR or bytes that are added out of sight. A rule that fails is dropped, so a payload without
 * checksum costs next to nothing.
 */
export class CheckProbe {
  readonly #candidates: Candidate[] = [false, true].flatMap(first =>
    allRules().map(rule => ({ rule, first, hits: 0, misses: 0, rich: 0 })),
  )

  /** Tests a change of one byte or more. */
  test(change: Change): void {
    const candidates = this.#candidates
    if (candidates.length === 0 || change.length < 2) return
    let kept = 0
    for (let k = 0; k < candidates.length; k++) {
      const candidate = candidates[k]!
      count(candidate, change)
      candidates[kept] = candidate
      if (candidate.misses <= PATIENCE + (candidate.hits >> 6)) kept++
    }
    candidates.length = kept
  }

  /** Lists the rules that hold so far, for payloads of `length` bytes. */
  results(length: number): CheckResult[] {
    return this.#candidates.map(({ rule, first, hits, misses, rich }) => {
      return { rule: rule.name, at: first ? 0 : length - 1, hits, misses, rich }
    })
  }
}

function count(candidate: Candidate, change: Change): void {
  const at = candidate.first ? 0 : change.length - 1
  if (!follows(candidate.rule.step, at, change)) {
    candidate.misses++
    return
  }
  candidate.hits++
  const own = change.now[at] === change.before[at] ? 0 : 1
  if (change.count - own > 1) candidate.rich++
}

function follows(step: Rule['step'], at: number, change: Change): boolean {
  const { changed, count, before, now } = change
  const was = before[at]!
  const is = now[at]!
  if (typeof step !== 'string') return crcOfChange(step, at, change) === (was ^ is)
  let sum = 0
  let xor = 0
  for (let k = 0; k < count; k++) {
    const i = changed[k]!
    if (i === at) continue
    sum += now[i]! - before[i]!
    xor ^= now[i]! ^ before[i]!
  }
  if (step === 'xor') return xor === (was ^ is)
  return ((step === 'sum' ? sum - is + was : sum + is - was) & 255) === 0
}

/** CRC of the XOR of two messages without byte `at`; bytes before the first change are zero there and add nothing. */
function crcOfChange(table: Uint8Array, at: number, { changed, before, now, length }: Change): number {
  let crc = 0
  for (let i = changed[0]!; i < length; i++) if (i !== at) crc = table[crc ^ before[i]! ^ now[i]!]!
  return crc
}

function crcName(polynomial: number): string {
  return `CRC-8 poly ${polynomial.toString(16).toUpperCase().padStart(2, '0')}`
}

function crcTable(polynomial: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ polynomial : crc << 1
    return crc
  })
}

function reflectedTable(polynomial: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
}
