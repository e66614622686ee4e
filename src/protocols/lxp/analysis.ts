import type { Value } from '../../core/values.ts'
import { type DecodedField, type DecodedFrame, unlistedOf } from './decoded.ts'
import { errorName, type LxpFrame, word } from './frame.ts'

/**
 * The document of one frame that `main-modbus analyze` printed: labels in order, values as texts with their units.
 * Frames without values say their `type` instead. With `all` registers without a definition come as plain numbers.
 */
export function analysisDocument(decoded: DecodedFrame, all: boolean): Record<string, unknown> {
  const { frame } = decoded
  const head = {
    datalog: frame.datalog,
    ...(frame.deviceFunction === undefined ? {} : { deviceFunction: frame.deviceFunction }),
    ...(frame.inverter === undefined ? {} : { inverterSerial: frame.inverter }),
  }
  const isBlock = (frame.type === 'input' || frame.type === 'hold') && frame.direction === 'reply'
  if (!isBlock) {
    const values = frame.type === 'write_single' && frame.direction === 'reply' ? { values: decoded.values } : {}
    return { ...head, type: frame.type, ...contentOf(frame), ...values }
  }
  const decodedValues = labelledValues(decoded, all)
  return { ...head, startingRegister: frame.register, valueLength: frame.data.length, decodedValues }
}

/** Values as texts by label, sorted: what the original also published. */
export function labelledValues(decoded: DecodedFrame, all: boolean): Record<string, string | number> {
  const rows = decoded.fields
    .filter(({ isPart, register, value }) => !isPart && register !== undefined && value !== null)
    .map(field => [field.info.label, labelled(field)] as const)
  const more = all ? unlistedOf(decoded).map(({ register, raw }) => [`Register ${register}`, raw] as const) : []
  return Object.fromEntries([...rows, ...more].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The original wrote these without a blank before the unit. */
const TIGHT: ReadonlySet<string> = new Set(['soc', 'soh'])

function labelled({ info, value, raw, isCode }: DecodedField): string | number {
  if (isCode || typeof value === 'boolean') return raw!
  if (typeof value !== 'number') return String(value)
  if (info.unit === '') return value
  return `${Math.round(value * 100) / 100}${TIGHT.has(info.name) ? '' : ' '}${info.unit}`
}

/** One frame as a line of NDJSON; `time` in Unix ms, NaN where it is not known. */
export function analysisLine(decoded: DecodedFrame, time: number, all: boolean): Record<string, unknown> {
  const { frame, values, fields } = decoded
  const rows = [...fields.map(fieldRow), ...(all ? unlistedOf(decoded) : [])]
  return {
    ...(Number.isNaN(time) ? {} : { time: new Date(time).toISOString() }),
    family: 'lxp',
    device: frame.inverter ?? frame.datalog,
    message: frame.type,
    protocol: frame.protocol,
    datalog: frame.datalog,
    ...contentOf(frame),
    values,
    fields: rows,
  }
}

function fieldRow({ info, value, register, raw }: DecodedField): Record<string, Value> {
  return {
    name: info.name,
    label: info.label,
    ...(register === undefined ? {} : { register }),
    ...(raw === undefined ? {} : { raw }),
    value,
    ...(info.unit === '' ? {} : { unit: info.unit }),
  }
}

/** What a frame says beside register values, in the words of the protocol page. */
function contentOf(frame: LxpFrame): Record<string, unknown> {
  const { type, direction, register, count, errorCode, data } = frame
  return {
    ...(direction === 'request' ? { direction } : {}),
    ...(type === 'unknown' ? { tcpFunction: frame.tcpFunction } : {}),
    ...(type === 'exception' ? { deviceFunction: frame.deviceFunction } : {}),
    ...(register === undefined ? {} : { register }),
    ...(count === undefined ? {} : { count }),
    ...(errorCode === undefined ? {} : { error: { code: errorCode, name: errorName(errorCode) } }),
    ...(isWrite(frame) ? { registers: registersOf(frame) } : {}),
    ...(PAYLOADS.has(type) ? payloadOf(data, type === 'read_param') : {}),
  }
}

const PAYLOADS: ReadonlySet<string> = new Set(['heartbeat', 'read_param', 'write_param', 'unknown'])

function isWrite({ type, data }: LxpFrame): boolean {
  return (type === 'write_single' || type === 'write_multi') && data.length > 0
}

function registersOf({ register = 0, data }: LxpFrame): Record<string, number> {
  const words = Array.from({ length: data.length / 2 }, (_, i) => [String(register + i), word(data, i * 2)] as const)
  return Object.fromEntries(words)
}

function payloadOf(data: Uint8Array, isNumber: boolean): Record<string, unknown> {
  if (data.length === 0) return {}
  const payload = Buffer.from(data).toString('hex')
  return isNumber && data.length === 2 ? { payload, value: word(data, 0) } : { payload }
}
