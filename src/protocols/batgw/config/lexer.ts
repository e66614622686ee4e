import { ConfigError, type Token } from './token.ts'

/** Characters that may begin a bare word, and those that may go on with it. Quotes, `$` and backslash begin something else. */
const WORD_START = /[A-Za-z0-9:_/.\-~@%+*?;<>[\]^`|&]/
const WORD = /[A-Za-z0-9:_/.\-~@%+*?;<>[\]^`|&"'$]/
const MACRO_NAME = /[A-Za-z0-9_]/
const NUMBER = /^-?\d+$/

const LONGEST_TEXT = 8000

/**
 * Cuts a configuration into tokens; the last one is `end`. Backslash and newline go on with a line, `#` begins a comment.
 * In quotes a backslash stands before a quote, a blank, a tab or a backslash; a newline in quotes is dropped. What cannot be
 * read is a `bad` token, and the next line goes on.
 */
export function lex(source: string, file: string, firstLine = 1): Token[] {
  const lexer = new Lexer(source, file, firstLine)
  const tokens: Token[] = []
  for (;;) {
    const token = lexer.next()
    tokens.push(token)
    if (token.kind === 'end') return tokens
  }
}

class Lexer {
  readonly #source: string
  readonly #file: string
  #at = 0
  #line: number

  constructor(source: string, file: string, firstLine: number) {
    this.#source = source.replaceAll('\r\n', '\n')
    this.#file = file
    this.#line = firstLine
  }

  next(): Token {
    try {
      return this.#next()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      this.#skipLine()
      return { kind: 'bad', text: error.message, ...error.position }
    }
  }

  #next(): Token {
    this.#blanks()
    const char = this.#source[this.#at]
    if (char === undefined) return this.#token('end', '')
    if (char === '\n') return this.#newline()
    if (char === '"' || char === "'") return this.#quoted(char)
    if (char === '$') return this.#macro()
    if (WORD_START.test(char)) return this.#word()
    this.#at++
    return this.#token('sign', char)
  }

  /** Blanks, continued lines, a comment up to its newline. */
  #blanks(): void {
    for (;;) {
      const char = this.#source[this.#at]
      if (char === ' ' || char === '\t' || char === '\r') this.#at++
      else if (char === '\\' && this.#source[this.#at + 1] === '\n') this.#skipNewline(2)
      else if (char === '#') this.#skipLine()
      else return
    }
  }

  #skipLine(): void {
    while (this.#at < this.#source.length && this.#source[this.#at] !== '\n') this.#at++
  }

  #skipNewline(length: number): void {
    this.#at += length
    this.#line++
  }

  #newline(): Token {
    const token = this.#token('newline', '\n')
    this.#skipNewline(1)
    return token
  }

  #word(): Token {
    const start = this.#at
    while (WORD.test(this.#source[this.#at] ?? ' ')) this.#at++
    const text = this.#source.slice(start, this.#at)
    return this.#token(NUMBER.test(text) ? 'number' : 'word', this.#short(text))
  }

  #macro(): Token {
    const start = ++this.#at
    while (MACRO_NAME.test(this.#source[this.#at] ?? ' ')) this.#at++
    const name = this.#source.slice(start, this.#at)
    if (name === '') throw this.#error('a macro has no name; expected letters, digits or _ behind the $')
    return this.#token('macro', this.#short(name))
  }

  #quoted(quote: string): Token {
    const line = this.#line
    const parts: string[] = []
    this.#at++
    for (;;) {
      const char = this.#source[this.#at]
      if (char === undefined) throw this.#error('reached end of file while parsing quoted string', line)
      if (char === quote) break
      if (char === '\0') throw this.#error('a quoted string holds a NUL character')
      parts.push(this.#quotedChar(char, quote))
    }
    this.#at++
    return { kind: 'text', text: this.#short(parts.join('')), file: this.#file, line }
  }

  #quotedChar(char: string, quote: string): string {
    const next = this.#source[this.#at + 1] ?? ''
    if (char === '\n') {
      this.#skipNewline(1)
      return ''
    }
    if (char === '\\' && next === '\n') {
      this.#skipNewline(2)
      return ''
    }
    const escapes = char === '\\' && (next === quote || next === ' ' || next === '\t' || next === '\\')
    this.#at += escapes ? 2 : 1
    return escapes ? next : char
  }

  #short(text: string): string {
    if (text.length > LONGEST_TEXT) throw this.#error(`string too long; expected at most ${LONGEST_TEXT} characters`)
    return text
  }

  #token(kind: Token['kind'], text: string): Token {
    return { kind, text, file: this.#file, line: this.#line }
  }

  #error(text: string, line = this.#line): ConfigError {
    return new ConfigError({ file: this.#file, line }, text)
  }
}
