import type { SimulatedPack } from './pack.ts'

/** Rows of `pwr`: modules that there may be. */
const ROWS = 16

/**
 * What the console prints for a command, made after the recordings of real ones; undefined for what it does not know.
 * `now` is Unix ms.
 */
export function consoleText(line: string, packs: readonly SimulatedPack[], now: number): string[] | undefined {
  const [topic, number] = line.trim().split(/\s+/)
  if (topic === 'pwr' && number === undefined) return pwr(packs, now)
  const pack = packs[Number(number) - 1]
  if (pack === undefined || pack.silent) return undefined
  if (topic === 'bat') return bat(pack)
  if (topic === 'info') return info(pack, Number(number))
  return topic === 'stat' ? stat(pack, Number(number)) : undefined
}

const milli = (value: number): number => Math.round(value * 1000)

function stateOf({ current }: SimulatedPack): string {
  if (current === 0) return 'Idle'
  return current > 0 ? 'Charge' : 'Dischg'
}

function percent(pack: SimulatedPack): string {
  return `${Math.round((100 * pack.remainingAh) / pack.kind.capacityAh)}%`
}

const PWR_WIDTHS = [6, 7, 7, 7, 7, 7, 7, 7, 9, 9, 9, 9, 9, 21, 9, 9, 9, 8]
const PWR_TITLES =
  'Power Volt Curr Tempr Tlow Thigh Vlow Vhigh Base.St Volt.St Curr.St Temp.St Coulomb Time B.V.St B.T.St MosTempr M.T.St'

function pwr(packs: readonly SimulatedPack[], now: number): string[] {
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const pack = packs[i]
    return pack === undefined || pack.silent ? absentRow(i + 1) : pwrRow(pack, i + 1, now)
  })
  return [PWR_TITLES.split(' '), ...rows].map(row => row.map((text, i) => text.padEnd(PWR_WIDTHS[i]!)).join(''))
}

function absentRow(number: number): string[] {
  return [String(number), ...Array.from({ length: 7 }, () => '-'), 'Absent', ...Array.from({ length: 7 }, () => '-')]
}

function pwrRow(pack: SimulatedPack, number: number, now: number): string[] {
  const { cells, temperatures } = pack
  const time = new Date(now).toISOString().slice(0, 19).replace('T', ' ')
  const numbers = [
    ...[number, pack.millivolts, milli(pack.current), milli(temperatures[0]!)],
    ...[milli(Math.min(...temperatures)), milli(Math.max(...temperatures))],
    ...[milli(Math.min(...cells)), milli(Math.max(...cells))],
  ]
  const { voltage, temperature } = states(pack)
  return [
    ...numbers.map(String),
    ...[stateOf(pack), voltage, 'Normal', temperature, percent(pack), time, voltage, temperature],
    ...[String(milli(temperatures.at(-1)!)), 'Normal'],
  ]
}

function states({ alarm }: SimulatedPack): { readonly voltage: string; readonly temperature: string } {
  const voltage = alarm === 'over_voltage' ? 'High' : alarm === 'under_voltage' ? 'Low' : 'Normal'
  return { voltage, temperature: alarm === 'charge_hot' ? 'High' : 'Normal' }
}

const BAT_WIDTHS = [9, 9, 9, 9, 13, 13, 13, 13, 13, 13, 12]
const BAT_TITLES = 'Battery,Volt,Curr,Tempr,Base State,Volt. State,Curr. State,Temp. State,SOC,Coulomb,BAL'

function bat(pack: SimulatedPack): string[] {
  const { voltage, temperature } = states(pack)
  const warmth = milli(pack.temperatures[0]!)
  const charge = `${milli(pack.remainingAh)} mAH`
  const rows = pack.cells.map((cell, i) => [
    ...[String(i), String(milli(cell)), String(milli(pack.current)), String(warmth), stateOf(pack)],
    ...[i === 0 ? voltage : 'Normal', 'Normal', temperature, percent(pack), charge, 'N'],
  ])
  return [BAT_TITLES.split(','), ...rows].map(row => row.map((text, i) => text.padEnd(BAT_WIDTHS[i]!)).join(''))
}

function info(pack: SimulatedPack, number: number): string[] {
  const { kind } = pack
  return pairs({
    'Device address': number,
    Manufacturer: 'Simulated',
    'Device name': kind.name,
    'Main Soft version': '0.9.12',
    'Soft  version': 'V1.7',
    'Boot  version': 'V1.0',
    Barcode: pack.serial,
    Specification: `48V/${kind.capacityAh}AH`,
    'Cell Number': kind.cells,
    'Max Dischg Curr': `${-milli(kind.currentLimit)}mA`,
    'Max Charge Curr': `${milli(kind.currentLimit)}mA`,
    'Console Port rate': 115_200,
  })
}

function stat(pack: SimulatedPack, number: number): string[] {
  const counters = {
    'CYCLE Times': pack.cycles,
    SOH: 100,
    'Pwr Percent': Number.parseInt(percent(pack), 10),
    'Pwr Coulomb': milli(pack.remainingAh) * 3600,
  }
  return [`Device address   ${number}`, ...pairs(counters)] // the first line has no colon
}

function pairs(lines: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(lines).map(([key, value]) => `${key.padEnd(20)}: ${value}`)
}
