import { nearest } from '../../../decode/suggest.ts'
import { quoted } from './forms.ts'
import type { Given, OptionRule } from './option.ts'
import { ConfigError, nameOf } from './token.ts'
import type { TokenStream } from './token-stream.ts'

/** A block, as it was given. */
export interface Block {
  readonly options: ReadonlyMap<string, Given>
  /** Where it begins. */
  readonly position: { readonly file: string; readonly line: number }
}

/** Takes what is wrong. */
export type ReportError = (error: ConfigError) => void

/** An option by one of its spellings. */
interface Spelling {
  readonly words: readonly string[]
  readonly rule: OptionRule<unknown>
}

/** Reads `{ options }`. Options may share a line. After an error the next line goes on. */
export function parseBlock(
  tokens: TokenStream,
  block: string,
  rules: readonly OptionRule<unknown>[],
  report: ReportError,
): Block {
  const { file, line } = tokens.peek()
  const options = new Map<string, Given>()
  tokens.expect('{', `"{" behind ${block}`)
  const spellings = rules.flatMap(spellingsOf)
  for (;;) {
    try {
      tokens.newlines()
      const { kind, text } = tokens.peek()
      if (kind === 'end') throw tokens.unexpected(`"}" at the end of ${block}`)
      if (kind === 'sign' && text === '}') break
      parseOption(tokens, block, spellings, options)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      report(error)
      tokens.skipLine()
      if (tokens.atEnd) return { options, position: { file, line } }
    }
  }
  tokens.next()
  return { options, position: { file, line } }
}

function spellingsOf(rule: OptionRule<unknown>): Spelling[] {
  return [rule.name, ...(rule.aliases ?? [])].map(name => ({ words: name.split(' '), rule }))
}

function parseOption(
  tokens: TokenStream,
  block: string,
  spellings: readonly Spelling[],
  options: Map<string, Given>,
): void {
  const token = tokens.peek()
  const { words, rule } = takeSpelling(tokens, block, spellings)
  const position = { file: token.file, line: token.line }
  const earlier = options.get(rule.name)
  const value = rule.form.read(tokens, words.join(' '))
  if (earlier !== undefined) {
    const { file, line } = earlier.position
    throw new ConfigError(position, `${block} ${rule.name} is already configured, at ${file}:${line}`)
  }
  options.set(rule.name, { value, position })
}

/** Takes the words of an option, the longest that fit. */
function takeSpelling(tokens: TokenStream, block: string, spellings: readonly Spelling[]): Spelling {
  const token = tokens.peek()
  const begun = spellings.filter(({ words }) => token.kind === 'word' && words[0] === token.text)
  if (begun.length === 0) throw new ConfigError(token, unknownOption(nameOf(token), token.text, block, spellings))
  tokens.next()
  const two = begun.find(({ words }) => words[1] !== undefined && tokens.take(words[1]))
  const found = two ?? begun.find(({ words }) => words.length === 1)
  if (found !== undefined) return found
  throw tokens.unexpected(`${begun.map(({ words }) => quoted(words[1]!)).join(' or ')} behind ${token.text}`)
}

function unknownOption(name: string, text: string, block: string, spellings: readonly Spelling[]): string {
  const names = spellings.map(({ words }) => words.join(' '))
  const firsts = spellings.map(({ words }) => words[0]!)
  const near = nearest(text, [...new Set([...firsts, ...names])])
  return `found ${name} in ${block}, expected ${[...new Set(names)].join(', ')}${near === undefined ? '' : `; ${near}`}`
}
