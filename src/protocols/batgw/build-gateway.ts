import type { StructSet } from '../../decode/struct-set.ts'
import type { GatewayConfig } from './config/config.ts'
import { optionValue } from './config/option.ts'
import { CHARGE_CURRENT, CHARGE_LIMIT, DISCHARGE_CURRENT, DISCHARGE_LIMIT } from './config/side-options.ts'
import { Gateway, type GatewayParts } from './gateway.ts'
import { SafetyGate } from './safety/gate.ts'
import { UserWishes } from './wishes.ts'

/** What a gateway is connected to. */
export interface Surroundings extends Pick<GatewayParts, 'recorded' | 'transmit' | 'observe'> {
  /**
   * The definition of that name, of those that come with the program: one of the user's own may say anything, and this is what
   * safety rests on.
   */
  readonly load: (name: string) => StructSet
  /** Charging and discharging are on from the start. */
  readonly enabled: boolean
}

/** Puts a gateway together from its configuration; it begins to listen at `at`, monotonic ms. Throws `StructError`. */
export function buildGateway(config: GatewayConfig, around: Surroundings, at: number): Gateway {
  const { battery, inverter } = config
  const facts = battery.kind.facts(battery.options)
  const ceilings = {
    chargeDa: optionValue(battery.options, CHARGE_CURRENT) * 10,
    dischargeDa: optionValue(battery.options, DISCHARGE_CURRENT) * 10,
  }
  const limits = {
    charge: optionValue(battery.options, CHARGE_LIMIT),
    discharge: optionValue(battery.options, DISCHARGE_LIMIT),
  }
  const parts: GatewayParts = {
    battery: battery.kind.create(battery.options, around.load(battery.kind.structs)),
    inverter: inverter.kind.create(inverter.options, facts, around.load(inverter.kind.structs(inverter.options))),
    gate: new SafetyGate(facts, ceilings),
    wishes: new UserWishes(limits, around.enabled),
    names: { battery: battery.interface, inverter: inverter.interface },
    recorded: around.recorded,
    transmit: around.transmit,
    observe: around.observe,
  }
  return new Gateway(parts, at)
}
