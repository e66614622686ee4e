import type { ScreenSize, Terminal, TerminalEvents } from '../src/core/terminal.ts'

/**
 * A terminal in memory: shows on `lines` what it is told, and throws at what a real one would answer with a mess: an
 * escape code it does not know, a place outside the screen, a text that does not end in its last column.
 */
export class FakeTerminal implements Terminal {
  size: ScreenSize
  /** Everything that was written, one element per write. */
  readonly writes: string[] = []
  /** How often it was given to a program, and given back. */
  taken = 0
  closed = 0
  suspended = 0
  /** A slow terminal: what `drained` gives. */
  slow: Promise<void> | undefined
  #events: TerminalEvents | undefined
  #screen: string[][]

  constructor(columns: number, rows: number) {
    this.size = { columns, rows }
    this.#screen = blank(this.size)
  }

  take(events: TerminalEvents): this {
    this.#events = events
    this.taken++
    return this
  }

  write(text: string): void {
    this.writes.push(text)
    let row = 0
    let column = 0
    for (const [, numbers, code, plain] of text.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|([^\u001b]+)|\u001b/g)) {
      if (plain !== undefined) {
        const characters = [...plain]
        if (column + characters.length > this.size.columns) throw new Error(`beyond the last column: ${plain}`)
        this.#screen[row]!.splice(column, characters.length, ...characters)
        column += characters.length
      } else if (code === 'H') {
        const [line, place] = numbers!.split(';').map(Number)
        row = line! - 1
        column = place! - 1
        if (this.#screen[row] === undefined) throw new Error(`beyond the last row: ${line}`)
      } else if (code === 'K') this.#screen[row]!.fill(' ', column)
      else if (code === 'J') this.#screen = blank(this.size)
      else if (code !== 'm') throw new Error(`no escape code of ours: ${JSON.stringify(text)}`)
    }
  }

  drained(): Promise<void> | undefined {
    return this.slow
  }

  suspend(): void {
    this.suspended++
    this.#events!.onBlank()
  }

  close(): void {
    this.closed++
  }

  /** What is on the screen, without blanks at the ends of lines. */
  get lines(): string[] {
    return this.#screen.map(line => line.join('').trimEnd())
  }

  get text(): string {
    return this.lines.join('\n')
  }

  /** Sends what a key sends. */
  press(keys: string): void {
    this.#events!.onInput(keys)
  }

  resize(columns: number, rows: number): void {
    this.size = { columns, rows }
    this.#screen = blank(this.size)
    this.#events!.onBlank()
  }

  /** Closes the window. */
  goAway(): void {
    this.#events!.onGone()
  }
}

function blank({ columns, rows }: ScreenSize): string[][] {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '))
}
