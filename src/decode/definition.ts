import type { Confidence } from '../core/field-info.ts'

/**
 * The struct format as it is written in JSON (docs/structs.md). These are the shapes of checked definitions; what a
 * stranger's file really holds is settled by `shape.ts` first.
 */

/** What places in a file count: bytes, 16-bit registers, DBC bit numbers, or protobuf field numbers. */
export type PlaceUnit = 'byte' | 'register' | 'bit' | 'protobuf'

export type Endian = 'little' | 'big'

/** A condition on a field that was read before: `["_items", ">", 2]`. */
export type Condition = readonly [field: string, operator: Comparison, value: number]

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** Elements of an array: a number, a field that holds it, or such a field and a correction. */
export type Repeat = number | string | readonly [field: string, add: number]

export interface FieldOptions {
  readonly label?: string
  readonly kind?: string
  readonly state?: string
  readonly category?: string
  readonly confidence?: Confidence
  readonly note?: string
  /** The name of the value in the maker's own interface. */
  readonly path?: string
  readonly enum?: string | Readonly<Record<string, string>>
  readonly flags?: string | Readonly<Record<string, string>>
  readonly na?: number | readonly number[]
  readonly repeat?: Repeat
  readonly when?: Condition
  readonly models?: readonly string[] | Readonly<Record<string, string>>
  readonly overlap?: boolean
  readonly trim?: boolean
}

/** `[at, type, quantity?, options?]`; the quantity may be left out. */
export type FieldRow = readonly [
  at: number | string,
  type: string,
  quantityOrOptions?: string | FieldOptions,
  options?: FieldOptions,
]

export interface Example {
  readonly from?: string
  readonly hex: string
  readonly expect: Readonly<Record<string, unknown>>
  readonly model?: string
  readonly base?: number
  /** Missing fields are left out rather than an error, as for devices that send shortened messages. */
  readonly short?: boolean
}

/** A value that the protocol computes from decoded ones: its unit and how to describe it. */
export type DerivedRow = readonly [unit: string, options?: FieldOptions]

export interface MessageDefinition {
  readonly match?: string | readonly string[]
  readonly title?: string
  readonly note?: string
  readonly unit?: PlaceUnit
  readonly endian?: Endian
  /** Of so many equal messages one is kept when sampling is on; 1 keeps only changes. */
  readonly sample?: number
  readonly fields: Readonly<Record<string, FieldRow>>
  readonly derived?: Readonly<Record<string, DerivedRow>>
  readonly examples?: readonly Example[]
}

export interface Definition {
  readonly family: string
  readonly title?: string
  readonly note?: string
  readonly endian?: Endian
  /** Order of the registers of a value that takes several; the byte order's own by default. */
  readonly wordOrder?: Endian
  readonly unit?: PlaceUnit
  /** Where the payload itself says which message it is. */
  readonly key?: readonly [at: number, type: string]
  readonly models?: readonly string[]
  readonly enums?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly flags?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly types?: Readonly<Record<string, { readonly fields: Readonly<Record<string, FieldRow>> }>>
  readonly messages: Readonly<Record<string, MessageDefinition>>
}

/** One thing that is wrong with a definition, in words for whoever wrote it. */
export interface Problem {
  /** `message.field` or less, line and column where the JSON is broken, empty for the file as a whole. */
  readonly place: string
  readonly text: string
  readonly suggestion?: string
}

/** Takes problems as they are found; checking goes on. */
export type Report = (place: string, text: string, suggestion?: string) => void

/** No array holds more elements, whatever a definition or a device says. */
export const MAX_REPEAT = 4096

/** No payload is longer: a length field of 16 bits and some room for headers. */
export const MAX_PLACE = 1 << 17

/** Types may hold types this deep. */
export const MAX_DEPTH = 8
