import type { Value, Values } from '../../core/values.ts'

/** Adds to the values of a reply what follows from them; see the `derived` rows of structs/pylontech.json. Pure. */
export function derive(message: string, values: Values): void {
  if (message.startsWith('analog')) for (const pack of objects(values['packs'])) deriveAnalog(pack)
  else if (message.startsWith('alarm')) for (const pack of objects(values['packs'])) deriveAlarm(pack)
  else if (message === 'manufacturer') values['manufacturer'] = text(values['manufacturer']).replace(/[\0 -]+$/, '')
  else if (message === 'serial') values['serial'] = printable(text(values['serial']))
}

/** Capacities come in the form that counts; power, state of charge and the spread of the cells follow, in whole mV. */
function deriveAnalog(pack: Values): void {
  for (const name of ['remaining_ah', 'total_ah']) {
    const wide = pack[`${name}_2`]
    if (wide === undefined) continue
    pack[name] = wide
    delete pack[`${name}_2`]
  }
  const [remaining, total] = [pack['remaining_ah'], pack['total_ah']]
  pack['power'] = power(pack['voltage'], pack['current'])
  pack['soc'] = typeof remaining === 'number' && typeof total === 'number' ? soc(remaining, total) : null
  const cells = Array.isArray(pack['cell_voltages']) ? pack['cell_voltages'].map(Number) : []
  if (cells.length === 0) return
  const [low, high] = [Math.min(...cells), Math.max(...cells)]
  pack['cell_min'] = low
  pack['cell_max'] = high
  pack['cell_delta_mv'] = Math.round(high * 1000) - Math.round(low * 1000)
}

/** Volt x ampere in W, one decimal, of whole millivolts and milliamperes; null where one is missing. */
export function power(voltage: Value | undefined, current: Value | undefined): number | null {
  if (typeof voltage !== 'number' || typeof current !== 'number') return null
  return tenths(Math.round(voltage * 1000) * Math.round(current * 1000), 100_000)
}

/** State of charge in %, one decimal; null where the total is 0. */
export function soc(remaining: number, total: number): number | null {
  const whole = Math.round(total * 1000)
  return whole === 0 ? null : tenths(Math.round(remaining * 1000) * 1000, whole)
}

/** `value / by` as a number of tenths; never -0. */
function tenths(value: number, by: number): number {
  return Math.round(value / by) / 10 || 0
}

/** Status 4 and 5 name the cells that have failed, bit 0 of status 4 the first. */
function deriveAlarm(pack: Values): void {
  const { status4, status5, flags } = pack
  if (typeof status4 !== 'number' || typeof status5 !== 'number') return
  const word = status4 | (status5 << 8)
  const cells = Array.from({ length: 16 }, (_, i) => i + 1).filter(cell => (word >> (cell - 1)) & 1)
  if (typeof flags === 'object' && flags !== null && !Array.isArray(flags)) (flags as Values)['cell_faults'] = cells
}

function objects(value: Value | undefined): Values[] {
  return Array.isArray(value) ? (value as Values[]) : []
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** A serial number with strange bytes, as clones have them, is shown in hex. */
function printable(serial: string): string {
  return /^[\x20-\x7e]*$/.test(serial) ? serial : Buffer.from(serial, 'latin1').toString('hex')
}
