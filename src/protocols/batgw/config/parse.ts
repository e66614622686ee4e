import { type Block, parseBlock, type ReportError } from './block-parser.ts'
import type { OptionRule } from './option.ts'
import { ConfigError, nameOf, type Position, type Token } from './token.ts'
import { type ReadFile, TokenStream } from './token-stream.ts'

/** The blocks of a configuration, and what each may hold. */
export type BlockRules = Readonly<Record<BlockName, readonly OptionRule<unknown>[]>>

export type BlockName = 'mqtt' | 'battery' | 'inverter'

export interface ParsedBlocks {
  readonly blocks: ReadonlyMap<BlockName, Block>
  /** Where the outermost file ends, for what is missing. */
  readonly end: Position
}

/** Where a configuration comes from. */
export interface ConfigSource {
  readonly name: string
  readonly text: string
  /** Gives the files that it includes. */
  readonly read: ReadFile
  /** Macros of the command line. */
  readonly macros: ReadonlyMap<string, string>
}

/** Takes a configuration apart; everything that is wrong goes to `report`, and the next line goes on. */
export function parseBlocks(source: ConfigSource, rules: BlockRules, report: ReportError): ParsedBlocks {
  const tokens = new TokenStream(source.text, source.name, source.read, source.macros)
  const blocks = new Map<BlockName, Block>()
  for (;;) {
    try {
      tokens.newlines()
      if (tokens.peek().kind === 'end') break
      parseItem(tokens, rules, blocks, report)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      report(error)
      recover(tokens)
    }
  }
  const { file, line } = tokens.peek()
  return { blocks, end: { file, line } }
}

/** Goes on behind the line, and behind a brace that closes nothing. */
function recover(tokens: TokenStream): void {
  tokens.skipLine()
  if (tokens.closes) tokens.next()
}

function parseItem(tokens: TokenStream, rules: BlockRules, blocks: Map<BlockName, Block>, report: ReportError): void {
  const token = tokens.next()
  const { kind, text } = token
  if (kind === 'word' && text === 'include') {
    parseInclude(tokens)
    return
  }
  if (kind === 'word' && Object.hasOwn(rules, text)) parseNamed(tokens, token, rules, blocks, report)
  else if (kind === 'word' || kind === 'number' || kind === 'text') parseMacro(tokens, token)
  else throw new ConfigError(token, `found ${nameOf(token)}, expected mqtt, battery, inverter, include, or a macro`)
  endOfLine(tokens)
}

/** The line ends before the other file begins. */
function parseInclude(tokens: TokenStream): void {
  const path = tokens.text('the name of a file')
  endOfLine(tokens)
  tokens.include(path)
}

function endOfLine(tokens: TokenStream): void {
  const { kind } = tokens.peek()
  if (kind !== 'newline' && kind !== 'end') throw tokens.unexpected('a new line')
}

function parseNamed(
  tokens: TokenStream,
  token: Token,
  rules: BlockRules,
  blocks: Map<BlockName, Block>,
  report: ReportError,
): void {
  const name = token.text as BlockName // a key of the rules
  const earlier = blocks.get(name)
  const block = parseBlock(tokens, name, rules[name], report)
  if (earlier !== undefined) {
    const { file, line } = earlier.position
    throw new ConfigError(token, `${name} is already configured, at ${file}:${line}`)
  }
  blocks.set(name, block)
}

const MACRO_NAME = /^[A-Za-z0-9_]+$/

function parseMacro(tokens: TokenStream, name: Token): void {
  tokens.expect('=', `mqtt, battery, inverter or include before it, or "=" behind the name of a macro`)
  const problem = macroProblem(name.text)
  if (problem !== undefined) throw new ConfigError(name, problem)
  const words = [tokens.text('the text of the macro').text]
  while (!['newline', 'end'].includes(tokens.peek().kind)) words.push(tokens.text('the text of the macro').text)
  tokens.define(name.text, words.join(' '))
}

/** A macro from the command line, `name=value`, cut at the last `=`; undefined where it is none. */
export function parseMacroArgument(text: string): readonly [name: string, value: string] | undefined {
  const at = text.lastIndexOf('=')
  const name = text.slice(0, Math.max(at, 0))
  return macroProblem(name) === undefined ? [name, text.slice(at + 1)] : undefined
}

function macroProblem(name: string): string | undefined {
  if (/\s/.test(name)) return 'macro name cannot contain whitespace'
  return MACRO_NAME.test(name) ? undefined : `${JSON.stringify(name)} cannot be a macro; expected letters, digits and _`
}
