import { alarmsOf, codeMark, codeStyle } from './alarms.ts'
import { cellMark, cellShort } from './cells.ts'
import { fixed, volts, whole } from './format.ts'
import { dimmed, fitted, type Line, placed, type Span, type Style, span } from './line.ts'
import { curveName, curveText, isOld, type Look } from './look.ts'
import { cellRange, hottest, type Module, spreadOf } from './stack.ts'
import { whyOld } from './why-old.ts'

/** A column of the table of modules. */
interface Column {
  readonly title: string
  readonly width: number
  readonly text: (module: Module, look: Look) => string
  readonly style?: (module: Module, look: Look) => Style
}

/** In the order in which they stand. */
const COLUMNS = {
  number: { title: '#', width: 3, text: ({ number }) => String(number) },
  soc: { title: 'SOC', width: 4, text: ({ soc }) => `${whole(soc, 3)}%` },
  volts: { title: 'V', width: 7, text: ({ voltage }) => fixed(voltage, 3, 7) },
  amperes: { title: 'A', width: 6, text: ({ current }) => fixed(current, 1, 6) },
  watts: { title: 'W', width: 6, text: ({ power }) => whole(power, 6) },
  low: { title: 'min', width: 6, text: lowText, style: extremeStyle('lowest') },
  high: { title: 'max', width: 6, text: highText, style: extremeStyle('highest') },
  spread: { title: 'dmV', width: 4, text: module => whole(spreadOf(module), 4), style: spreadStyle },
  hottest: { title: 'Tmax', width: 5, text: hottestText, style: hottestStyle },
  state: { title: 'state', width: 5, text: stateText, style: stateStyle },
} satisfies Record<string, Column>

type ColumnName = keyof typeof COLUMNS

/** What a narrow screen keeps longest comes first. */
const IMPORTANCE = ['number', 'soc', 'spread', 'state', 'amperes', 'hottest', 'volts', 'watts', 'low', 'high'] as const
/** Columns that alarms have at least, and at most where there is a curve, which has at least so many. */
const LEAST_ALARMS = 7
const MOST_ALARMS = 30
const LEAST_CURVE = 24

/** How the columns of a screen are shared out. */
interface Plan {
  readonly columns: readonly Column[]
  readonly alarms: number
  /** 0: none. */
  readonly curve: number
}

function planFor(columns: number): Plan {
  const chosen = new Set<ColumnName>()
  let left = columns - LEAST_ALARMS
  for (const name of IMPORTANCE) {
    if (COLUMNS[name].width + 1 > left) break
    left -= COLUMNS[name].width + 1
    chosen.add(name)
  }
  const rest = left + LEAST_ALARMS
  const curve = rest - MOST_ALARMS - 1 >= LEAST_CURVE ? rest - MOST_ALARMS - 1 : 0
  const names = (Object.keys(COLUMNS) as ColumnName[]).filter(name => chosen.has(name))
  return { columns: names.map(name => COLUMNS[name]), alarms: curve > 0 ? MOST_ALARMS : rest, curve }
}

/** The titles over the rows of modules. */
export function tableTitle(columns: number): Line {
  const plan = planFor(columns)
  const titles = plan.columns.map(({ title, width }) => `${title.padStart(width)} `)
  return [span(`${titles.join('')}alarms`, 'faint')]
}

/** One module in one line. */
export function tableRow(module: Module, columns: number, look: Look): Line {
  const plan = planFor(columns)
  const values = plan.columns.flatMap((column: Column) => [
    span(column.text(module, look).padStart(column.width), column.style?.(module, look)),
    span(' '),
  ])
  const alarms = fitted(alarmSpans(module, look), plan.alarms)
  const line = [...values, ...alarms, ...curveSpans(module, plan.curve, look)]
  return isOld(module, look) ? dimmed(line) : line
}

/** The cells of a module in one line: whole mV where there is room, else their heights. */
export function cellsRow(module: Module, columns: number, look: Look): Line {
  const range = cellRange(module)
  const marked = module.cells.map(cell => ({ cell, ...cellMark(cell, range, look.thresholdMv) }))
  const fits = INDENT + marked.length * CELL_COLUMNS <= columns
  const indent = fits || marked.length * CELL_COLUMNS > columns ? INDENT : 0
  const line =
    fits || indent === 0
      ? placed(
          columns,
          marked.map(({ cell, mark, style }, i) => [indent + i * CELL_COLUMNS, cellShort(cell, mark), style]),
        )
      : [
          span(' '.repeat(INDENT)),
          ...marked.map(({ cell, style }) => span(height(cell.millivolts, range, look), style)),
        ]
  return isOld(module, look) ? dimmed(line) : line
}

const INDENT = 4
const CELL_COLUMNS = 5

function height(millivolts: number | null, range: ReturnType<typeof cellRange>, { glyphs }: Look): string {
  if (millivolts === null || range === undefined) return '?'
  const size = range.high - range.low
  return glyphs.levels[size === 0 ? 3 : Math.floor(((millivolts - range.low) / size) * 7)]!
}

function alarmSpans(module: Module, look: Look): Line {
  const alarms = alarmsOf(module)
  const spans: Span[] = []
  if (isOld(module, look)) spans.push(span(`${whyOld(module, look)} `, 'warning'))
  if (alarms.length > 0) spans.push(span(`!${alarms.join(', ')}`, 'alarm'))
  return spans
}

function curveSpans({ key }: Module, columns: number, look: Look): Line {
  if (columns === 0) return []
  const name = ` ${curveName(look, look.metric)} `
  const curve = curveText(key, columns - name.length, look, look.metric)
  return curve === '' ? [] : [span(name, 'faint'), span(curve)]
}

function lowText(module: Module, { thresholdMv }: Look): string {
  const range = cellRange(module)
  return volts(range?.low ?? null, 5) + (isApart(module, thresholdMv) ? '_' : ' ')
}

function highText(module: Module, { thresholdMv }: Look): string {
  const range = cellRange(module)
  return volts(range?.high ?? null, 5) + (isApart(module, thresholdMv) ? '=' : ' ')
}

function isApart(module: Module, thresholdMv: number): boolean {
  return (spreadOf(module) ?? 0) > thresholdMv
}

function extremeStyle(style: Style): (module: Module, look: Look) => Style {
  return (module, { thresholdMv }) => (isApart(module, thresholdMv) ? style : 'plain')
}

function spreadStyle(module: Module, { thresholdMv }: Look): Style {
  return isApart(module, thresholdMv) ? 'strong' : 'plain'
}

function hottestText(module: Module): string {
  const value = hottest(module)
  const code = module.sensors.find(({ celsius }) => celsius !== null && celsius === value)?.code ?? null
  return `${fixed(value, 0, 3)}C${codeMark(code).slice(0, 1) || ' '}`
}

function hottestStyle(module: Module): Style {
  const value = hottest(module)
  return codeStyle(module.sensors.find(({ celsius }) => celsius !== null && celsius === value)?.code ?? null)
}

function stateText(module: Module, look: Look): string {
  if (isOld(module, look)) return 'stale'
  const { current, flags } = module
  if (flags['fully_charged'] === true) return 'full '
  if (current === null) return '-    '
  return current > 0 ? 'chg  ' : current < 0 ? 'dis  ' : 'idle '
}

function stateStyle(module: Module, look: Look): Style {
  return isOld(module, look) ? 'warning' : 'plain'
}
