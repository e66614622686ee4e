/** A column of a table on the screen. */
export interface Column {
  readonly title: string
  readonly right?: boolean
  /** Colours a cell; the width is that of the plain text. */
  readonly paint?: (text: string) => string
}

/** Rows under their titles in lines of text, cells aligned, two spaces between; columns without a single cell fall out. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): string {
  const used = columns.map((_, i) => i).filter(i => rows.some(row => row[i] !== ''))
  const widths = columns.map((column, i) =>
    rows.reduce((most, row) => Math.max(most, width(row[i]!)), width(column.title)),
  )
  const line = (cells: readonly string[], title: boolean): string => {
    const parts = used.map((i, n) => {
      const { right = false, paint } = columns[i]!
      const text = n === used.length - 1 && !right ? cells[i]! : padded(cells[i]!, widths[i]!, right)
      return paint === undefined || title ? text : paint(text)
    })
    return `${indent}${parts.join('  ')}`.trimEnd()
  }
  const head = line(
    columns.map(({ title }) => title),
    true,
  )
  return `${[head, ...rows.map(row => line(row, false))].join('\n')}\n`
}

function padded(text: string, to: number, right: boolean): string {
  const gap = ' '.repeat(to - width(text))
  return right ? gap + text : text + gap
}

function width(text: string): number {
  return [...text].length
}
