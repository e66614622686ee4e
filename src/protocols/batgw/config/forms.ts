import type { ValueForm } from './option.ts'
import { ConfigError } from './token.ts'

/** A text as the configuration has it, in quotes. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

/** Prints name and value. */
export function withValue<T>(print: (value: T) => string): (name: string, value: T) => string {
  return (name, value) => `${name} ${print(value)}`
}

/** A text; `check` says what is wrong with it. */
export function text(expected: string, check: (text: string) => string | undefined = notEmpty): ValueForm<string> {
  return {
    expected,
    read: tokens => {
      const token = tokens.text(expected)
      const problem = check(token.text)
      if (problem !== undefined) throw new ConfigError(token, `${problem}; expected ${expected}`)
      return token.text
    },
    print: withValue(quoted),
  }
}

function notEmpty(text: string): string | undefined {
  return text === '' ? 'the text is empty' : undefined
}

/** A whole number from `low` to `high`; `name` begins the messages, which say `small` or `large`. */
export function number(name: string, low: number, high: number, small: string, large: string): ValueForm<number> {
  const expected = `a whole number, ${low} to ${high}`
  return {
    expected,
    read: tokens => {
      const token = tokens.peek()
      const value = tokens.number(expected)
      if (value < low) throw new ConfigError(token, `${name} is ${small}; expected ${low} to ${high}, not ${value}`)
      if (value > high) throw new ConfigError(token, `${name} is ${large}; expected ${low} to ${high}, not ${value}`)
      return value
    },
    print: withValue(String),
  }
}

/** One of a few texts. */
export function choice<T extends string>(choices: readonly T[]): ValueForm<T> {
  const expected = choices.map(quoted).join(' or ')
  return {
    expected,
    read: tokens => {
      const bare = choices.find(other => tokens.take(other)) // here even a keyword can mean nothing else
      if (bare !== undefined) return bare
      const token = tokens.text(expected)
      const chosen = choices.find(other => other === token.text)
      if (chosen === undefined) throw new ConfigError(token, `${quoted(token.text)} is unknown; expected ${expected}`)
      return chosen
    },
    print: withValue(quoted),
  }
}

/** Nothing: that the option stands there says it all. */
export const flag: ValueForm<true> = { expected: 'nothing', read: () => true, print: name => name }
