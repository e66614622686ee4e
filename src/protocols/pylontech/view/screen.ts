import type { ScreenSize } from '../../../core/terminal.ts'
import { type AlarmChange, alarmsOf } from './alarms.ts'
import type { Body } from './body.ts'
import { changeLines } from './change-lines.ts'
import { WHOLE } from './curve.ts'
import { curveLines } from './curve-lines.ts'
import { helpLines } from './help.ts'
import { History } from './history.ts'
import { clipped, fitted, type Line, span } from './line.ts'
import { isOld, type Look } from './look.ts'
import { modulesPicture } from './modules-picture.ts'
import type { Module, Stack } from './stack.ts'
import { oneLine, summaryLines } from './summary.ts'
import { sorted, totalsOf } from './totals.ts'
import type { Seen, ViewState } from './view-state.ts'
import { zoomLines } from './zoom.ts'

/** What there is to show. */
export interface Content {
  /** Undefined until there is one. */
  readonly stack: Stack | undefined
  /** What the user calls the source; visible characters only. */
  readonly source: string
  /** What is wrong with it, in one line of visible characters. */
  readonly problem: string | undefined
  readonly changes: readonly AlarmChange[]
}

/** A picture, and what keys must know of it. */
export interface Screen extends Seen {
  /** As many as the terminal has rows, none wider than it; fewer than 8 rows or 40 columns have one line. */
  readonly lines: readonly Line[]
}

const LEAST_COLUMNS = 40
const LEAST_ROWS = 8
/** A screen of so many rows has more than one line of summary. */
const ROWS_FOR_TWO = 12

/** The picture of a stack as the user wants to see it, for a terminal of any size. Pure. */
export function drawScreen(content: Content, state: ViewState, look: Look, size: ScreenSize): Screen {
  const { columns, rows } = size
  const modules = sorted(content.stack?.modules ?? [], state.order)
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) {
    return { lines: cut(rows < 1 ? [] : [smallLine(content, columns, look)], look), modules, scrollMax: 0, page: 1 }
  }
  const head = headLines(content, state, look, size)
  const problem = problemLines(content, columns)
  const bodyIn = (room: number) => bodyOf(content, modules, state, look, { columns, rows: room })
  const room = rows - head.length - problem.length
  // without a summary the last line is for keys only where it has something to say
  const whole = state.summary || state.paused ? undefined : bodyIn(room)
  const hasKeys = whole === undefined || whole.indicator !== ''
  const body = hasKeys ? bodyIn(room - 1) : whole
  const keys = hasKeys ? [keyLine(state, body.indicator, columns)] : []
  const used = head.length + body.lines.length + problem.length + keys.length
  const blank = Array.from({ length: rows - used }, (): Line => [])
  const lines = [...head, ...body.lines, ...blank, ...problem, ...keys].map(line => clipped(line, columns))
  return { lines: cut(lines, look), modules, scrollMax: body.scrollMax, page: body.page }
}

/**
 * The picture of a stack for paper, as it were: summary and all modules, in as many lines as they take where `rows` says
 * nothing, without curves and keys. Pure.
 */
export function drawStill(content: Content, own: Look, columns: number, rows: number | undefined): readonly Line[] {
  const look = { ...own, history: new History() }
  const { stack, source } = content
  if (columns < LEAST_COLUMNS || (rows ?? LEAST_ROWS) < LEAST_ROWS)
    return cut([smallLine(content, columns, look)], look)
  const modules = stack?.modules ?? []
  const head = summaryLines(totalsOf(modules, look.now, look.staleAfterMs), source, columns, 2, look)
  const room = rows === undefined ? Number.POSITIVE_INFINITY : rows - head.length
  const { lines } = modulesPicture(modules, { columns, rows: room }, 0, look)
  return cut(
    [...head, ...lines].map(line => clipped(line, columns)),
    look,
  )
}

/** Without what an ASCII terminal cannot show. */
function cut(lines: readonly Line[], { glyphs }: Look): readonly Line[] {
  if (!glyphs.isAscii) return lines
  return lines.map(line => line.map(piece => ({ ...piece, text: piece.text.replace(/[^\x20-\x7e]/g, '?') })))
}

function smallLine({ stack, problem }: Content, columns: number, look: Look): Line {
  if (stack === undefined && problem !== undefined) return clipped([span(problem, 'warning')], columns)
  const totals = stack === undefined ? undefined : totalsOf(stack.modules, look.now, look.staleAfterMs)
  return oneLine(totals, columns, look)
}

function headLines({ stack, source }: Content, state: ViewState, look: Look, { columns, rows }: ScreenSize): Line[] {
  if (!state.summary) return []
  if (stack === undefined) return [[span(`waiting for ${source}`, 'faint')]]
  const totals = totalsOf(stack.modules, look.now, look.staleAfterMs)
  return summaryLines(totals, source, columns, rows < ROWS_FOR_TWO ? 1 : 2, look)
}

function bodyOf(
  content: Content,
  modules: readonly Module[],
  state: ViewState,
  look: Look,
  { columns, rows }: ScreenSize,
): Body {
  const { stack, changes } = content
  const zoomed = modules.find(({ key }) => key === state.zoomed)
  if (state.pane === 'help') return scrolled(helpLines(), state, rows)
  if (state.pane === 'changes') return scrolled(changeLines(changes), state, rows)
  if (state.pane === 'module' && zoomed !== undefined && stack !== undefined) {
    return scrolled(zoomLines(zoomed, stack, columns, look), state, rows)
  }
  const shown = state.alarmsOnly
    ? modules.filter(module => alarmsOf(module).length > 0 || isOld(module, look))
    : modules
  if (shown.length === 0) return scrolled([[span(nothingText(content, state))]], state, rows)
  const curves = state.summary ? curveLines(WHOLE, columns, look) : []
  const kept = curves.length > 0 && rows >= ROWS_FOR_CURVE ? 1 : 0
  const picture = modulesPicture(shown, { columns, rows: rows - kept }, state.scroll, look)
  return { ...picture, lines: [...picture.lines, ...curves].slice(0, Math.max(rows, 0)) }
}

/** A body of so many rows gives one of them to a curve of the whole stack. */
const ROWS_FOR_CURVE = 10

function nothingText({ stack, source }: Content, { alarmsOnly }: ViewState): string {
  if (stack === undefined) return `nothing has come from ${source} yet`
  return alarmsOnly && stack.modules.length > 0 ? 'no module has an alarm; a shows all' : 'there are no modules'
}

function scrolled(lines: readonly Line[], { scroll }: ViewState, rows: number): Body {
  const scrollMax = Math.max(0, lines.length - rows)
  const top = Math.min(scroll, scrollMax)
  const shown = lines.slice(top, top + rows)
  const indicator = scrollMax === 0 ? '' : `lines ${top + 1}-${top + shown.length} of ${lines.length}`
  return { lines: shown, scrollMax, page: Math.max(1, rows - 1), indicator }
}

/** A line about trouble may go on in a second one: what it will do about it stands at its end. */
const PROBLEM_LINES = 2

function problemLines({ problem }: Content, columns: number): Line[] {
  if (problem === undefined) return []
  const lines = ['']
  for (const word of problem.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= columns || lines.length === PROBLEM_LINES) {
      lines[lines.length - 1] = `${line} ${word}`
    } else lines.push(word)
  }
  return lines.map(line => [span(line, 'warning')])
}

const HINTS = ['q quit', '? help', 'p pause', 's order', 'a alarms', 'm curve', 'w time']

/** As many hints as have room. */
function hintText(columns: number): string {
  let text = ''
  for (const hint of HINTS) {
    if (text.length + hint.length > columns) break
    text += `${hint}  `
  }
  return text
}

function keyLine(state: ViewState, indicator: string, columns: number): Line {
  const paused = state.paused ? 'PAUSED  ' : ''
  const order = state.order === 'address' ? '' : `by ${state.order}  `
  const room = columns - indicator.length
  const hints = hintText(room - paused.length - order.length)
  return [...fitted([span(paused, 'warning'), span(order), span(hints, 'faint')], room), span(indicator)]
}
