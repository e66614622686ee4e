import { Chalk, type ChalkInstance } from 'chalk'
import { type Paint, type Palette, PLAIN_PALETTE } from './paint.ts'

const MARK = '\u0000'

/** The palette for a colour level of chalk, 0 for none. */
export function paletteOf(level: 0 | 1 | 2 | 3): Palette {
  if (level === 0) return PLAIN_PALETTE
  const chalk = new Chalk({ level })
  return {
    cyan: codes(chalk.cyan),
    magenta: codes(chalk.magenta),
    red: codes(chalk.red),
    redBright: codes(chalk.redBright),
    yellow: codes(chalk.yellow),
    yellowBright: codes(chalk.yellowBright),
    green: codes(chalk.green),
    greenBold: codes(chalk.green.bold),
    greenBright: codes(chalk.greenBright),
    blue: codes(chalk.blue),
    blueBright: codes(chalk.blueBright),
    white: codes(chalk.white),
    whiteBright: codes(chalk.whiteBright),
    none: PLAIN_PALETTE.none,
    colored: true,
  }
}

/** The escape codes that chalk puts around a text. */
function codes(style: ChalkInstance): Paint {
  const [open = '', close = ''] = style(MARK).split(MARK)
  return [open, close]
}
