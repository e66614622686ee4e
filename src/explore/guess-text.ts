import { type ByteStats, listValues } from './byte-summary.ts'
import type { Parts } from './guess-kinds.ts'

/** Letters, digits and the marks that stand in names, serial numbers and versions. */
const TEXT = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -._:/'.split('').map(charCode))

/** Letters of a text that the evidence quotes. */
const SHOWN = 40

/** Bytes that text takes at least: shorter rows of such values come about by chance. */
const TEXT_BYTES = 4

function charCode(letter: string): number {
  return letter.charCodeAt(0)
}

/** Claims rows of bytes that have never been anything but letters, digits and a few marks. */
export function findText(bytes: readonly ByteStats[], parts: Parts): void {
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== undefined && parts[at] === undefined && isText(byte)) continue
    claimText(bytes.slice(start, at), parts)
    start = at + 1
  }
}

function isText(byte: ByteStats): boolean {
  return listValues(byte.values).every(value => TEXT.has(value))
}

function claimText(run: readonly ByteStats[], parts: Parts): void {
  const text = String.fromCharCode(...run.map(byte => byte.last))
  // Equal bytes are rather equal numbers: 64 64 64 64 is four times 100 %.
  if (run.length < TEXT_BYTES || new Set(text).size < 3) return
  const { offset } = run[0]!
  const shown = text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}...`
  const evidence = `"${shown}" at ${offset}..${run.at(-1)!.offset}: nothing but letters, digits and -._:/`
  const steady = run.every(byte => byte.changes === 0)
  const confidence = run.length >= 8 ? 'high' : run.length >= 6 && steady ? 'medium' : 'low'
  for (const byte of run) {
    const own = byte.offset === offset ? evidence : `"${String.fromCharCode(byte.last)}", see ${offset}`
    parts[byte.offset] = { kind: 'text', guess: 'text', evidence: own, confidence }
  }
}
