/** Printable characters that every terminal shows one column wide: ASCII, Latin, Greek, Cyrillic. */
const NARROW = /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f\u0370-\u03ff\u0400-\u0482\u048a-\u052f]/gu

/**
 * Text from elsewhere as a screen may show it: no escape codes, nothing that moves what stands beside it. What is not
 * sure to be one column wide becomes `?`. At most `longest` characters.
 */
export function visible(text: string, longest: number): string {
  return text
    .slice(0, longest * 2) // a character may be two code units
    .replace(NARROW, '?')
    .slice(0, longest)
}

/** What would do something to a terminal or to the order of its text: control characters, line ends, marks of direction. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Text from elsewhere as a line of output may show it, in any script; without what fills it up at its end. */
export function harmless(text: string): string {
  return text.replace(/\0+$/, '').replace(UNSAFE, '?')
}
