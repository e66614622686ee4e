import type { Reading } from '../../src/core/reading.ts'
import type { Values } from '../../src/core/values.ts'

/** 2026-03-01 10:00:00.123 UTC. */
export const TIME = Date.UTC(2026, 2, 1, 10, 0, 0, 123)

/** A reading of a device, `sec1000` and `power` unless it says otherwise. */
export function reading(device: string, values: Values, more: Partial<Reading> = {}): Reading {
  return { time: TIME, family: 'sec1000', device, message: 'power', values, fields: [], ...more }
}
