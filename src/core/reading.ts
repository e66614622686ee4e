import type { FieldInfo } from './field-info.ts'
import type { Values } from './values.ts'

/** Decoded values of one message, with time and device: what sinks get, and all that they know of a device. */
export interface Reading {
  /** Unix ms; NaN where a recording has no times. */
  readonly time: number
  readonly family: string
  readonly device: string
  /** Name of the message in its definition. */
  readonly message: string
  readonly values: Values
  /** Describes the values: units, labels, kinds; in definition order, derived ones last. */
  readonly fields: readonly FieldInfo[]
}
