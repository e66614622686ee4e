import { ASCII, glyphsFor } from '../protocols/pylontech/view/glyphs.ts'
import { WINDOWS } from '../protocols/pylontech/view/history.ts'
import type { Look } from '../protocols/pylontech/view/look.ts'
import type { MonitorModel } from '../protocols/pylontech/view/monitor-model.ts'
import { INITIAL, type ViewState } from '../protocols/pylontech/view/view-state.ts'
import { colorLevel } from './color.ts'
import type { Io } from './io.ts'
import type { MonitorOptions } from './pylon-monitor-options.ts'

/** Whether the user and the terminal want colours. */
export function isColored(io: Io, { color }: MonitorOptions): boolean {
  return colorLevel(io, color === false ? 'never' : color) > 0
}

/** How a state of the model is to be shown at a time, Unix ms by the clock of its source. */
export function lookAt(io: Io, options: MonitorOptions, model: MonitorModel, now: number, view?: ViewState): Look {
  const { metric, window } = view ?? INITIAL
  return {
    glyphs: options.ascii === true ? ASCII : glyphsFor(io.env),
    thresholdMv: options.spread,
    now,
    staleAfterMs: model.staleAfterMs,
    history: model.history,
    metric,
    window: window % WINDOWS.length,
  }
}
