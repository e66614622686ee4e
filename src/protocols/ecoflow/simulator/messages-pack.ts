import type { Values } from '../../../core/values.ts'
import type { Pack } from './battery.ts'
import { type Definitions, encodeAs, inAndOut, type Payload, perStep, thousandths } from './messages.ts'
import type { Module } from './modules.ts'
import type { Home } from './physics.ts'

const APP_VERSION = '2.0.3.41'
const LOADER_VERSION = '1.0.1.9'
const CHARGE_LIMIT = 100
const DISCHARGE_LIMIT = 10
/** What a pack asks to be charged with at most. */
const CHARGE_VOLTS_PER_CELL = 3.55
const CHARGE_AMPS = 40

/** The payloads of a battery, for the bus it shares with a PowerKit and for a PowerStream. */
export interface PackPayloads {
  readonly status: Payload
  readonly cells: Payload
  readonly base: Payload
  readonly live: Payload
  readonly energyManagement: Payload
  readonly management: Payload
}

/** Payloads that show `pack`, whose serial number and product are those of `module`. */
export function packPayloads(definitions: Definitions, home: Home, pack: Pack, module: Module): PackPayloads {
  const { messages } = definitions
  const make = (name: string, length: number, values: () => Values) =>
    perStep(home, () => encodeAs(messages, name, values(), length))
  return {
    status: make('pack_status', 128, () => packStatus(pack, module)),
    cells: make('cell_report', 124, () => cellReport(pack)),
    base: make('base_info', 132, () => baseInfo(pack, module)),
    live: make('battery_live', 53, () => batteryLive(pack)),
    energyManagement: make('ems_heartbeat', 46, () => emsHeartbeat(pack)),
    management: make('bms_heartbeat', 188, () => bmsHeartbeat(pack)),
  }
}

/** State of charge and current as all messages of a pack give them. */
function charge(pack: Pack): Values {
  return { soc: Math.round(pack.percent), vol: pack.millivolts / 1000, amp: thousandths(pack.amps) }
}

function capacities(pack: Pack): Values {
  return { designCap: pack.designAh, fullCap: pack.fullAh, remainCap: pack.remainMah / 1000 }
}

function cellLimits(pack: Pack): Values {
  const cells = pack.cellMillivolts
  return { maxCellVol: Math.max(...cells) / 1000, minCellVol: Math.min(...cells) / 1000 }
}

function temperatures(pack: Pack): Values {
  const celsius = Math.round(pack.celsius)
  return { maxCellTemp: celsius + 1, minCellTemp: celsius, maxMosTemp: celsius + 2, minMosTemp: celsius + 1 }
}

function remaining(pack: Pack): Values {
  return { chgRemainTime: pack.minutesTo('full'), dsgRemainTime: pack.minutesTo('empty') }
}

/** 0 idle, 1 discharging, 2 charging: by the current as it is shown. */
export function chargeState(amps: number): number {
  const shown = thousandths(amps)
  return shown > 0 ? 2 : shown < 0 ? 1 : 0
}

function packStatus(pack: Pack, { serial }: Module): Values {
  const { into, out } = inAndOut(pack.watts)
  return {
    serial,
    appVersion: APP_VERSION,
    ...charge(pack),
    temp: Math.round(pack.celsius),
    chgState: chargeState(pack.amps),
    ...capacities(pack),
    ...cellLimits(pack),
    ...temperatures(pack),
    inWatts: into,
    outWatts: 0 - out, // negative = discharge
    remainTime: Math.min(pack.minutesTo('full'), pack.minutesTo('empty')),
    heatFlag: 0,
    eventCode: 0,
  }
}

function cellReport(pack: Pack): Values {
  const cells = pack.cellMillivolts
  const { maxCellVol, minCellVol } = cellLimits(pack) as { maxCellVol: number; minCellVol: number }
  return {
    ...charge(pack),
    f32Soc: pack.percent,
    cell: Array.from({ length: 16 }, (_, i) => (cells[i] ?? 0) / 1000),
    maxCellVol,
    minCellVol,
    avgCellVol: Math.round(pack.millivolts / cells.length) / 1000,
    maxCellIndex: cells.indexOf(Math.round(maxCellVol * 1000)),
    minCellIndex: cells.indexOf(Math.round(minCellVol * 1000)),
    ...temperatures(pack),
    ...capacities(pack),
  }
}

function baseInfo(pack: Pack, { serial, type, detail }: Module): Values {
  const celsius = Math.round(pack.celsius)
  return {
    kitNum: 1,
    dataLen: 132,
    serial,
    productType: type,
    productDetail: detail,
    procedureState: 'application',
    appVersion: APP_VERSION,
    loaderVersion: LOADER_VERSION,
    chgVolLimit: thousandths(pack.cells * CHARGE_VOLTS_PER_CELL),
    f32Soc: pack.percent,
    ...charge(pack),
    maxTemp: celsius + 1,
    minTemp: celsius,
    designCap: pack.designAh,
    ...remaining(pack),
    chgUpline: CHARGE_LIMIT,
    dsgDownline: DISCHARGE_LIMIT,
    soh: 100,
  }
}

function batteryLive(pack: Pack): Values {
  const celsius = Math.round(pack.celsius)
  return {
    chgVolLimit: thousandths(pack.cells * CHARGE_VOLTS_PER_CELL),
    chgAmpLimit: CHARGE_AMPS,
    ...charge(pack),
    ...remaining(pack),
    ...cellLimits(pack),
    maxTemp: celsius + 1,
    minTemp: celsius,
    fullCap: pack.fullAh,
    remainCap: pack.remainMah / 1000,
  }
}

function emsHeartbeat(pack: Pack): Values {
  return {
    chgState: chargeState(pack.amps),
    chgCmd: 1,
    dsgCmd: 1,
    chgVol: thousandths(pack.cells * CHARGE_VOLTS_PER_CELL),
    chgAmp: CHARGE_AMPS,
    fanLevel: 0,
    maxChargeSoc: CHARGE_LIMIT,
    bmsModel: 13,
    lcdShowSoc: Math.round(pack.percent),
    openUpsFlag: 1,
    bmsWarningState: 0,
    ...remaining(pack),
    emsIsNormalFlag: 1,
    f32LcdShowSoc: pack.percent,
    bmsIsConnt: [1, 0, 0],
    maxAvailableNum: 1,
    openBmsIdx: 1,
    paraVolMin: thousandths(pack.millivolts / 1000 - 0.5),
    paraVolMax: thousandths(pack.millivolts / 1000 + 0.5),
    minDsgSoc: DISCHARGE_LIMIT,
    openOilEbSoc: 20,
    closeOilEbSoc: 90,
  }
}

function bmsHeartbeat(pack: Pack): Values {
  const { into, out } = inAndOut(pack.watts)
  return {
    num: 0,
    type: 1,
    cellId: 2,
    errCode: 0,
    sysVer: APP_VERSION,
    ...charge(pack),
    temp: Math.round(pack.celsius),
    openBmsIdx: 1,
    ...capacities(pack),
    cycles: pack.cycles,
    soh: 100,
    ...cellLimits(pack),
    ...temperatures(pack),
    bmsFault: 0,
    bqSysStatReg: 0,
    tagChgAmp: CHARGE_AMPS,
    f32ShowSoc: pack.percent,
    inputWatts: into,
    outputWatts: out,
    remainTime: Math.min(pack.minutesTo('full'), pack.minutesTo('empty')),
  }
}
