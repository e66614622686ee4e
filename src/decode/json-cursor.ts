/** Something wrong with a JSON text, and where; lines and columns count from 1. */
export interface JsonProblem {
  readonly line: number
  readonly column: number
  readonly text: string
  readonly suggestion?: string
}

/** Ends the reading at a syntax error. */
export class Stop extends Error {
  readonly problem: JsonProblem

  constructor(problem: JsonProblem) {
    super(problem.text)
    this.problem = problem
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** A place in a JSON text, moving forward: its texts, numbers and gaps, and what to say where something is wrong. */
export class JsonCursor {
  readonly #text: string
  #at = 0
  #line = 1
  #lineStart = 0
  #counted = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The character here; undefined at the end. */
  get char(): string | undefined {
    return this.#text[this.#at]
  }

  get at(): number {
    return this.#at
  }

  /** Goes on behind `word` where it stands here, after white space. */
  take(word: string): boolean {
    this.space()
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  string(): string {
    const start = ++this.#at
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x22) return this.#text.slice(start, this.#at++)
      if (code === 0x5c) return this.#escaped(this.#text.slice(start, this.#at))
      this.#textChar(code)
    }
  }

  /** The rest of a text that holds escapes, after `head`. */
  #escaped(head: string): string {
    let text = head
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x22) {
        this.#at++
        return text
      }
      if (code === 0x5c) text += this.#escape()
      else {
        this.#textChar(code)
        text += this.#text[this.#at - 1]
      }
    }
  }

  #textChar(code: number): void {
    if (Number.isNaN(code)) this.fail('the file ends within a text', 'add the closing double quote')
    if (code === 10 || code === 13) this.fail('a line ends within a text', 'add the closing double quote, or write \\n')
    if (code < 0x20) this.fail('a text holds a control character', `write \\u${code.toString(16).padStart(4, '0')}`)
    this.#at++
  }

  #escape(): string {
    const char = this.#text[this.#at + 1] ?? ''
    if (Object.hasOwn(ESCAPES, char)) {
      this.#at += 2
      return ESCAPES[char]!
    }
    const digits = char === 'u' ? this.#text.slice(this.#at + 2, this.#at + 6) : ''
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('a backslash begins no known escape', 'write a backslash twice')
    this.#at += 6
    return String.fromCharCode(Number.parseInt(digits, 16))
  }

  number(): number {
    NUMBER.lastIndex = this.#at
    const digits = NUMBER.exec(this.#text)?.[0]
    if (digits === undefined) return this.unexpected('a number')
    if (/^-?0$/.test(digits) && /^[0-9xX]$/.test(this.#text[this.#at + digits.length] ?? '')) {
      this.fail('numbers are decimal and begin with no 0', 'write 31, not 0x1f or 031')
    }
    const value = Number(digits)
    if (!Number.isFinite(value)) this.fail(`${digits.slice(0, 20)} is too large a number`)
    this.#at += digits.length
    return value
  }

  space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 10 && code !== 13 && code !== 9) return
      this.#at++
    }
  }

  unexpected(wanted: string): never {
    const before = this.#text.slice(0, this.#at).trimEnd().at(-1)
    const char = this.#text[this.#at] ?? ''
    const trailing = before === ',' && (char === '}' || char === ']')
    return this.fail(
      `${this.#here()} where ${wanted} should be`,
      trailing ? 'remove the comma before it' : Object.hasOwn(HINTS, char) ? HINTS[char] : undefined,
    )
  }

  #here(): string {
    if (this.#at >= this.#text.length) return 'the file ends'
    return `there is ${JSON.stringify(String.fromCodePoint(this.#text.codePointAt(this.#at)!))}`
  }

  fail(text: string, suggestion?: string): never {
    throw new Stop({ ...this.position(this.#at), text, ...(suggestion === undefined ? {} : { suggestion }) })
  }

  /** Line and column of an offset; offsets are asked for in rising order, so lines are counted once. */
  position(offset: number): { line: number; column: number } {
    for (; this.#counted < offset; this.#counted++) {
      if (this.#text.charCodeAt(this.#counted) !== 10) continue
      this.#line++
      this.#lineStart = this.#counted + 1
    }
    return { line: this.#line, column: offset - this.#lineStart + 1 }
  }
}

/** What people write who are used to other notations. */
const HINTS: Readonly<Record<string, string>> = {
  "'": 'texts stand in double quotes',
  '/': 'JSON has no comments; say it in a "note"',
  '#': 'JSON has no comments; say it in a "note"',
  N: 'JSON knows no NaN',
  I: 'JSON knows no Infinity',
  T: 'write true',
  F: 'write false',
  '+': 'write numbers without a plus sign',
  '.': 'write 0 before the point',
  '\ufeff': 'save the file without a byte order mark',
}
