import { Option } from 'commander'
import type { Io, Output } from './io.ts'

/** Chalk's levels: none, 16 colours, 256 colours, all. */
export type ColorLevel = 0 | 1 | 2 | 3

/** The option that every command with colours has. */
export function colorOption(): Option {
  return new Option('--color <when>', 'colours in the output').choices(['always', 'never', 'auto']).default('auto')
}

/**
 * How many colours an output gets: `choice`, which `--color` gave, decides unless it is auto; then `NO_COLOR` (any text,
 * see no-color.org), then `FORCE_COLOR` (0 to 3), then whether it is a terminal. Standard output and standard error are
 * asked for separately.
 */
export function colorLevel({ env, out }: Io, choice: string | boolean | undefined, output: Output = out): ColorLevel {
  if (choice === 'always') return capable(env)
  if (choice === 'never' || (env['NO_COLOR'] ?? '') !== '') return 0
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forcedLevel(forced)
  return output.isTerminal && env['TERM'] !== 'dumb' ? capable(env) : 0
}

function forcedLevel(text: string): ColorLevel {
  if (text === '0' || text === 'false') return 0
  return text === '2' ? 2 : text === '3' ? 3 : 1
}

/** What a terminal of that name shows, by its name; no terminal shows less than 16 colours. */
function capable(env: Io['env']): ColorLevel {
  const depth = env['COLORTERM'] ?? ''
  if (depth === 'truecolor' || depth === '24bit') return 3
  return /-256(color)?$/.test(env['TERM'] ?? '') ? 2 : 1
}
