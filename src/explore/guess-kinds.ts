/** What a byte can look like. */
export type GuessKind =
  | 'too few messages'
  | 'constant'
  | 'few changes'
  | 'counter'
  | 'flag'
  | 'state'
  | 'bit field'
  | 'slow value'
  | 'low byte'
  | 'high byte'
  | 'float'
  | 'text'
  | 'checksum-like'
  | 'noise'
  | 'unclear'

/** How far the evidence goes; nothing that rests on statistics alone is certain. */
export type Confidence = 'high' | 'medium' | 'low'

/** What a byte probably is, and what that rests on. */
export interface Guess {
  readonly kind: GuessKind
  /** The kind in words, with the place of a wider value: `high byte of u16 at 12`. */
  readonly guess: string
  /** The counts that the guess rests on. */
  readonly evidence: string
  readonly confidence: Confidence
}

/** The lowest byte of a wider whole number: what is added to the guess for the byte itself. */
export interface LowByte {
  /** The value: `u16 at 12`. */
  readonly value: string
  readonly evidence: string
  readonly confidence: Confidence
}

/** By offset: the guess for a byte that is part of something wider, or what to add to its own. */
export type Parts = (Guess | LowByte | undefined)[]
