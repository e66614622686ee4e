import { CEILING_DA, CEILING_W } from '../safety/limit.ts'
import { number, text } from './forms.ts'
import type { OptionRule, ValueForm } from './option.ts'
import { ConfigError } from './token.ts'

/** What the user allows in one direction: at first, and at most by command; W. */
export interface PowerLimit {
  readonly limitW: number
  readonly maxW: number
}

const WATTS = `0 to ${CEILING_W} W`

/** `N [max M]`; without `max` nobody can raise it. 0 means 0. */
function powerLimit(name: string): ValueForm<PowerLimit> {
  return {
    expected: `a whole number, ${WATTS}`,
    read: tokens => {
      const position = tokens.peek()
      const fail = (problem: string) => new ConfigError(position, `${problem}; expected ${WATTS}`)
      const limitW = tokens.number(`the limit, ${WATTS}`)
      if (limitW < 0) throw fail(`${name} is too low`)
      if (!tokens.take('max')) {
        if (limitW > CEILING_W) throw fail(`${name} is too high`)
        return { limitW, maxW: limitW }
      }
      const maxW = tokens.number(`the maximum, 1 to ${CEILING_W} W`)
      if (maxW < 1) throw new ConfigError(position, `max limit is too low; expected 1 to ${CEILING_W} W`)
      if (maxW > CEILING_W) throw fail(`${name} max is too high`)
      if (limitW > maxW) throw new ConfigError(position, `${name} above max: ${limitW} is more than ${maxW}`)
      return { limitW, maxW }
    },
    print: (rule, { limitW, maxW }) => `${rule} ${limitW}${maxW === 0 ? '' : ` max ${maxW}`}`,
  }
}

const AMPERES = CEILING_DA / 10
const DEFAULT_LIMIT: PowerLimit = { limitW: CEILING_W, maxW: CEILING_W }

function amperes(name: string) {
  return { name, form: number(`battery ${name}`, 0, AMPERES, 'too low', 'too high'), fallback: AMPERES }
}

export const PROTOCOL: OptionRule<string> = { name: 'protocol', form: text('the name of a protocol') }
export const INTERFACE: OptionRule<string> = {
  name: 'interface',
  aliases: ['iface'],
  form: text('a CAN interface such as "can0"'),
}
export const CHARGE_LIMIT = {
  name: 'charge limit',
  form: powerLimit('battery charge limit'),
  fallback: DEFAULT_LIMIT,
}
export const DISCHARGE_LIMIT = {
  name: 'discharge limit',
  form: powerLimit('battery discharge limit'),
  fallback: DEFAULT_LIMIT,
}
export const CHARGE_CURRENT = amperes('charge current')
export const DISCHARGE_CURRENT = amperes('discharge current')

/** What a block `battery` may hold whatever the battery is, in the order in which it is printed. */
export const BATTERY_OPTIONS: readonly OptionRule<unknown>[] = [
  PROTOCOL,
  INTERFACE,
  CHARGE_LIMIT,
  DISCHARGE_LIMIT,
  CHARGE_CURRENT,
  DISCHARGE_CURRENT,
]

/** What a block `inverter` may hold whatever the inverter is. */
export const INVERTER_OPTIONS: readonly OptionRule<unknown>[] = [PROTOCOL, INTERFACE]
