/** The characters that pictures are drawn with. */
export interface Glyphs {
  /** Nothing but ASCII may be shown. */
  readonly isAscii: boolean
  /** Eight heights, the lowest first. */
  readonly levels: string
  readonly horizontal: string
  readonly vertical: string
  readonly topLeft: string
  readonly topRight: string
  readonly bottomLeft: string
  readonly bottomRight: string
  /** The filled and the empty part of a bar. */
  readonly full: string
  readonly empty: string
  readonly celsius: string
}

export const UNICODE: Glyphs = {
  isAscii: false,
  levels: '▁▂▃▄▅▆▇█',
  horizontal: '─',
  vertical: '│',
  topLeft: '┌',
  topRight: '┐',
  bottomLeft: '└',
  bottomRight: '┘',
  full: '█',
  empty: '·',
  celsius: '°C',
}

export const ASCII: Glyphs = {
  isAscii: true,
  levels: '.,:;ox%#',
  horizontal: '-',
  vertical: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  full: '#',
  empty: '.',
  celsius: 'C',
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What a terminal can show, by its environment: the locale's character set, as POSIX looks for it, and the terminal's
 * name. The Linux console has no blocks of eighths in its fonts. Windows has no such variables, and Unicode.
 */
export function glyphsFor(env: Environment): Glyphs {
  const first = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(value => value !== undefined && value !== '')
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') return ASCII
  if (first === undefined) return env['OS'] === 'Windows_NT' ? UNICODE : ASCII
  return /utf-?8/i.test(first) ? UNICODE : ASCII
}
