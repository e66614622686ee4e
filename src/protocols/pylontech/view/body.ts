import type { Line } from './line.ts'

/** The part of a screen between summary and keys. */
export interface Body {
  readonly lines: readonly Line[]
  readonly scrollMax: number
  /** Lines, or modules, that scroll at once. */
  readonly page: number
  /** What part is seen, where there is more: `modules 5-8 of 14`. */
  readonly indicator: string
}
