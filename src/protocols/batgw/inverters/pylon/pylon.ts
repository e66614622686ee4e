import { quoted } from '../../config/forms.ts'
import type { InverterKind } from '../../inverter-driver.ts'
import { PylonHvDriver } from './hv-driver.ts'
import { PylonLvDriver } from './lv-driver.ts'
import { misplaced, PYLON_OPTIONS, pylonForm } from './options.ts'
import { pylonSimulator } from './simulator/node.ts'

/** Inverters that take Pylontech batteries: `protocol "pylon"`. */
export const pylon: InverterKind = {
  name: 'pylon',
  options: PYLON_OPTIONS,
  refuse: (options, { maxDv }) => {
    const option = misplaced(options)
    if (option !== undefined) return `inverter ${option} has no meaning in this dialect; expected another dialect`
    if (maxDv <= pylonForm(options).mostDv) return undefined
    const volts = (maxDv / 10).toFixed(1)
    return `the low-voltage dialect cannot say ${volts} V, which this pack can have; expected voltage resolution ${quoted('0.1')}`
  },
  structs: options => pylonForm(options).structs,
  model: options => pylonForm(options).model,
  topics: () => [], // the program that the topics come from does not know these inverters
  simulator: pylonSimulator,
  create: (options, facts, structs) => {
    const form = pylonForm(options)
    return form.lowVoltage ? new PylonLvDriver(facts, form, structs) : new PylonHvDriver(facts, form, structs)
  },
}
