import type { Line, Span, Style } from './line.ts'

/** Codes of SGR, ECMA-48, for each style; 16 colours, which every terminal has, in the user's own shades. */
const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  border: '93',
  ok: '32',
  low: '31',
  high: '33',
  other: '35',
  lowest: '1;97;44',
  highest: '1;97;41',
  alarm: '1;31',
  set: '32',
  fault: '5;7;31',
  warning: '1;33',
}
const DIM = '2'
const RESET = '\u001b[0m'

/** A line with its colours as escape codes, or without any. What follows it is plain again. */
export function painted(line: Line, colored: boolean): string {
  if (!colored) return line.map(({ text }) => text).join('')
  let result = ''
  let before = ''
  for (const piece of line) {
    if (piece.text === '') continue
    const codes = codesOf(piece)
    if (codes !== before) result += codes === '' ? RESET : `\u001b[0;${codes}m`
    result += piece.text
    before = codes
  }
  return before === '' ? result : result + RESET
}

function codesOf({ style, dim }: Span): string {
  const own = CODES[style]
  if (dim !== true || own === DIM) return own
  return own === '' ? DIM : `${DIM};${own}`
}
