import type { Value, Values } from '../../../core/values.ts'
import { visible } from '../../../core/visible.ts'
import { FLAGS } from './flags.ts'
import { byte, finite, listOf, numbersOf, objectOf } from './json.ts'
import { readPredecessor } from './read-predecessor.ts'
import { type Cell, type Module, powerOf, type Sensor, type Stack, socOf } from './stack.ts'

/** More than any line can have: 8 groups of 15 modules, 32 cells and 16 sensors each. */
export const MOST_MODULES = 120
const MOST_CELLS = 32
const MOST_SENSORS = 16
/** Characters of a serial number, a version, an error. */
const LONGEST = 40

/** Whether a document says anything of modules, in one of the two layouts. */
export function isSnapshot(document: Values): boolean {
  return Array.isArray(document['packs']) || isPredecessor(document)
}

function isPredecessor({ analog, alarm, charge_info }: Values): boolean {
  return Array.isArray(analog) || Array.isArray(alarm) || Array.isArray(charge_info)
}

/**
 * The modules of a document: a snapshot as `pylon poll` writes it, or the layout of the program before it, whose values
 * are from `at`, Unix ms. What is missing or makes no sense is not known; never throws.
 */
export function readStack(document: Values, at: number): Stack {
  const { packs, system, device_name, software_version, manufacturer } = document
  const described = Array.isArray(packs) || !isPredecessor(document) ? document : readPredecessor(document, at)
  const device = [device_name, software_version, manufacturer].flatMap(part => textOf(part) ?? [])
  return {
    modules: listOf(described['packs'], MOST_MODULES).map((pack, index) => readModule(objectOf(pack), index)),
    system: numbersOf(system),
    device: device.join(' '),
  }
}

function readModule(pack: Values, index: number): Module {
  const alarm = objectOf(pack['alarm'])
  const management = objectOf(pack['management'])
  const number = finite(pack['pack'])
  const address = byte(pack['address'])
  const updatedAt = typeof pack['updated_at'] === 'string' ? Date.parse(pack['updated_at']) : Number.NaN
  return {
    number: Number.isInteger(number) && number! > 0 && number! < 1000 ? number! : index + 1,
    key: address === null ? `#${index + 1}` : String(address),
    place: address === null ? null : `${address >> 4}/${address & 0x0f}`,
    serial: textOf(pack['serial']),
    firmware: textOf(pack['firmware']),
    cells: readCells(pack, alarm),
    sensors: readSensors(pack, alarm),
    ...readAmounts(pack),
    chargeCurrent: byte(alarm['charge_current']),
    moduleVoltage: byte(alarm['module_voltage']),
    dischargeCurrent: byte(alarm['discharge_current']),
    flags: readFlags(alarm, management),
    status: STATUS_WORDS.map(name => byte(alarm[name])),
    managementStatus: byte(management['status']),
    limits: numbersOf(management),
    updatedAt: Number.isNaN(updatedAt) ? null : updatedAt,
    stale: pack['stale'] === true,
    error: textOf(pack['error']),
  }
}

function readAmounts(pack: Values) {
  const voltage = finite(pack['voltage'])
  const current = finite(pack['current'])
  const remainingAh = finite(pack['remaining_ah'])
  const totalAh = finite(pack['total_ah'])
  return {
    voltage,
    current,
    power: powerOf(voltage, current) ?? finite(pack['power']),
    remainingAh,
    totalAh,
    soc: socOf(remainingAh, totalAh) ?? finite(pack['soc']),
    cycles: finite(pack['cycles']),
  }
}

/** Cells by their voltages, or by their alarms where those are all that is known. */
function readCells(pack: Values, alarm: Values): Cell[] {
  const voltages = listOf(pack['cell_voltages'], MOST_CELLS)
  const codes = listOf(alarm['cells'], MOST_CELLS)
  const faults = (byte(alarm['status4']) ?? 0) | ((byte(alarm['status5']) ?? 0) << 8)
  return Array.from({ length: Math.max(voltages.length, codes.length) }, (_, i) => {
    const volts = finite(voltages[i])
    const faulty = i < 16 && ((faults >> i) & 1) === 1
    return { millivolts: volts === null ? null : Math.round(volts * 1000), code: byte(codes[i]), faulty }
  })
}

function readSensors(pack: Values, alarm: Values): Sensor[] {
  const temperatures = listOf(pack['temperatures'], MOST_SENSORS)
  const codes = listOf(alarm['temps'], MOST_SENSORS)
  return Array.from({ length: Math.max(temperatures.length, codes.length) }, (_, i) => ({
    celsius: finite(temperatures[i]),
    code: byte(codes[i]),
  }))
}

const STATUS_WORDS = ['status1', 'status2', 'status3', 'status4', 'status5']

/** The bits of the status words; flags by name where a document has only those. */
function readFlags(alarm: Values, management: Values): Module['flags'] {
  const named = objectOf(alarm['flags'])
  return Object.fromEntries(
    FLAGS.map(({ name, word, bit }) => {
      const status = byte(word === 'management' ? management['status'] : alarm[`status${word}`])
      if (status !== null) return [name, ((status >> bit) & 1) === 1]
      const told = word === 'management' ? management[name] : named[name]
      return [name, typeof told === 'boolean' ? told : null]
    }),
  )
}

function textOf(value: Value | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = visible(String(value), LONGEST).trim()
  return text === '' ? null : text
}
