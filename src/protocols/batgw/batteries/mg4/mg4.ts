import type { BatteryKind } from '../../battery-driver.ts'
import { canKey } from '../../can-message.ts'
import { choice } from '../../config/forms.ts'
import type { OptionRule } from '../../config/option.ts'
import { Mg4Driver } from './driver.ts'
import { MG4_FACTS } from './facts.ts'
import { mg4Simulator } from './simulator/node.ts'
import { mg4Topics } from './topics.ts'

/** What the user knows and takes upon himself. */
const ACCEPT: OptionRule<'no-cell-data'> = { name: 'accept', form: choice(['no-cell-data']) }

/** MG4, bus PT EXT: `protocol "mg4"`. Experimental. */
export const mg4: BatteryKind = {
  name: 'mg4',
  structs: 'mg4',
  options: [ACCEPT],
  refuse: options =>
    options.has(ACCEPT.name)
      ? undefined
      : 'mg4 battery: cell voltages and temperatures cannot be read on this bus, so nothing protects the cells; ' +
        'expected accept "no-cell-data" in battery from whoever takes that risk',
  writes: () => false,
  facts: () => MG4_FACTS,
  topics: mg4Topics,
  keys: frame => [canKey(frame)],
  isIntact: () => true, // what the pack says has no checksum that is known
  simulator: mg4Simulator,
  create: (_, structs) => new Mg4Driver(structs),
}
