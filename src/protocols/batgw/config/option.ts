import type { Position } from './token.ts'
import type { TokenStream } from './token-stream.ts'

/** How the value of an option is written. */
export interface ValueForm<T> {
  /** What should be there, for messages. */
  readonly expected: string
  /** Reads the value behind the option's words, which were `spelled` so; throws `ConfigError`. */
  read(tokens: TokenStream, spelled: string): T
  /** The option as it is written, with its `name` where that is not in the value; `hide` covers what is secret. */
  print(name: string, value: T, hide: boolean): string
}

/** One option of a block. */
export interface OptionRule<T> {
  /** Its words: `charge limit`. It is called so in messages, and printed so. */
  readonly name: string
  /** Other words for it. */
  readonly aliases?: readonly string[]
  readonly form: ValueForm<T>
  /** What holds without it, for printing with defaults; undefined where nothing is printed then. */
  readonly fallback?: T
}

/** The value of an option, and where it was given. */
export interface Given {
  readonly value: unknown
  readonly position: Position
}

/** The options of a block that were given, by name. */
export type GivenOptions = ReadonlyMap<string, Given>

/** The value of an option, or else what holds without it. */
export function optionValue<T>(options: GivenOptions, rule: OptionRule<T> & { readonly fallback: T }): T
export function optionValue<T>(options: GivenOptions, rule: OptionRule<T>): T | undefined
export function optionValue<T>(options: GivenOptions, rule: OptionRule<T>): T | undefined {
  const given = options.get(rule.name)
  return given === undefined ? rule.fallback : (given.value as T) // what the rule itself has read
}
