/** How a signal depends on others. */
export interface Multiplexing {
  /** It decides about other signals. */
  readonly isMultiplexer: boolean
  /** It is there when the multiplexer has this raw value. */
  readonly value: number | undefined
}

/** A signal of a DBC file. */
export interface DbcSignal {
  readonly name: string
  readonly line: number
  /** DBC bit number: of the least significant bit (Intel) or of the most significant (Motorola). */
  readonly start: number
  /** Bits. */
  readonly length: number
  readonly isBigEndian: boolean
  readonly isSigned: boolean
  /** As written, so that they stay decimals. */
  readonly factor: string
  readonly offset: string
  readonly unit: string
  readonly multiplexing: Multiplexing
  comment?: string
  /** The raw number is an IEEE 754 number. */
  isFloat?: true
  /** Its name where that has more than 32 characters. */
  longName?: string
  /** Texts by raw number. */
  texts?: readonly DbcText[]
  /** The multiplexer that it depends on, and the values at which it is there; where the file says so. */
  extended?: { readonly multiplexer: string; readonly ranges: readonly DbcRange[]; readonly line: number }
}

/** A raw number and what it means. */
export interface DbcText {
  readonly raw: number
  readonly text: string
}

/** Raw values, both included. */
export type DbcRange = readonly [least: number, most: number]

/** A message of a DBC file. */
export interface DbcMessage {
  readonly id: number
  readonly isExtended: boolean
  readonly name: string
  /** Bytes. */
  readonly length: number
  readonly line: number
  readonly signals: DbcSignal[]
  comment?: string
  longName?: string
  /** ms */
  cycleTime?: number
}

/** What of a DBC file is about frames. */
export interface Dbc {
  readonly version: string
  /** Of the file as a whole. */
  comment?: string
  readonly messages: DbcMessage[]
}
