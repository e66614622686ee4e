/** A status bit: where it is, and what people call it. */
export interface Flag {
  /** Its name in snapshots. */
  readonly name: string
  /** Its label on the screen. */
  readonly label: string
  readonly meaning: string
  /** Status 1 to 5, or 92h. */
  readonly word: 1 | 2 | 3 | 'management'
  readonly bit: number
  /** What it is when it is set: a protection that has acted, a wish of the module, or a state that is as it should be. */
  readonly kind: 'protection' | 'request' | 'state'
  /** Row and column of its label in the box of a module; the reserved ones have none. */
  readonly at?: readonly [row: number, column: number]
}

/** All status bits, in the order of the protocol page: docs/protocols/pylontech.md. */
export const FLAGS: readonly Flag[] = [
  flag('module_under_voltage', 'UV', 'module voltage too low', 1, 7, 'protection', [0, 49]),
  flag('module_over_voltage', 'OV', 'module voltage too high', 1, 0, 'protection', [0, 53]),
  flag('cell_under_voltage', 'CELL_UV', 'a cell is too low', 1, 1, 'protection', [1, 49]),
  flag('charge_over_current', 'C_OC', 'charged with too much current', 1, 2, 'protection', [0, 57]),
  flag('discharge_over_current', 'D_OC', 'discharged with too much current', 1, 4, 'protection', [1, 57]),
  flag('charge_over_temp', 'C_OT', 'too hot or cold for charging', 1, 6, 'protection', [0, 62]),
  flag('discharge_over_temp', 'D_OT', 'too hot or cold for discharging', 1, 5, 'protection', [1, 62]),
  flag('charge_fet', 'C_FET', 'switch for charging is on', 2, 1, 'state', [0, 67]),
  flag('discharge_fet', 'D_FET', 'switch for discharging is on', 2, 2, 'state', [1, 67]),
  flag('pre_fet', 'PRE_FET', 'switch for slow charging is on', 2, 0, 'state'),
  flag('on_battery_power', 'ONBAT', 'runs on its own power', 2, 3, 'state', [2, 62]),
  flag('effective_charge_current', 'ECC', 'is being charged', 3, 7, 'state', [2, 75]),
  flag('effective_discharge_current', 'EDC', 'is being discharged', 3, 6, 'state', [2, 70]),
  flag('heater', 'HEATER', 'heater is on', 3, 5, 'state'),
  flag('fully_charged', 'FULL', 'fully charged', 3, 3, 'state', [2, 55]),
  flag('buzzer', 'BUZ', 'buzzer is on', 3, 0, 'protection', [2, 49]),
  flag('charge_enable', 'C_EN', 'may be charged', 'management', 7, 'state', [0, 74]),
  flag('discharge_enable', 'D_EN', 'may be discharged', 'management', 6, 'state', [1, 74]),
  flag('charge_immediately_1', 'CI1', 'nearly empty: charge now', 'management', 5, 'request', [3, 49]),
  flag('charge_immediately_2', 'CI2', 'emptier still: charge now', 'management', 4, 'request', [3, 53]),
  flag('full_charge_request', 'FCR', 'wants a full charge', 'management', 3, 'request', [3, 58]),
]

function flag(
  name: string,
  label: string,
  meaning: string,
  word: Flag['word'],
  bit: number,
  kind: Flag['kind'],
  at?: readonly [number, number],
): Flag {
  return { name, label, meaning, word, bit, kind, ...(at === undefined ? {} : { at }) }
}
