import type { Values } from '../../../core/values.ts'
import type { Pack } from './battery.ts'
import { type Definitions, encodeAs, type Payload, perStep, thousandths } from './messages.ts'
import { POWERSTREAM, streamPack } from './modules.ts'
import type { Home, PowerStream } from './physics.ts'

const MAINS_VOLTS = 230
/** "DE": two ASCII letters, high byte first. */
const COUNTRY = 0x4445
const HEARTBEAT_S = 4
const CHARGE_VOLTS = 53.25
const CHARGE_AMPS = 40
/** Remaining times of the inverter saturate sooner than those of batteries. */
const NEVER_MINUTES = 5999

/** The payloads of a PowerStream, by what they show. */
export interface StreamPayloads {
  readonly base: Payload
  readonly live: Payload
  readonly heartbeat: Payload
  readonly secondHeartbeat: Payload
}

/** Payloads that show `stream`. */
export function streamPayloads({ messages }: Definitions, home: Home, stream: PowerStream): StreamPayloads {
  const started = home.at
  const make = (name: string, length: number, values: () => Values) =>
    perStep(home, () => encodeAs(messages, name, values(), length))
  return {
    base: make('base_info_powerstream', 69, baseInfo),
    live: make('powerstream_live', 23, () => ({ value: 3, batWatts: Math.round(0 - stream.bank.watts) })),
    heartbeat: make('powerstream_heartbeat', 0, () => heartbeat(stream, home.at)),
    secondHeartbeat: make('powerstream_heartbeat_2', 0, () => secondHeartbeat(stream, home.at - started)),
  }
}

function baseInfo(): Values {
  const { serial, type, detail } = POWERSTREAM
  return {
    kitNum: 0,
    dataLen: 69,
    serial,
    productType: type,
    productDetail: detail,
    procedureState: 'application',
    appVersion: '1.1.4.60',
    loaderVersion: '1.1.1.2',
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

/** What the owner has set in the app, beside the power wanted. */
const SETTINGS: Values = {
  installCountry: COUNTRY,
  dynamicWatts: 0,
  supplyPriority: 'power supply',
  lowerLimit: 10,
  upperLimit: 100,
  invOnOff: 'on',
  brightness: 512,
  heartbeatFrequency: HEARTBEAT_S,
  ratedPower: 800,
}

/** What the inverter sends to the cloud: tenths of V, A, W, °C. */
function heartbeat(stream: PowerStream, at: number): Values {
  const pack = stream.bank.packs[0]!
  const [pv1, pv2] = stream.pv
  return {
    ...pvInput('pv1', pv1),
    ...pvInput('pv2', pv2),
    batInputVolt: tenths(pack.volts),
    batOpVolt: tenths(pack.volts),
    batInputCur: thousandths(0 - pack.amps), // negative = charging, unlike the battery's own
    batInputWatts: tenths(0 - pack.watts),
    batTemp: tenths(pack.celsius),
    batSoc: Math.round(pack.percent),
    llcInputVolt: tenths(pack.volts),
    llcOpVolt: 425.5,
    llcTemp: tenths(stream.celsius + 2),
    invInputVolt: 424.8,
    invOpVolt: MAINS_VOLTS,
    invOutputCur: thousandths(stream.feedWatts / MAINS_VOLTS),
    invOutputWatts: tenths(stream.feedWatts),
    invTemp: tenths(stream.celsius),
    invFreq: 50,
    bpType: 1,
    invRelayStatus: stream.feedWatts > 0 ? 17 : 16,
    pv1RelayStatus: pv1.watts > 0 ? 1 : 0,
    pv2RelayStatus: pv2.watts > 0 ? 1 : 0,
    ...SETTINGS,
    permanentWatts: stream.wantedWatts,
    chgRemainTime: Math.min(NEVER_MINUTES, pack.minutesTo('full')),
    dsgRemainTime: Math.min(NEVER_MINUTES, pack.minutesTo('empty')),
    pvToInvWatts: tenths(pv1.watts + pv2.watts),
    wifiRssi: -61,
    utcTime: Math.floor(at / 1e6),
  }
}

function pvInput(name: string, input: PowerStream['pv'][number]): Values {
  return {
    [`${name}InputVolt`]: tenths(input.volts),
    [`${name}OpVolt`]: Math.round(input.volts * 100) / 100,
    [`${name}InputCur`]: tenths(input.amps),
    [`${name}InputWatts`]: tenths(input.watts),
    [`${name}Temp`]: tenths(input.celsius),
  }
}

function secondHeartbeat(stream: PowerStream, runningUs: number): Values {
  const pack = stream.bank.packs[0]!
  const { type, detail } = streamPack(0)
  return {
    upperLimit: 100,
    lowerLimit: 10,
    permanentWatts: stream.wantedWatts,
    dynamicWatts: 0,
    bmsReqChgVol: CHARGE_VOLTS,
    bmsReqChgAmp: CHARGE_AMPS,
    resetCount: 3,
    runTime: Math.floor(runningUs / 1e6),
    geneWatt: tenths(stream.feedWatts),
    consWatt: 0,
    parentWifiRssi: -61,
    batProductType: type,
    batProductDetail: detail,
    ...battery(pack),
    chgVol: CHARGE_VOLTS,
    chgAmp: CHARGE_AMPS,
    tagChgAmp: CHARGE_AMPS,
    maxChargeSoc: 100,
    bmsModel: 13,
    minDsgSoc: 10,
    closeOilEbSoc: 90,
  }
}

/** The battery as the inverter passes it on, in a message within the message. */
function battery(pack: Pack): Values {
  const cells = pack.cellMillivolts
  const celsius = Math.round(pack.celsius)
  const volts = pack.millivolts / 1000
  return {
    type: 1,
    cellId: 2,
    soc: Math.round(pack.percent),
    vol: volts,
    amp: thousandths(pack.amps),
    temp: celsius,
    designCap: pack.designAh,
    remainCap: pack.remainMah / 1000,
    fullCap: pack.fullAh,
    soh: 100,
    maxCellVol: Math.max(...cells) / 1000,
    minCellVol: Math.min(...cells) / 1000,
    maxCellTemp: celsius + 1,
    minCellTemp: celsius,
    maxMosTemp: celsius + 2,
    minMosTemp: celsius + 1,
    f32ShowSoc: pack.percent,
    lcdShowSoc: Math.round(pack.percent),
    chgRemainTime: pack.minutesTo('full'),
    dsgRemainTime: pack.minutesTo('empty'),
    f32LcdShowSoc: pack.percent,
    paraVolMin: thousandths(volts - 0.5),
    paraVolMax: thousandths(volts + 0.5),
  }
}
