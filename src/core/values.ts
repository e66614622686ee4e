/** What a field may decode to; `null` is "not available", a bigint a whole number that a double cannot hold. */
export type Value = number | bigint | string | boolean | null | readonly Value[] | Values

/** Decoded fields by name, in definition order. */
export interface Values {
  [name: string]: Value
}
