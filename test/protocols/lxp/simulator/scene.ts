import { Random } from '../../../../src/core/random.ts'
import type { Value, Values } from '../../../../src/core/values.ts'
import type { Model } from '../../../../src/protocols/lxp/model.ts'
import { SimulatedDongle } from '../../../../src/protocols/lxp/simulator/dongle.ts'
import { type DongleFault, FaultDice } from '../../../../src/protocols/lxp/simulator/faults.ts'
import { SimulatedRegisters } from '../../../../src/protocols/lxp/simulator/registers.ts'
import { DATALOG, dataFrame, INVERTER } from '../build-frame.ts'
import { framesOf, lxpStructs } from '../captures.ts'

export interface SceneOptions {
  readonly model?: Model
  readonly protocol?: number
  readonly seed?: number
  /** Unix ms. */
  readonly start?: number
}

/** Early in the morning: a simulation begins at midnight, so it has little to catch up with. */
export const START = Date.UTC(2026, 5, 1, 1)

/** A simulated dongle as `simulate dongle` makes it. */
export function sceneOf({ model = 'hybrid', protocol = 5, seed = 1, start = START }: SceneOptions = {}) {
  const registers = new SimulatedRegisters(lxpStructs, { model, seed, start, serial: INVERTER })
  const identity = { protocol, datalog: DATALOG, inverter: INVERTER }
  const dongle = new SimulatedDongle(registers, { identity, eg4: model !== 'lxp', intervalSeconds: 120 })
  return { dongle, registers }
}

/** All values of some blocks, decoded for a model; nothing may be wrong with the frames. */
export function valuesOf(frames: readonly Uint8Array[], model: Model): Values {
  const { frames: found, reasons } = framesOf(Buffer.concat(frames))
  if (reasons.length > 0 || found.length !== frames.length) throw new Error(`bad frames: ${reasons.join(', ')}`)
  const rows = found.map(({ type, register = 0, data }) =>
    lxpStructs.codec([type], model)!.decode(data, { base: register }),
  )
  return Object.assign({}, ...rows) as Values
}

/** The numbers among values; what is no number is 0. */
export function numbersOf(values: Values): Record<string, number> {
  const rows = Object.entries(values) as [string, Value][]
  return Object.fromEntries(rows.map(([name, value]) => [name, typeof value === 'number' ? value : 0]))
}

/** The frame of a read or write request, made without the code under test, as the dongle sees it. */
export function requestOf(code: number, register: number, payload: readonly number[], serials = {}) {
  const bytes = dataFrame(code, register, payload, { protocol: 1, address: 0, ...serials })
  const [frame] = framesOf(bytes, 'request').frames
  return frame!
}

/** Dice that throw what `rates` says. */
export function diceOf(rates: Partial<Record<DongleFault, number>>, seed = 1) {
  const made = new Map<string, number>()
  const entries = Object.entries(rates) as [DongleFault, number][]
  return { dice: new FaultDice(new Random(seed, 'test'), new Map(entries), made), made }
}
