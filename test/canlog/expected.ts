/** The lines of messages as `build-log.ts` makes them when nothing is said: read off its numbers, column by column. */
export const A = 'A 31403 AA02 0001 A0 2C 016200 00,01,4B,14,03,01,50'
export const B = 'B 03001 AA03 0008 76 2C 016200 00 0B 3C 03 14 01 01 032F'
/** Channel C always ends in the payload. */
export const C_HEAD = 'C 12001 AA03 0008 76 2C 01'
export const C = `${C_HEAD} 01 02 03 04 05 06 07 08`
/** The payload of B and C. */
export const HEX = '01 02 03 04 05 06 07 08'

/** The time column of a log of `everySecond`, in UTC. */
export function at(second: number): string {
  const minutes = 13 + Math.floor((20 + second) / 60)
  return `231114.22${String(minutes).padStart(2, '0')}${String((20 + second) % 60).padStart(2, '0')}.000`
}

/** Lines with the times of a log of `everySecond`. */
export function timed(...lines: readonly string[]): string[] {
  return lines.map((line, second) => `${at(second)} ${line}`)
}

/** A text without escape codes. */
export function stripped(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, '')
}
