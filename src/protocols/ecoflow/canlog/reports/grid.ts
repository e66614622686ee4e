import type { ByteGrid } from '../../../../explore/byte-grid.ts'
import { gridLines as lines } from '../../../../explore/grid-text.ts'
import type { Paint, Palette } from '../paint.ts'

/** The grid as lines of text, in the palette's colours; without a width nothing is left out or broken. */
export function gridLines(grid: ByteGrid, palette: Palette, width: number | undefined): Iterable<string> {
  const paint = {
    name: painter(palette.yellowBright),
    quiet: painter(palette.blue),
    guess: painter(palette.greenBright),
  }
  return lines(grid, width === undefined ? { paint } : { paint, width })
}

function painter([open, close]: Paint): (text: string) => string {
  return text => open + text + close
}
