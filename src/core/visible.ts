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
