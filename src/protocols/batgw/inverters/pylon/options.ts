import { choice, flag, number, text } from '../../config/forms.ts'
import { type GivenOptions, type OptionRule, optionValue } from '../../config/option.ts'

/** `vendor`: the maker's high-voltage form; `legacy`: high byte first and no offset, as other gateways begin; or 48 V. */
type Dialect = 'vendor' | 'legacy' | 'low-voltage'
type ByteOrder = 'little' | 'big'
type OnOff = 'on' | 'off'
type Resolution = '0.01' | '0.1'

const DIALECT: OptionRule<Dialect> & { readonly fallback: Dialect } = {
  name: 'dialect',
  form: choice<Dialect>(['vendor', 'legacy', 'low-voltage']),
  fallback: 'vendor',
}
const BYTE_ORDER: OptionRule<ByteOrder> = { name: 'byte order', form: choice<ByteOrder>(['little', 'big']) }
const OFFSET: OptionRule<OnOff> = { name: 'current offset', form: choice<OnOff>(['on', 'off']) }
const ADDRESS = { name: 'address', form: number('inverter address', 0, 1, 'too low', 'too high') }
const MANUFACTURER = {
  name: 'manufacturer',
  form: text('1 to 16 ASCII characters', nameProblem),
}
const INVERT_CURRENT: OptionRule<true> = { name: 'invert current', form: flag }
const RESOLUTION: OptionRule<Resolution> = {
  name: 'voltage resolution',
  form: choice<Resolution>(['0.01', '0.1']),
}

export const PYLON_OPTIONS: readonly OptionRule<unknown>[] = [
  DIALECT,
  BYTE_ORDER,
  OFFSET,
  ADDRESS,
  MANUFACTURER,
  INVERT_CURRENT,
  RESOLUTION,
]

function nameProblem(name: string): string | undefined {
  return /^[\x20-\x7e]{1,16}$/.test(name) ? undefined : `${JSON.stringify(name)} does not fit`
}

/** How the frames are to look. */
export interface PylonForm {
  readonly lowVoltage: boolean
  readonly structs: string
  readonly model: string
  readonly address: number
  readonly manufacturer: string
  /** What the current is multiplied with. */
  readonly currentSign: 1 | -1
  /** 48 V form: what a pack may have at most, 0.1 V. */
  readonly mostDv: number
}

/** The most that 356 can say, 0.1 V: 16 bits with sign. */
const MOST_DV = { '0.01': 3276, '0.1': 32_767 } as const

export function pylonForm(options: GivenOptions): PylonForm {
  const dialect = optionValue(options, DIALECT)
  const common = {
    address: optionValue(options, ADDRESS) ?? 0,
    manufacturer: optionValue(options, MANUFACTURER) ?? 'PYLON',
    currentSign: options.has(INVERT_CURRENT.name) ? -1 : 1,
  } as const
  if (dialect === 'low-voltage') {
    const resolution = optionValue(options, RESOLUTION) ?? '0.01'
    const model = resolution === '0.1' ? 'tenths' : 'hundredths'
    return { ...common, lowVoltage: true, structs: 'pylon-can-lv', model, mostDv: MOST_DV[resolution] }
  }
  const order = optionValue(options, BYTE_ORDER) ?? (dialect === 'vendor' ? 'little' : 'big')
  const offset = optionValue(options, OFFSET) ?? (dialect === 'vendor' ? 'on' : 'off')
  const structs = order === 'little' ? 'pylon-can' : 'pylon-can-legacy'
  return { ...common, lowVoltage: false, structs, model: offset === 'on' ? 'offset' : 'plain', mostDv: 65_535 }
}

/** Options that say nothing in this dialect: whoever gave them expects something that would not happen. */
export function misplaced(options: GivenOptions): string | undefined {
  const others =
    optionValue(options, DIALECT) === 'low-voltage' ? [BYTE_ORDER, OFFSET, ADDRESS, MANUFACTURER] : [RESOLUTION]
  return others.find(({ name }) => options.has(name))?.name
}
