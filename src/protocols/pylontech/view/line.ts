/** What a piece of text means; the painter knows how that looks. */
export type Style =
  | 'plain'
  | 'strong'
  | 'faint'
  | 'border'
  /** Alarm codes: normal, below its limit, above it, anything else. */
  | 'ok'
  | 'low'
  | 'high'
  | 'other'
  /** Cells of the lowest and of the highest voltage, where they drift apart. */
  | 'lowest'
  | 'highest'
  /** A status that is bad when it is set, and one that is not. */
  | 'alarm'
  | 'set'
  | 'fault'
  | 'warning'

/** Text of one style. Every character is one column wide: what comes from elsewhere has been through `visible`. */
export interface Span {
  readonly text: string
  readonly style: Style
  /** Of something that is old. */
  readonly dim?: true
}

/** One line of a screen. */
export type Line = readonly Span[]

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style }
}

/** Columns that a line takes. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0)
}

/** The text without its styles. */
export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('')
}

/** The part of a line that `columns` have room for. */
export function clipped(line: Line, columns: number): Line {
  const kept: Span[] = []
  let left = Math.max(0, columns)
  for (const piece of line) {
    if (left === 0) break
    kept.push(piece.text.length <= left ? piece : { ...piece, text: piece.text.slice(0, left) })
    left -= Math.min(left, piece.text.length)
  }
  return kept
}

/** The line with blanks behind it, or cut off, so that it takes just so many columns. */
export function fitted(line: Line, columns: number): Line {
  const blank = columns - widthOf(line)
  return blank > 0 ? [...line, span(' '.repeat(blank))] : clipped(line, columns)
}

/** The line of something that is old. */
export function dimmed(line: Line): Line {
  return line.map(piece => ({ ...piece, dim: true }))
}

/** A text at a column. */
export type Placed = readonly [column: number, text: string, style?: Style]

/** A line of so many columns with texts at their places; a later one covers an earlier one. */
export function placed(columns: number, items: readonly Placed[]): Line {
  const text = Array.from({ length: columns }, () => ' ')
  const styles = Array.from({ length: columns }, (): Style => 'plain')
  for (const [column, own, style = 'plain'] of items) {
    for (let i = 0; i < own.length && column + i < columns; i++) {
      text[column + i] = own[i]!
      styles[column + i] = style
    }
  }
  const line: Span[] = []
  for (let from = 0, to = 0; from < columns; from = to) {
    while (to < columns && styles[to] === styles[from]) to++
    line.push(span(text.slice(from, to).join(''), styles[from]))
  }
  return line
}
