import type { ByteStats } from './byte-summary.ts'
import { changed } from './guess-byte.ts'
import type { Parts } from './guess-kinds.ts'

/** Claims groups of four bytes that behave as a little-endian f32; the smoothest first where two overlap. */
export function findFloats(bytes: readonly ByteStats[], parts: Parts): void {
  const places = bytes.flatMap((_, at) => {
    const four = bytes.slice(at, at + 4)
    return four.length === 4 && isFloat(four) && four.every(byte => parts[byte.offset] === undefined) ? [four] : []
  })
  places.sort((a, b) => b[0]!.float!.smooth - a[0]!.float!.smooth)
  for (const four of places) {
    if (four.every(byte => parts[byte.offset] === undefined)) claimFloat(four, parts)
  }
}

/** Plausible all the time, the lowest byte of the mantissa rolling freely, and no byte faster than the one below. */
function isFloat([b0, b1, b2, b3]: readonly ByteStats[]): boolean {
  const float = b0!.float
  if (float?.range === undefined) return false
  const steps = float.values - 1
  if (steps < 4 || float.implausible > 0.05 * float.values || float.smooth < 0.7 * steps) return false
  const rolling = Math.min(b0!.changes, b1!.changes) >= 0.8 * steps && b0!.meanStep >= 32
  return rolling && b1!.changes >= b2!.changes && b2!.changes >= b3!.changes
}

function claimFloat(four: readonly ByteStats[], parts: Parts): void {
  const { range, values, smooth, implausible } = four[0]!.float!
  const { offset } = four[0]!
  const odd = implausible === 0 ? '' : `, ${implausible} implausible`
  const steps = `${smooth} of ${values - 1} steps within a twentieth${odd}`
  const evidence = `${short(range!.min)}..${short(range!.max)}, ${steps}; both low bytes change with it`
  const confidence = values > 16 ? 'high' : 'medium'
  parts[offset] = { kind: 'float', guess: `f32 at ${offset}`, evidence, confidence }
  for (const byte of four.slice(1)) {
    const guess = `byte ${byte.offset - offset + 1} of f32 at ${offset}`
    parts[byte.offset] = { kind: 'float', guess, evidence: `${changed(byte)}; see ${offset}`, confidence }
  }
}

/** A float with four digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
