import { JsonCursor, type JsonProblem, Stop } from './json-cursor.ts'

export interface ParsedJson {
  /** Undefined after a syntax error. */
  readonly value: unknown
  readonly problems: readonly JsonProblem[]
}

/** Lists and objects inside each other; definitions need about twenty. */
const MAX_NESTING = 64

/** More duplicates than this are not listed. */
const MAX_PROBLEMS = 200

/**
 * Reads JSON (RFC 8259, nothing beyond) that a stranger wrote: unlike `JSON.parse` it reports keys that stand twice in
 * an object, numbers too large for a double, and where a syntax error is. Of equal keys the last one counts. A key
 * `__proto__` is a property like any other.
 */
export function parseJson(text: string): ParsedJson {
  const reader = new Reader(text)
  try {
    return { value: reader.document(), problems: reader.problems }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return { value: undefined, problems: [...reader.problems, error.problem] }
  }
}

class Reader {
  readonly problems: JsonProblem[] = []
  readonly #cursor: JsonCursor

  constructor(text: string) {
    this.#cursor = new JsonCursor(text)
  }

  document(): unknown {
    const value = this.#value(0)
    this.#cursor.space()
    if (this.#cursor.char !== undefined) this.#cursor.unexpected('the end of the file')
    return value
  }

  #value(depth: number): unknown {
    const cursor = this.#cursor
    cursor.space()
    const { char = '' } = cursor
    if (char === '{') return this.#object(depth + 1)
    if (char === '[') return this.#array(depth + 1)
    if (char === '"') return cursor.string()
    if (char === '-' || (char >= '0' && char <= '9')) return cursor.number()
    for (const [word, value] of WORDS) if (cursor.take(word)) return value
    return cursor.unexpected('a value')
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#enter('{', depth)
    if (this.#cursor.take('}')) return object
    do {
      this.#cursor.space()
      const start = this.#cursor.at
      if (this.#cursor.char !== '"') this.#cursor.unexpected('a name in double quotes')
      const name = this.#cursor.string()
      if (Object.hasOwn(object, name)) this.#duplicate(name, start)
      if (!this.#cursor.take(':')) this.#cursor.unexpected('a colon')
      setOwn(object, name, this.#value(depth))
    } while (this.#continues('}'))
    return object
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = []
    this.#enter('[', depth)
    if (this.#cursor.take(']')) return array
    do array.push(this.#value(depth))
    while (this.#continues(']'))
    return array
  }

  #enter(bracket: string, depth: number): void {
    if (depth > MAX_NESTING) this.#cursor.fail(`lists and objects are nested more than ${MAX_NESTING} deep`)
    this.#cursor.take(bracket)
  }

  /** After an element: true at a comma, false at the closing bracket. */
  #continues(bracket: string): boolean {
    if (this.#cursor.take(bracket)) return false
    return this.#cursor.take(',') || this.#cursor.unexpected(`a comma or ${bracket}`)
  }

  #duplicate(name: string, start: number): void {
    if (this.problems.length >= MAX_PROBLEMS) return
    const text = `${JSON.stringify(name.slice(0, 80))} stands here a second time`
    this.problems.push({ ...this.#cursor.position(start), text, suggestion: 'remove one, or give it another name' })
  }
}

const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/** Sets a property even where the name has a setter on every object. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
}
