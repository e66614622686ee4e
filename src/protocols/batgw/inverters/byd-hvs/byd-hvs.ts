import { flag } from '../../config/forms.ts'
import type { OptionRule } from '../../config/option.ts'
import type { InverterKind } from '../../inverter-driver.ts'
import { BydHvsDriver } from './driver.ts'
import { bydHvsSimulator } from './simulator/node.ts'
import { bydHvsTopics } from './topics.ts'

/** Show a full or empty battery together with a limit of 0, for inverters that do not heed the limit alone. */
const SOC_OVERRIDE: OptionRule<true> = { name: 'soc override', form: flag }

/** Inverters that take a BYD Battery-Box Premium HVS: `protocol "byd"`. */
export const bydHvs: InverterKind = {
  name: 'byd',
  options: [SOC_OVERRIDE],
  refuse: () => undefined,
  structs: () => 'byd-hvs',
  model: () => undefined,
  topics: bydHvsTopics,
  simulator: bydHvsSimulator,
  create: (options, facts, structs) => new BydHvsDriver(facts, options.has(SOC_OVERRIDE.name), structs),
}
