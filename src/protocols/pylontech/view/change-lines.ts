import type { AlarmChange } from './alarms.ts'
import { timeOfDay } from './format.ts'
import { type Line, span } from './line.ts'

/** What began and ended to be wrong, the newest first; times in UTC. */
export function changeLines(changes: readonly AlarmChange[]): Line[] {
  if (changes.length === 0) return [[span('Nothing has begun or ended to be wrong since the monitor was started.')]]
  return changes
    .toReversed()
    .map(({ at, module, what, begins }) => [
      span(`${timeOfDay(at)} UTC  module ${String(module).padStart(2)}  `),
      span(begins ? `! ${what}` : `  ${what} is over`, begins ? 'alarm' : 'ok'),
    ])
}
