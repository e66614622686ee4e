/** How sure the meaning of a field is. A guess is published only when asked for. */
export type Confidence = 'documented' | 'observed' | 'guess'

/** How a published value is described to people and to machines that show it. */
export interface FieldInfo {
  readonly name: string
  readonly label: string
  /** Unit symbol, empty where there is none. */
  readonly unit: string
  /** Meaning of the quantity (`voltage`, `power`, ...), from the unit or the definition. */
  readonly kind?: string
  /** How it accumulates: `measurement`, `total_increasing`, ... as the definition says. */
  readonly state?: string
  readonly category?: string
  readonly confidence: Confidence
  readonly note?: string
  readonly path?: string
  /** Decimals that the scale gives; values never have more. */
  readonly decimals: number
  readonly type: 'number' | 'boolean' | 'text' | 'enum' | 'flags' | 'object'
  readonly array: boolean
  /** What the values of an object are: its own fields, derived ones last. */
  readonly fields?: readonly FieldInfo[]
  /** Texts of an enumeration or names of flags. */
  readonly names?: readonly string[]
}
