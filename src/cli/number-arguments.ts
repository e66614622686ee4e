import { InvalidArgumentError } from 'commander'

/** Takes a number from `least` to `most`. */
export function number(least: number, most = Number.POSITIVE_INFINITY): (text: string) => number {
  return text => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (value >= least && value <= most && Number.isFinite(value)) return value
    throw new InvalidArgumentError(`It must be a number ${range(least, most)}.`)
  }
}

/** Takes a whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return text => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number ${range(least, most)}.`)
  }
}

function range(least: number, most: number): string {
  return most >= Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`
}
