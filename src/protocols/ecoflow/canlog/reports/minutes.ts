import type { Value } from '../../../../core/values.ts'
import type { Codec } from '../../../../decode/codec.ts'
import { type FieldPlan, FORM } from '../../../../decode/plan.ts'
import { ObjectBuilder } from '../../../../decode/to-object.ts'
import type { View } from '../view.ts'

interface Range {
  low: number
  high: number
  sum: number
  count: number
  readonly float: boolean
}

/** What a minute says of one API path: `[min, max, average]`, or a text. */
export type MinuteValue = readonly unknown[] | string

const WALK = { guesses: true, short: true, origin: 0 }

/** Least, greatest and average value per minute of the fields that have a path in the maker's API. */
export class MinuteStats {
  readonly #compat: boolean
  readonly #ranges = new Map<string, Range | string>()
  #minute: string | undefined

  /** `compat`: averages of floats are rounded and texts mangled as the original does. */
  constructor(compat: boolean) {
    this.#compat = compat
  }

  /** The minute under way; undefined before the first message. */
  get minute(): string | undefined {
    return this.#minute
  }

  /** Whether a message of `minute` ends the one under way, which is then to be reported before `add`. */
  ends(minute: string): boolean {
    return this.#minute !== undefined && this.#minute !== minute
  }

  /** Begins a minute. */
  begin(minute: string): void {
    if (this.#minute === minute) return
    this.#minute = minute
    this.#ranges.clear()
  }

  /** Takes the values of a record; `serial` stands for the stream in paths, undefined while unknown. */
  add(view: View, codec: Codec, serial: string | undefined): void {
    const builder = new ObjectBuilder(true)
    codec.visit(view.payload, 0, view.length, builder, WALK)
    for (const field of codec.layout.fields) {
      const path = pathOf(field, serial)
      const value = builder.values[field.name]
      if (path !== undefined && value !== undefined) this.#take(path, value, field)
    }
  }

  /** The minute's values by path, sorted. */
  get report(): Record<string, MinuteValue> {
    return Object.fromEntries([...this.#ranges.keys()].sort().map(path => [path, this.#value(this.#ranges.get(path)!)]))
  }

  #take(path: string, value: Value, field: FieldPlan): void {
    if (typeof value !== 'number') {
      this.#ranges.set(path, String(value))
      return
    }
    const range = this.#ranges.get(path)
    if (range === undefined || typeof range === 'string') {
      this.#ranges.set(path, { low: value, high: value, sum: value, count: 1, float: field.form === FORM.float })
      return
    }
    range.low = Math.min(range.low, value)
    range.high = Math.max(range.high, value)
    range.sum += value
    range.count++
  }

  #value(range: Range | string): MinuteValue {
    if (typeof range === 'string') {
      // the original takes a text for an array of numbers: first two characters, and a quotient of the next two
      if (this.#compat) return [range[0], range[1], Math.round(Number(range[2]) / Number(range[3]))]
      return range
    }
    const average = range.sum / range.count
    return [range.low, range.high, range.float && !this.#compat ? average : Math.round(average)]
  }
}

/** The API path of a field with the serial put in; undefined where it has none or its index is unknown. */
function pathOf({ options }: FieldPlan, serial: string | undefined): string | undefined {
  const { path } = options
  if (path === undefined || path === '' || path.includes('[x]')) return undefined
  if (!path.includes('_serial_')) return path
  return serial === undefined || serial.startsWith('_') ? undefined : path.replaceAll('_serial_', serial)
}
