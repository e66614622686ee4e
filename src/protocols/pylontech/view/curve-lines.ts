import { METRICS } from './history.ts'
import { type Line, span } from './line.ts'
import { curveName, curveText, type Look } from './look.ts'

/** Columns of the name of a curve, and of its range, so that curves stand below each other. */
const NAME = 17
const RANGE = 15

/** The curves of a series, one per line: the chosen quantity first, then voltage and current, then the others. */
export function curveLines(key: string, columns: number, look: Look): Line[] {
  const order = new Set([look.metric, 'voltage' as const, 'current' as const, ...METRICS])
  return [...order].map(metric => {
    const name = curveName(look, metric).padEnd(NAME)
    return [span(name, 'faint'), span(` ${curveText(key, columns - NAME - 1, look, metric, RANGE)}`)]
  })
}
