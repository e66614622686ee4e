import { lex } from './lexer.ts'
import { ConfigError, nameOf, type Token } from './token.ts'

/** Files that include files, at most so deep: one that includes itself ends here. */
const DEEPEST = 16

/** Gives the text of a file that another one includes; throws an `Error` whose message says what is wrong. */
export type ReadFile = (path: string, from: string) => { readonly name: string; readonly text: string }

/** Words that the grammar has always had: bare they are never texts, so that a forgotten value is noticed. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'alive battery charge client discharge host id iface include inet inet6 interface inverter ipv4 ipv6 keep limit max ' +
    'mqtt off password port protocol reconnect teleperiod topic username'
  ).split(' '),
)

interface File {
  readonly tokens: readonly Token[]
  at: number
}

/** The tokens of a configuration one by one, with macros replaced and included files in their places. */
export class TokenStream {
  readonly #read: ReadFile
  readonly #macros = new Map<string, string>()
  /** Macros of the command line, which those of the files do not change. */
  readonly #fixed: ReadonlyMap<string, string>
  readonly #files: File[]
  /** What a macro has become, still to be taken. */
  #expansion: Token[] = []

  constructor(text: string, name: string, read: ReadFile, fixed: ReadonlyMap<string, string>) {
    this.#read = read
    this.#fixed = fixed
    this.#files = [{ tokens: lex(text, name), at: 0 }]
  }

  /** The token that comes next; it stays there. Throws `ConfigError` where it is bad, or a macro that does not exist. */
  peek(): Token {
    const token = this.#peek()
    if (token.kind === 'bad') throw new ConfigError(token, token.text)
    return token
  }

  #peek(): Token {
    for (;;) {
      const [expanded] = this.#expansion
      if (expanded !== undefined) return expanded
      const token = this.#here
      if (token.kind === 'end' && this.#files.length > 1) this.#files.pop()
      else if (token.kind === 'macro') this.#expand(token)
      else return token
    }
  }

  /** Takes the token that comes next. At the end there is no other. */
  next(): Token {
    const token = this.peek()
    if (this.#expansion.length > 0) this.#expansion.shift()
    else if (token.kind !== 'end') this.#files.at(-1)!.at++
    return token
  }

  define(name: string, value: string): void {
    this.#macros.set(name, value)
  }

  /** Goes on in the file that `token` names, and comes back at its end. */
  include(token: Token): void {
    if (this.#files.length >= DEEPEST)
      throw new ConfigError(token, `files include each other more than ${DEEPEST} deep`)
    let file: ReturnType<ReadFile>
    try {
      file = this.#read(token.text, token.file)
    } catch (error) {
      throw new ConfigError(token, `failed to include file ${token.text}: ${(error as Error).message}`)
    }
    this.#files.push({ tokens: lex(file.text, file.name), at: 0 })
  }

  /** Leaves out the rest of the line, so that what comes after an error can be looked at too. A closing brace stays. */
  skipLine(): void {
    this.#expansion = []
    for (;;) {
      const { kind, text } = this.#here
      if (kind === 'newline' || kind === 'end' || (kind === 'sign' && text === '}')) return
      this.#files.at(-1)!.at++
    }
  }

  /** Whether nothing is left at all. */
  get atEnd(): boolean {
    return this.#expansion.length === 0 && this.#files.length === 1 && this.#here.kind === 'end'
  }

  /** Whether a closing brace comes next. */
  get closes(): boolean {
    return this.#expansion.length === 0 && this.#here.kind === 'sign' && this.#here.text === '}'
  }

  /** Takes newlines. */
  newlines(): void {
    while (this.peek().kind === 'newline') this.next()
  }

  /** Takes a text: quoted, or a bare word that is no keyword, or digits. */
  text(wanted: string): Token {
    const token = this.peek()
    const { kind, text } = token
    if (kind === 'word' && KEYWORDS.has(text)) {
      throw new ConfigError(token, `${nameOf(token)} is a keyword where ${wanted} should be; put it in quotes`)
    }
    if (kind !== 'word' && kind !== 'text' && kind !== 'number') throw this.unexpected(wanted)
    return this.next()
  }

  /** Takes a whole number. */
  number(wanted: string): number {
    const { kind, text } = this.peek()
    if (kind !== 'number') throw this.unexpected(wanted)
    this.next()
    return Number(text)
  }

  /** Takes this word or sign. */
  expect(text: string, wanted: string): Token {
    const { kind, text: found } = this.peek()
    if ((kind !== 'word' && kind !== 'sign') || found !== text) throw this.unexpected(wanted)
    return this.next()
  }

  /** Takes this bare word if it comes next. */
  take(word: string): boolean {
    const { kind, text } = this.peek()
    if (kind !== 'word' || text !== word) return false
    this.next()
    return true
  }

  /** What comes next is not what should be there. */
  unexpected(wanted: string): ConfigError {
    const token = this.peek()
    return new ConfigError(token, `found ${nameOf(token)}, expected ${wanted}`)
  }

  get #here(): Token {
    const file = this.#files.at(-1)!
    return file.tokens[file.at]!
  }

  #expand(token: Token): void {
    const value = this.#fixed.get(token.text) ?? this.#macros.get(token.text)
    if (value === undefined) {
      throw new ConfigError(
        token,
        `macro '${token.text}' not defined; expected a line ${token.text} = "..." before it, or -D`,
      )
    }
    this.#files.at(-1)!.at++
    const parts = lex(value, token.file, token.line).filter(({ kind }) => kind !== 'end' && kind !== 'newline')
    this.#expansion = parts.map(part => ({ ...part, line: token.line }))
  }
}
