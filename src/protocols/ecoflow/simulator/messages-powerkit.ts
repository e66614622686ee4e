import type { Value, Values } from '../../../core/values.ts'
import { type Definitions, encodeAs, type Payload, perStep, thousandths } from './messages.ts'
import { chargeState } from './messages-pack.ts'
import { KIT, type Module } from './modules.ts'
import type { Home, PowerKit } from './physics.ts'

const MODULE_VERSION = '1.2.4.60'
const LOADER_VERSION = '1.0.0.12'
const MAINS_VOLTS = 230
const DC_VOLTS = 13.6
const BUS_VOLTS = 398
/** Most that a 16-bit field in mA holds; the model stays below, but a definition must never refuse. */
const MOST_AMPS = 65.535

/** The payloads of a PowerKit's modules, by what they show. */
export interface KitPayloads {
  readonly dcLow: Payload
  readonly dcLowShort: Payload
  readonly inverter: Payload
  readonly inverterOutput: Payload
  readonly solar: Payload
  readonly pv1State: Payload
  readonly pv2State: Payload
  readonly dcIn: Payload
  readonly dcOut: Payload
  readonly dcStates: Payload
  readonly acPanel: Payload
  readonly dcPanel: Payload
  readonly totals: Payload
}

/** Payloads that show `kit`. */
export function kitPayloads(definitions: Definitions, home: Home, kit: PowerKit): KitPayloads {
  const make = (name: string, length: number, values: (kit: PowerKit) => Values) =>
    perStep(home, () => encodeAs(definitions.records, name, values(kit), length))
  return {
    dcLow: make('DB', 60, dcLow),
    dcLowShort: make('0E', 38, dcLowShort),
    inverter: make('F8', 82, inverter),
    inverterOutput: make('99', 45, inverterOutput),
    solar: make('C0', 136, solar),
    pv1State: make('49:02', 11, () => ({ pv1State: kit.pv[0].state })),
    pv2State: make('49:05', 11, () => ({ pv2State: kit.pv[1].state })),
    dcIn: make('28:52', 116, dcIn),
    dcOut: make('28:21', 116, dcOut),
    dcStates: make('49:51', 11, () => ({ dcAltState: 0, dcOutState: 1 })),
    acPanel: make('6A', 101, acPanel),
    dcPanel: make('AD:21', 167, dcPanel),
    totals: perStep(home, () => totals(definitions, kit)),
  }
}

/** The 32 bytes by which a module says who it is. */
export function announce(definitions: Definitions, { serial, detail, type }: Module): Uint8Array {
  const versions = { modVer: MODULE_VERSION, ldver: LOADER_VERSION }
  return encodeAs(definitions.messages, 'announce', { serial, detail, type, ...versions, custom: 0 }, 32)
}

/** Whole milliamperes of `watts` at `volts`, in A. */
function amps(watts: number, volts: number): number {
  return Math.min(MOST_AMPS, thousandths(Math.abs(watts) / volts))
}

function busVolts(kit: PowerKit): number {
  return Math.round((BUS_VOLTS + kit.inverterWatts * 0.002) * 10_000) / 10_000
}

function dcLow(kit: PowerKit): Values {
  return {
    serial: KIT.dcLow.serial,
    batCurr: amps(kit.inverterWatts, kit.bank.volts),
    busVol: busVolts(kit),
    dcTemp: Math.round(kit.celsius),
    bmsChgCurr: 60,
    chgBatVol: 56.8,
  }
}

function dcLowShort(kit: PowerKit): Values {
  return {
    battCurr: amps(kit.inverterWatts, kit.bank.volts),
    busVol: busVolts(kit),
    dcTemp: Math.round(kit.celsius),
    fanLevel: kit.celsius > 38 ? 2 : kit.celsius > 33 ? 1 : 0,
    bmsChgCurr: 60,
    chgBatVol: 56.8,
    realSoc: Math.round(kit.bank.soc * 100),
  }
}

function inverter(kit: PowerKit): Values {
  const { watts } = kit.household
  return {
    serial: KIT.inverter.serial,
    inWatts: kit.gridWatts,
    outCurr: amps(watts, MAINS_VOLTS),
    outWatts: watts,
    acTemp: Math.round(kit.celsius) + 2,
    cfgOutFreq: 50,
    acFreqSet: 50,
    acVolSet: MAINS_VOLTS,
    outFreq: 50,
    acMxCurSer: 16,
    passByMxCur: 16,
    ch2Watt: 0,
    stdyTime: 720,
  }
}

function inverterOutput(kit: PowerKit): Values {
  const { watts } = kit.household
  return { outVol: MAINS_VOLTS, outWatts: watts, outVa: Math.round(watts * 1.04) }
}

function solar(kit: PowerKit): Values {
  const [pv1, pv2] = kit.pv
  const watts = pv1.watts + pv2.watts
  return {
    serial: KIT.solar.serial,
    battVol: thousandths(kit.bank.volts),
    battCurr: amps(watts, kit.bank.volts),
    battWatts: Math.round(watts * 100) / 100,
    pv1InVol: thousandths(pv1.volts),
    pv1InCurr: thousandths(pv1.amps),
    pv1InWatt: Math.round(pv1.watts),
    pv2InCurr: thousandths(pv2.amps),
    pv2InVol: thousandths(pv2.volts),
    pv2InWatt: Math.round(pv2.watts),
    l1Curr: amps(pv1.watts, kit.bank.volts),
    l2Curr: amps(pv2.watts, kit.bank.volts),
    hs1Temp: Math.round(pv1.celsius),
    hs2Temp: Math.round(pv2.celsius),
    mppt1SwSta: pv1.on ? 1 : 0,
    mppt2SwSta: pv2.on ? 1 : 0,
    alt1CablLn: 6.5,
    alt2CablLn: 6.5,
    alt1VoltLm: 13,
    alt2VoltLm: 13,
    alt1VoltLmE: 0,
    alt2VoltLmE: 0,
  }
}

/** The input for an alternator, with no vehicle attached. */
function dcIn(kit: PowerKit): Values {
  return {
    serial: KIT.dcIn.serial,
    errCode: 0,
    modVer: MODULE_VERSION,
    battVol: thousandths(kit.bank.volts),
    battCurr: 0,
    batWatts: 0,
    l1Curr: 0,
    l2Curr: 0,
    workMode: 'charging',
    workMode2: 'charge',
    chgMaxCurr: 30,
    dayEnergy: 0,
    hs1Temp: 24,
    hs2Temp: 24,
    dsgEnergy: 0,
    bpOnlinePos: 2 ** kit.bank.packs.length - 1,
    altCableLen: 6.5,
    altVoltLmt: 13,
  }
}

function dcOut(kit: PowerKit): Values {
  const half = thousandths(kit.dcWatts / DC_VOLTS / 2)
  return {
    serial: KIT.dcOut.serial,
    errCode: 0,
    modVer: MODULE_VERSION,
    battVol: thousandths(kit.bank.volts),
    ldOutVol: DC_VOLTS,
    batWatts: kit.dcWatts,
    l1Curr: half,
    l2Curr: half,
    hs1Temp: Math.round(kit.celsius) - 2,
    hs2Temp: Math.round(kit.celsius) - 3,
    workMode: 'supplying',
    dayEnergy: Math.floor(kit.dcDayWh),
    dsgEnergy: Math.floor(kit.dcWh),
    altVoltLmt: 13,
  }
}

function acPanel(kit: PowerKit): Values {
  const { circuits, watts } = kit.household
  const channels: Record<string, Value> = {}
  for (const [i, power] of circuits.entries()) {
    channels[`acChCur${i}`] = amps(power, MAINS_VOLTS)
    channels[`acChWatt${i}`] = power
  }
  return {
    serial: KIT.acPanel.serial,
    modVer: MODULE_VERSION,
    acInVol: MAINS_VOLTS,
    ...channels,
    acTotalWatt: watts,
    acTemp1: Math.round(kit.celsius) - 4,
    acTemp2: Math.round(kit.celsius) - 5,
    acChSta: 2 ** circuits.length - 1,
  }
}

function dcPanel(kit: PowerKit): Values {
  const celsius = Math.round(kit.celsius)
  return { serial: KIT.dcPanel.serial, dcTemp1: celsius - 5, dcTemp2: celsius - 6, dcChRelay: 0b11 }
}

/** The true widths from one definition, what only the other one knows from that. */
function totals({ messages, records }: Definitions, { bank }: PowerKit): Uint8Array {
  const minutes = bank.packs.map(pack => Math.min(pack.minutesTo('full'), pack.minutesTo('empty')))
  const watts = Math.round(bank.watts)
  const wide = {
    totalSoc: Math.round(bank.soc * 100),
    totChgDsgState: chargeState(bank.amps),
    totalInWatts: Math.max(0, watts),
    totalOutWatts: Math.min(0, watts),
    totalRemainTime: Math.max(...minutes),
    bmsChgUpline: 100,
    bmsDsgDownline: 10,
  }
  const bytes = encodeAs(messages, 'system_totals', wide, 35)
  const tenthAmps = Math.round(Math.abs(bank.amps) * 10) / 10
  const rest = encodeAs(records, '4F:21', { oilStpUpln: 90, lcdOffConfS: 300, totalAmp: tenthAmps }, 35)
  return bytes.map((byte, i) => byte | rest[i]!)
}
