import { UsageError } from '../../../core/errors.ts'
import { parseBlock } from './block-parser.ts'
import type { GivenOptions, OptionRule } from './option.ts'
import { TokenStream } from './token-stream.ts'

/** Reads options as they stand in a block of the configuration, without its braces. Throws `UsageError`. */
export function parseOptions(text: string, block: string, rules: readonly OptionRule<unknown>[]): GivenOptions {
  const read = () => {
    throw new UsageError('nothing can be included here')
  }
  const tokens = new TokenStream(`{\n${text}\n}\n`, block, read, new Map())
  const { options } = parseBlock(tokens, block, rules, ({ message }) => {
    throw new UsageError(message)
  })
  tokens.newlines()
  if (tokens.atEnd) return options
  throw new UsageError(`${block} ends before the text does; leave out the braces`)
}
