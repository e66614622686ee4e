import type { Token } from './tokens.ts'

/** A statement that cannot be read; what follows it can. */
export class Broken extends Error {
  readonly line: number

  constructor(line: number, text: string) {
    super(text)
    this.line = line
  }
}

const SHOWN = 40

/** The tokens of a DBC file, one after the other. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** The next token; undefined at the end. */
  get next(): Token | undefined {
    return this.#tokens[this.#at]
  }

  /** The token behind it. */
  get afterNext(): Token | undefined {
    return this.#tokens[this.#at + 1]
  }

  get isWord(): boolean {
    return this.next?.kind === 'word'
  }

  /** The line of the next token, or of the last one. */
  get line(): number {
    return (this.next ?? this.#tokens.at(-1))?.line ?? 1
  }

  skip(): void {
    this.#at++
  }

  /** Goes on to the first token that `stops`. */
  skipTo(stops: (token: Token) => boolean): void {
    while (this.next !== undefined && !stops(this.next)) this.#at++
  }

  /** Takes the sign, if it is next. */
  takes(sign: string): boolean {
    if (this.next?.kind !== 'sign' || this.next.text !== sign) return false
    this.#at++
    return true
  }

  sign(sign: string): void {
    if (!this.takes(sign)) throw this.expected(JSON.stringify(sign))
  }

  word(what: string): string {
    return this.#take('word', what)
  }

  text(what: string): string {
    return this.#take('text', what)
  }

  /** A number as it is written. */
  decimal(what: string): string {
    return this.#take('number', what)
  }

  whole(what: string, least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER): number {
    const token = this.next
    const value = token?.kind === 'number' ? Number(token.text) : Number.NaN
    if (!Number.isInteger(value) || value < least || value > most) throw this.expected(what)
    this.#at++
    return value
  }

  expected(what: string): Broken {
    const token = this.next
    const found = token === undefined ? 'the end of the file' : JSON.stringify(token.text.slice(0, SHOWN))
    return new Broken(this.line, `expected ${what}, found ${found}`)
  }

  #take(kind: Token['kind'], what: string): string {
    const token = this.next
    if (token?.kind !== kind) throw this.expected(what)
    this.#at++
    return token.text
  }
}
