/** What stands for a value that is not known. */
const UNKNOWN = '-'

/**
 * A number with so many decimals, fewer where `width` columns have no room for them; `#` where there is no room at all,
 * so that a part is never taken for the whole.
 */
export function fixed(value: number | null, decimals: number, width = 12): string {
  if (value === null) return UNKNOWN
  for (let places = decimals; places >= 0; places--) {
    const text = (Math.abs(value) < 0.5 / 10 ** places ? 0 : value).toFixed(places) // never -0
    if (text.length <= width) return text
  }
  return '#'.repeat(width)
}

/** A whole number, the rest cut off towards zero as the first program of these users did: -128.8 is -128. */
export function whole(value: number | null, width = 12): string {
  return fixed(value === null ? null : Math.trunc(value), 0, width)
}

/** A voltage in V of whole mV. */
export function volts(millivolts: number | null, width = 12): string {
  return fixed(millivolts === null ? null : millivolts / 1000, 3, width)
}

const UNITS = [
  [86_400_000, ' d'],
  [3_600_000, ' h'],
  [60_000, ' min'],
] as const

/** How long ago, in the largest unit that is not 0: `4 s`, `3 min`. What is yet to come is 0 s: clocks differ. */
export function age(ms: number): string {
  const [size, unit] = UNITS.find(([ms1]) => ms >= ms1) ?? [1000, ' s']
  return `${Math.max(0, Math.floor(ms / size))}${unit}`
}

/** Two digits in upper case, as the protocol's document writes bytes. */
export function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}

/** Time of day in UTC. */
export function timeOfDay(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '--:--:--' : date.toISOString().slice(11, 19)
}

/** `1 module`, `2 modules`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
