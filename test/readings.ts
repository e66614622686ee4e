import type { FieldInfo } from '../src/core/field-info.ts'
import type { Reading } from '../src/core/reading.ts'
import type { Values } from '../src/core/values.ts'
import type { Sink } from '../src/sinks/sink.ts'

/** A plain measurement without a unit. */
export function field(name: string, more: Partial<FieldInfo> = {}): FieldInfo {
  const plain = { label: name, unit: '', confidence: 'documented', decimals: 0, type: 'number', array: false } as const
  return { name, ...plain, ...more }
}

/** A reading of device `d1` whose values are described as plain numbers, but for `fields`. */
export function reading(values: Values, more: Partial<Reading> = {}): Reading {
  const fields = Object.keys(values).map(name => field(name))
  return { time: Date.UTC(2026, 2, 1, 10), family: 'test', device: 'd1', message: 'm', values, fields, ...more }
}

/** Keeps the readings that it gets. */
export class ListSink implements Sink {
  readonly readings: Reading[] = []
  closed = false

  write(reading: Reading): void {
    this.readings.push(reading)
  }

  close(): void {
    this.closed = true
  }

  get values(): Values[] {
    return this.readings.map(({ values }) => values)
  }
}
