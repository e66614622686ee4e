import type { ByteGrid } from './byte-grid.ts'
import type { ByteStats, Range, StreamSummary } from './byte-summary.ts'
import { guessBytes } from './guess.ts'
import { hex } from './guess-byte.ts'
import { short } from './guess-float.ts'
import type { Guess } from './guess-kinds.ts'

/** Colours of the parts of a grid, each a function from text to text. */
export interface GridPaint {
  /** Name of a stream. */
  readonly name: (text: string) => string
  /** Column titles, and rows of bytes that never changed. */
  readonly quiet: (text: string) => string
  /** The guess of a byte that changed. */
  readonly guess: (text: string) => string
}

/** No colour at all. */
export const PLAIN: GridPaint = { name: plain, quiet: plain, guess: plain }

/** How a grid is laid out. */
export interface GridTextOptions {
  /** Columns of the terminal; without it lines are as long as they come, one row per line. */
  readonly width?: number
  readonly paint?: GridPaint
}

interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
  readonly text: (byte: ByteStats, guess: Guess) => string
}

const COLUMNS: readonly Column[] = [
  { title: 'at', align: 'right', text: byte => String(byte.offset) },
  { title: 'last', align: 'left', text: byte => hex(byte.last) },
  { title: 'changes', align: 'right', text: changes },
  { title: 'u8', align: 'left', text: byte => rangeText(byte.range) },
  { title: 'u16', align: 'left', text: byte => rangeText(byte.little?.unsigned) },
  { title: 'i16', align: 'left', text: byte => rangeText(byte.little?.signed) },
  { title: 'f32', align: 'left', text: floatText },
  { title: 'guess', align: 'left', text: (_, guess) => guessText(guess) },
]

/** Columns to leave out when a terminal is narrow, dearest last. */
const DISPENSABLE = ['i16', 'f32', 'u16']

/** Evidence narrower than this is set below its row. */
const BESIDE = 32

/** Yields the lines of a whole grid, without line ends: a header and a table per stream, and what was left out. */
export function* gridLines(grid: ByteGrid, options: GridTextOptions = {}): Generator<string> {
  let first = true
  for (const stream of grid.summaries()) {
    if (!first) yield ''
    first = false
    yield* streamLines(stream, options)
  }
  if (grid.untracked > 0) yield `${counted(grid.untracked, 'message')} of further streams not shown`
}

/** Yields the lines of one stream: header, column titles, a row per byte. */
export function* streamLines(stream: StreamSummary, options: GridTextOptions = {}): Generator<string> {
  const { width, paint = PLAIN } = options
  yield paint.name(visible(stream.name)) + headline(stream)
  if (stream.bytes.length === 0) return
  const guesses = guessBytes(stream)
  const table = layOut(stream.bytes, guesses, width)
  yield paint.quiet(`${table.titles.join('  ')}${table.beside ? '  evidence' : ''}`.trimEnd())
  for (const [at, cells] of table.rows.entries()) yield* rowLines(cells, guesses[at]!, table, options)
}

interface Table {
  readonly titles: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Columns that all cells take, with the gaps. */
  readonly taken: number
  /** Whether the evidence stands at the end of its row rather than below. */
  readonly beside: boolean
}

function layOut(bytes: readonly ByteStats[], guesses: readonly Guess[], width: number | undefined): Table {
  const all = COLUMNS.map(column => padded(column, bytes, guesses))
  const limit = width ?? Number.POSITIVE_INFINITY
  const left = all.filter(({ column }) => !tooMany(column.title, all, limit))
  const taken = total(left)
  const rows = bytes.map((_, at) => left.map(({ cells }) => cells[at]!))
  return { titles: left.map(({ title }) => title), rows, taken, beside: limit - taken - 2 >= BESIDE }
}

interface PaddedColumn {
  readonly column: Column
  readonly title: string
  readonly cells: readonly string[]
}

function padded(column: Column, bytes: readonly ByteStats[], guesses: readonly Guess[]): PaddedColumn {
  const texts = bytes.map((byte, at) => column.text(byte, guesses[at]!))
  const size = texts.reduce((most, text) => Math.max(most, text.length), column.title.length)
  const pad = (text: string): string => (column.align === 'right' ? text.padStart(size) : text.padEnd(size))
  return { column, title: pad(column.title), cells: texts.map(pad) }
}

/** Whether a column has to go: those before it in the order of dispensing are gone, and it still does not fit. */
function tooMany(title: string, all: readonly PaddedColumn[], limit: number): boolean {
  const rank = DISPENSABLE.indexOf(title)
  if (rank < 0) return false
  const gone = DISPENSABLE.slice(0, rank)
  return total(all.filter(({ column }) => !gone.includes(column.title))) > limit
}

function total(columns: readonly PaddedColumn[]): number {
  return columns.reduce((sum, { title }) => sum + title.length + 2, -2)
}

function* rowLines(
  cells: readonly string[],
  guess: Guess,
  table: Table,
  { width, paint = PLAIN }: GridTextOptions,
): Generator<string> {
  const limit = width ?? Number.POSITIVE_INFINITY
  const quiet = guess.kind === 'constant'
  const front = `${cells.slice(0, -1).join('  ')}  `
  const own = table.beside ? cells.at(-1)! : cells.at(-1)!.trimEnd()
  const fits = front.length + own.length + 2 + guess.evidence.length <= limit
  const indent = table.beside ? table.taken + 2 : 4
  const evidence = fits ? [guess.evidence] : wrap(guess.evidence, limit - indent)
  const beside = fits || table.beside ? `  ${evidence.shift()}` : ''
  yield quiet ? paint.quiet(front + own + beside) : front + paint.guess(own) + beside
  for (const line of evidence) yield quiet ? paint.quiet(' '.repeat(indent) + line) : ' '.repeat(indent) + line
}

/** Breaks a text between words; a word longer than the room stays whole. */
function wrap(text: string, room: number): string[] {
  if (text.length <= room) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines
}

function headline({ messages, lengths, cut, bytes }: StreamSummary): string {
  const size = lengths.min === lengths.max ? counted(lengths.max, 'byte') : `${lengths.min}..${lengths.max} bytes`
  const missing = cut === 0 ? '' : `, only ${bytes.length} shown (${counted(cut, 'message')} longer)`
  return `  ${counted(messages, 'message')} of ${size}${missing}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Count and share of the messages in which the byte could change. */
function changes({ changes, seen }: ByteStats): string {
  if (changes === 0) return '-'
  const share = (changes / (seen - 1)) * 100
  return `${changes} ${share < 1 ? '<1' : Math.floor(share)}%`
}

function rangeText(range: Range | undefined): string {
  if (range === undefined) return ''
  return range.min === range.max ? String(range.min) : `${range.min}..${range.max}`
}

/** Blank unless nine of ten values are plausible and not all zero; says how many were not. */
function floatText({ float }: ByteStats, { kind }: Guess): string {
  if (float?.range === undefined || kind === 'text' || float.implausible > 0.1 * float.values) return ''
  const { min, max } = float.range
  if (min === 0 && max === 0) return ''
  const odd = float.implausible > 0 ? ` (${float.implausible} not)` : ''
  const [low, high] = [short(min), short(max)]
  return (low === high ? low : `${low}..${high}`) + odd
}

/** The guess, with a question mark where it is no more than that. */
function guessText({ guess, kind, confidence }: Guess): string {
  const sure = confidence !== 'low' || kind === 'too few messages' || kind === 'few changes' || kind === 'unclear'
  return sure ? guess : `${guess}?`
}

/** A name without what could steer a terminal. */
function visible(name: string): string {
  return name.replace(/[\u0000-\u001f\u007f-\u009f]/g, '_')
}

function plain(text: string): string {
  return text
}
