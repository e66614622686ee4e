/** A word, a number, a text in quotes or a sign of a DBC file. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign'
  /** As it stands in the file; a text without its quotes. */
  readonly text: string
  readonly line: number
  /** It is the first of its line. */
  readonly isFirst: boolean
}

/** Takes what is wrong at a line, from 1. */
export type Complain = (line: number, text: string) => void

const WORD = /[A-Za-z_][\w.]*/y
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const SIGNS = ':;|@()[],+-'
const BLANK = /\s/

/** Takes a DBC file apart. Comments behind `//` are passed over, as many tools write them. */
export function tokenize(text: string, complain: Complain): Token[] {
  return new Tokenizer(text, complain).tokens()
}

class Tokenizer {
  readonly #text: string
  readonly #complain: Complain
  readonly #tokens: Token[] = []
  #at = 0
  #line = 1
  #isFirst = true

  constructor(text: string, complain: Complain) {
    this.#text = text
    this.#complain = complain
  }

  tokens(): Token[] {
    while (this.#at < this.#text.length) this.#next()
    return this.#tokens
  }

  #next(): void {
    const char = this.#text[this.#at]!
    if (BLANK.test(char) || char === '\uFEFF') this.#blank(char)
    else if (this.#text.startsWith('//', this.#at)) this.#at = this.#end('\n')
    else if (char === '"') this.#quoted()
    else this.#plain(char)
  }

  #blank(char: string): void {
    this.#at++
    if (char !== '\n') return
    this.#line++
    this.#isFirst = true
  }

  /** The place of `what`, or the end. */
  #end(what: string): number {
    const at = this.#text.indexOf(what, this.#at)
    return at < 0 ? this.#text.length : at
  }

  /** A text may have several lines; `\"` is a quote in it. */
  #quoted(): void {
    const line = this.#line
    let end = this.#text.indexOf('"', this.#at + 1)
    while (end > 0 && this.#text[end - 1] === '\\') end = this.#text.indexOf('"', end + 1)
    if (end < 0) {
      this.#complain(line, 'a text has no closing quote')
      end = this.#text.length
    }
    const inner = this.#text.slice(this.#at + 1, end)
    this.#add('text', inner.replaceAll('\\"', '"'))
    for (const char of inner) if (char === '\n') this.#line++
    this.#at = end + 1
  }

  #plain(char: string): void {
    const word = this.#match(WORD)
    const number = word ?? this.#match(NUMBER)
    if (word !== undefined) this.#add('word', word)
    else if (number !== undefined) this.#add('number', number)
    else if (SIGNS.includes(char)) this.#add('sign', char)
    else this.#complain(this.#line, `${JSON.stringify(char)} has no meaning here`)
    this.#at += (word ?? number)?.length ?? 1
  }

  #match(form: RegExp): string | undefined {
    form.lastIndex = this.#at
    return form.exec(this.#text)?.[0]
  }

  #add(kind: Token['kind'], text: string): void {
    this.#tokens.push({ kind, text, line: this.#line, isFirst: this.#isFirst })
    this.#isFirst = false
  }
}
