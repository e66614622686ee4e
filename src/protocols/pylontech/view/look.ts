import { rangeText, sparkline } from './curve.ts'
import type { Glyphs } from './glyphs.ts'
import { type History, type Metric, WINDOWS } from './history.ts'
import { isStale, type Module } from './stack.ts'

/** Everything that a part of the screen depends on beside what it shows. */
export interface Look {
  readonly glyphs: Glyphs
  /** Cells that are further apart than this, in whole mV, have a lowest and a highest one. */
  readonly thresholdMv: number
  /** Unix ms, by the clock of the source. */
  readonly now: number
  readonly staleAfterMs: number
  readonly history: History
  readonly metric: Metric
  /** Index into `WINDOWS`. */
  readonly window: number
}

export function isOld(module: Module, { now, staleAfterMs }: Look): boolean {
  return isStale(module, now, staleAfterMs)
}

/** What a curve shows: the quantity and the span of time. */
export function curveName({ window }: Look, metric: Metric): string {
  return `${metric} ${WINDOWS[window]?.name}`
}

/**
 * The curve of a series of the history with its range behind it, in at most so many columns, of which the range has
 * `rangeColumns` or more; nothing where it is not known.
 */
export function curveText(key: string, columns: number, look: Look, metric: Metric, rangeColumns = 0): string {
  const { glyphs, window, now, history, staleAfterMs } = look
  const ask = (room: number) => history.curve(key, { metric, window, now, columns: room, holdMs: staleAfterMs })
  const range = rangeText(ask(columns), metric, glyphs).padEnd(rangeColumns)
  const room = columns - range.length - 1
  return range.trim() === '' || room < 1 ? '' : `${sparkline(ask(room), glyphs)} ${range}`
}
