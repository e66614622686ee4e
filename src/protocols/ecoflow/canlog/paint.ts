/** Escape codes around a coloured text: what comes before it and what after. */
export type Paint = readonly [open: string, close: string]

/** The colours of the columns, under the names the original's users know. */
export interface Palette {
  readonly cyan: Paint
  readonly magenta: Paint
  readonly red: Paint
  readonly redBright: Paint
  readonly yellow: Paint
  readonly yellowBright: Paint
  readonly green: Paint
  readonly greenBold: Paint
  readonly greenBright: Paint
  readonly blue: Paint
  readonly blueBright: Paint
  readonly white: Paint
  readonly whiteBright: Paint
  readonly none: Paint
  /** Whether there is any colour: decides about the colours inside records. */
  readonly colored: boolean
}

const NONE: Paint = ['', '']

/** No colour at all. */
export const PLAIN_PALETTE: Palette = {
  cyan: NONE,
  magenta: NONE,
  red: NONE,
  redBright: NONE,
  yellow: NONE,
  yellowBright: NONE,
  green: NONE,
  greenBold: NONE,
  greenBright: NONE,
  blue: NONE,
  blueBright: NONE,
  white: NONE,
  whiteBright: NONE,
  none: NONE,
  colored: false,
}
