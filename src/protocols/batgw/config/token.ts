/** Where something stands in a configuration. */
export interface Position {
  readonly file: string
  readonly line: number
}

/**
 * A piece of a configuration file. A `word` is bare and may be a keyword; a `text` was quoted and is none; a `number` may
 * stand where a text is wanted; `macro` is `$name`; a `sign` is any other character; `bad` says what is wrong here.
 */
export interface Token extends Position {
  readonly kind: 'word' | 'text' | 'number' | 'macro' | 'sign' | 'newline' | 'bad' | 'end'
  readonly text: string
}

/** What is wrong with a configuration, and where. */
export class ConfigError extends Error {
  readonly position: Position

  constructor(position: Position, text: string) {
    super(text)
    this.position = position
  }
}

/** How a message names a token. */
export function nameOf({ kind, text }: Token): string {
  if (kind === 'newline') return 'the end of the line'
  if (kind === 'end') return 'the end of the file'
  if (kind === 'macro') return `$${text}`
  return JSON.stringify(text)
}
