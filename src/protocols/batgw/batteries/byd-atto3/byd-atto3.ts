import type { BatteryKind } from '../../battery-driver.ts'
import { choice } from '../../config/forms.ts'
import { type GivenOptions, type OptionRule, optionValue } from '../../config/option.ts'
import { AlwaysClosed, type ContactorControl, untouched } from './contactor-control.ts'
import { BydAtto3Driver } from './driver.ts'
import { isIntact, keysOf } from './frames.ts'
import { ManagedContactors } from './managed-contactors.ts'
import { PACK, PACKS } from './packs.ts'
import { bydAtto3Simulator } from './simulator/node.ts'
import { bydAtto3Topics } from './topics.ts'

type Contactors = 'always' | 'managed' | 'never'

/** Who closes and opens the contactors. */
const CONTACTORS: OptionRule<Contactors> & { readonly fallback: Contactors } = {
  name: 'contactors',
  form: choice<Contactors>(['always', 'managed', 'never']),
  fallback: 'always',
}

const CONTROLS: Readonly<Record<Contactors, () => ContactorControl>> = {
  always: () => new AlwaysClosed(),
  managed: () => new ManagedContactors(),
  never: () => untouched,
}

/** BYD Atto 3, and packs of the same protocol with as many cells: `protocol "byd"`. */
export const bydAtto3: BatteryKind = {
  name: 'byd',
  structs: 'byd-atto3',
  options: [PACK, CONTACTORS],
  refuse: () => undefined,
  writes: options => optionValue(options, CONTACTORS) === 'managed',
  facts: options => PACKS[optionValue(options, PACK)],
  topics: bydAtto3Topics,
  keys: keysOf,
  isIntact,
  simulator: bydAtto3Simulator,
  create: (options: GivenOptions, structs) =>
    new BydAtto3Driver(optionValue(options, PACK), CONTROLS[optionValue(options, CONTACTORS)](), structs),
}
