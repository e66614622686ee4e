import { age, counted, fixed, volts, whole } from './format.ts'
import { clipped, type Line, type Span, span, widthOf } from './line.ts'
import type { Look } from './look.ts'
import type { Extreme, Totals } from './totals.ts'

const GAP = '  '

/** What is going on in the whole stack, in at most `lines` lines; what matters most comes first. */
export function summaryLines(totals: Totals, source: string, columns: number, lines: number, look: Look): Line[] {
  return withSource(wrapped(segments(totals, look), columns, lines), source, columns)
}

/** Columns of a source that tell anything. */
const LEAST_SOURCE = 8

/** The source behind the last line, the end of it where there is no room for all. */
function withSource(lines: Line[], source: string, columns: number): Line[] {
  const last = lines.at(-1) ?? []
  const room = columns - widthOf(last) - GAP.length
  if (room < LEAST_SOURCE) return lines
  const text = source.length <= room ? source : `..${source.slice(2 - room)}`
  return [...lines.slice(0, -1), [...last, span(GAP), span(text, 'faint')]]
}

/** The whole stack in one line, for a screen on which nothing else has room. */
export function oneLine(totals: Totals | undefined, columns: number, look: Look): Line {
  if (totals === undefined) return clipped([span('no data')], columns)
  const { alarms, stale, soc, power, current } = totals
  const parts = [
    span(`${whole(soc, 4)}%`),
    span(`${whole(power, 7)}W`),
    ...(alarms === null || alarms === 0 ? [] : [alarmText(alarms)]),
    ...(stale > 0 ? [span(`${stale} stale`, 'warning')] : []),
    span(`${fixed(current, 1, 7)}A`),
    span(agoText(totals, look)),
  ]
  return wrapped(
    parts.map(part => [part]),
    columns,
    1,
  )[0]!
}

/** `charging`, `discharging` or `idle`. */
export function direction(current: number | null): string {
  if (current === null) return ''
  return current > 0 ? 'charging' : current < 0 ? 'discharging' : 'idle'
}

function segments(totals: Totals, look: Look): Line[] {
  const { modules, stale, alarms, current, power, remainingAh, totalAh, soc } = totals
  const { glyphs, thresholdMv } = look
  const isApart = (totals.spread?.value ?? 0) > thresholdMv
  return [
    [span(counted(modules, 'module'), 'strong')],
    [span(`${fixed(remainingAh, 1, 8)} / ${fixed(totalAh, 1, 8)}Ah (${whole(soc, 4)}%)`)],
    [span(`${fixed(current, 1, 8)}A ${whole(power, 8)}W ${direction(current)}`.trimEnd())],
    [alarmText(alarms)],
    ...(stale > 0 ? [[span(`${stale} stale`, 'warning')]] : []),
    extreme('low', totals.lowest, value => `${volts(value, 6)}v`, isApart ? ['lowest', '_'] : ['plain', '']),
    extreme('high', totals.highest, value => `${volts(value, 6)}v`, isApart ? ['highest', '='] : ['plain', '']),
    extreme('dV', totals.spread, value => `${whole(value, 5)}mV`, [isApart ? 'strong' : 'plain', '']),
    extreme('', totals.hottest, value => `${fixed(value, 0, 4)}${glyphs.celsius}`, ['plain', '']),
    [span(agoText(totals, look))],
  ].filter(segment => segment.length > 0)
}

function alarmText(alarms: number | null): Span {
  if (alarms === null) return span('alarms not known', 'faint')
  return alarms > 0 ? span(`!${counted(alarms, 'alarm')}`, 'alarm') : span('no alarms', 'ok')
}

/** A value with the module that has it, and the cell: `low 3.301v 1.4`. */
function extreme(
  name: string,
  found: Extreme | undefined,
  text: (value: number) => string,
  [style, mark]: readonly [Span['style'], string],
): Line {
  if (found === undefined) return []
  const place = found.cell === undefined ? `${found.module}` : `${found.module}.${found.cell}`
  return [span(name === '' ? '' : `${name} `), span(text(found.value) + mark, style), span(` #${place}`)]
}

function agoText({ updatedAt }: Totals, { now }: Look): string {
  return updatedAt === null ? 'age unknown' : `${age(now - updatedAt)} ago`
}

/** Segments one after the other, on the next line where one has no room; what does not fit at all is left out. */
function wrapped(parts: readonly Line[], columns: number, most: number): Line[] {
  const lines: Span[][] = []
  for (const part of parts) {
    const line = lines.at(-1)
    if (line !== undefined && widthOf(line) + GAP.length + widthOf(part) <= columns) line.push(span(GAP), ...part)
    else if (lines.length < most) lines.push([...clipped(part, columns)])
  }
  return lines
}
