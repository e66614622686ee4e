import type { DbcMessage, DbcSignal, Multiplexing } from './dbc.ts'
import { Broken, type TokenStream } from './token-stream.ts'

/** Bit of a message's number that says that its ID is extended. */
export const EXTENDED = 0x80000000
/** Where Vector's tools keep signals that belong to no message. */
export const NO_MESSAGE = 0xc0000000
const HIGHEST_EXTENDED = 0x1fffffff
const HIGHEST_STANDARD = 0x7ff
const MOST_BYTES = 4096

/** A message without its signals, and the number that other statements know it by. */
export interface MessageHead {
  readonly number: number
  readonly message: DbcMessage
}

/** Reads what follows `BO_`: `id name: bytes sender`; undefined for what is no message. Throws `Broken`. */
export function readMessage(tokens: TokenStream, line: number): MessageHead | undefined {
  const number = tokens.whole('the number of a message', 0, 0xffffffff)
  const name = tokens.word('the name of a message')
  tokens.sign(':')
  const length = tokens.whole(`a length of up to ${MOST_BYTES} bytes`, 0, MOST_BYTES)
  if (tokens.isWord && tokens.next?.isFirst === false) tokens.skip()
  if (number === NO_MESSAGE) return undefined
  const id = number % EXTENDED
  if (id > HIGHEST_EXTENDED) throw new Broken(line, `${number} is no arbitration ID`)
  const isExtended = number >= EXTENDED || id > HIGHEST_STANDARD
  return { number, message: { id, isExtended, name, length, line, signals: [] } }
}

/** Reads what follows `SG_`: `name mux : start|length@order sign (factor,offset) [min|max] "unit" receivers`. */
export function readSignal(tokens: TokenStream, line: number): DbcSignal {
  const name = tokens.word('the name of a signal')
  const multiplexing = readMultiplexing(tokens)
  tokens.sign(':')
  const start = tokens.whole('a bit number', 0, MOST_BYTES * 8 - 1)
  tokens.sign('|')
  const length = tokens.whole('a length of 1 to 64 bits', 1, 64)
  tokens.sign('@')
  const isBigEndian = tokens.whole('the byte order, 0 or 1', 0, 1) === 0
  const isSigned = !tokens.takes('+')
  if (isSigned) tokens.sign('-')
  tokens.sign('(')
  const factor = tokens.decimal('a factor')
  tokens.sign(',')
  const offset = tokens.decimal('an offset')
  tokens.sign(')')
  const unit = readUnit(tokens)
  tokens.skipTo(({ isFirst }) => isFirst)
  return { name, line, start, length, isBigEndian, isSigned, factor, offset, unit, multiplexing }
}

function readMultiplexing(tokens: TokenStream): Multiplexing {
  if (!tokens.isWord) return { isMultiplexer: false, value: undefined }
  const [, value, multiplexer] = /^(?:m(\d{1,15}))?(M)?$/.exec(tokens.next!.text) ?? []
  if (value === undefined && multiplexer === undefined) {
    throw tokens.expected('":", M or a value of the multiplexer such as m1')
  }
  tokens.skip()
  return { isMultiplexer: multiplexer !== undefined, value: value === undefined ? undefined : Number(value) }
}

/** The range in brackets, which says nothing about bytes, and the unit. */
function readUnit(tokens: TokenStream): string {
  if (tokens.takes('[')) {
    tokens.skipTo(({ text, isFirst }) => text === ']' || isFirst)
    tokens.sign(']')
  }
  return tokens.text('a unit in quotes')
}
