import { InvalidArgumentError, Option } from 'commander'

const FORM = /^(\d{1,7}(?:\.\d{1,3})?)([kM]?)(?:bit\/s|bps)?$/
const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1000, M: 1_000_000 }
const MOST = 1_000_000

/** The option for buses whose bit rate is not set elsewhere. */
export function bitRateOption(purpose: string): Option {
  return new Option('--bitrate <rate>', `bit rate of the bus, 500k or 500000: ${purpose}`)
    .argParser(parseBitRate)
    .default(500_000, '500k')
}

/** bit/s of `500k`, `500000` or `1M`. */
export function parseBitRate(text: string): number {
  const [, digits = '', unit = ''] = FORM.exec(text) ?? []
  const rate = Math.round(Number(digits) * FACTORS[unit]!)
  if (digits !== '' && rate >= 1000 && rate <= MOST) return rate
  throw new InvalidArgumentError('It must be a bit rate from 1k to 1M, such as 500k.')
}
