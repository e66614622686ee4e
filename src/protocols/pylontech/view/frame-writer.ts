import type { ScreenSize } from '../../../core/terminal.ts'
import { type Line, widthOf } from './line.ts'
import { painted } from './paint.ts'

const CLEAR = '\u001b[0m\u001b[2J'
const CLEAR_TO_END = '\u001b[K'

/** Turns pictures into what a terminal must be told so that it shows them: only the lines that are not there yet. */
export class FrameWriter {
  readonly #colored: boolean
  #shown: string[] = []
  #size: ScreenSize | undefined

  constructor(colored: boolean) {
    this.#colored = colored
  }

  /** Nothing that was shown is there any more. */
  forget(): void {
    this.#size = undefined
  }

  /** The escape codes and texts of a picture, for one write; empty where nothing has changed. */
  frame(lines: readonly Line[], size: ScreenSize): string {
    let text = ''
    if (size.columns !== this.#size?.columns || size.rows !== this.#size?.rows) {
      text = CLEAR
      this.#shown = []
      this.#size = size
    }
    const count = Math.max(lines.length, this.#shown.length)
    for (let row = 0; row < count; row++) {
      const line = lines[row] ?? []
      const own = painted(line, this.#colored)
      if (own === (this.#shown[row] ?? '')) continue
      // erasing behind a line that ends in the last column would take its last character away
      const erase = widthOf(line) < size.columns ? CLEAR_TO_END : ''
      text += `\u001b[${row + 1};1H${own}${erase}`
      this.#shown[row] = own
    }
    this.#shown.length = lines.length
    return text
  }
}
