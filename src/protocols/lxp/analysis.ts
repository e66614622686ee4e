import type { FieldInfo } from '../../core/field-info.ts'
import type { Value } from '../../core/values.ts'
import { type DecodedField, type DecodedFrame, unlistedOf } from './decoded.ts'
import { errorName, type LxpFrame, word } from './frame.ts'

/**
 * The document of one frame that `main-modbus analyze` printed: labels in order, values as texts with their units.
 * Frames without values say their `type` instead. With `all` registers without a definition come as plain numbers.
 */
export function analysisDocument(decoded: DecodedFrame, all: boolean): Record<string, unknown> {
  const { frame } = decoded
  const document = documentHead(frame)
  if (isBlock(frame)) {
    document['decodedValues'] = labelledValues(decoded, all)
    return document
  }
  document['type'] = frame.type
  addContent(document, frame)
  if (frame.type === 'write_single' && frame.direction === 'reply') document['values'] = decoded.values
  return document
}

/** What the document of a frame says before its content. */
export function documentHead(frame: LxpFrame): Record<string, unknown> {
  const { datalog, deviceFunction, inverter, register, data } = frame
  const head: Record<string, unknown> = { datalog }
  if (deviceFunction !== undefined) head['deviceFunction'] = deviceFunction
  if (inverter !== undefined) head['inverterSerial'] = inverter
  if (isBlock(frame)) {
    head['startingRegister'] = register
    head['valueLength'] = data.length
  }
  return head
}

function isBlock({ type, direction }: LxpFrame): boolean {
  return (type === 'input' || type === 'hold') && direction === 'reply'
}

/** Values as texts by label, sorted: what the original also published. */
export function labelledValues(decoded: DecodedFrame, all: boolean): Record<string, string | number> {
  const rows = decoded.fields
    .filter(field => isRow(field) && field.value !== null)
    .map(field => [field.info.label, labelled(field)] as const)
  const more = all ? unlistedOf(decoded).map(({ register, raw }) => [`Register ${register}`, raw] as const) : []
  return Object.fromEntries([...rows, ...more].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Whether a field has a row among the labelled values, unless there is no value. */
export function isRow({ isPart, register }: DecodedField): boolean {
  return !isPart && register !== undefined
}

/** A value as labelled ones are printed. */
export function labelled({ info, value, raw, isCode }: DecodedField): string | number {
  if (isCode || typeof value === 'boolean') return raw!
  if (typeof value !== 'number') return String(value)
  return info.unit === '' ? value : `${hundredths(value) / 100}${unitTail(info)}`
}

/** A decimal number in hundredths, halves upwards: by its digits, 1.005 gives 101, and not by what a double makes of them. */
export function hundredths(value: number): number {
  return Math.round(Math.round(value * 1e6) / 1e4)
}

/** The original wrote these without a blank before the unit. */
const TIGHT: ReadonlySet<string> = new Set(['soc', 'soh'])

/** The unit behind a labelled value, with the blank before it. */
export function unitTail({ name, unit }: FieldInfo): string {
  return TIGHT.has(name) ? unit : ` ${unit}`
}

/** One frame as a line of NDJSON; `time` in Unix ms, NaN where it is not known. */
export function analysisLine(decoded: DecodedFrame, time: number, all: boolean): Record<string, unknown> {
  const { frame, values, fields } = decoded
  return { ...lineHead(frame, time), values, fields: [...fields.map(fieldRow), ...(all ? unlistedOf(decoded) : [])] }
}

/** What the line of a frame says before its values. */
export function lineHead(frame: LxpFrame, time: number): Record<string, unknown> {
  const { inverter, datalog, type, protocol } = frame
  const head: Record<string, unknown> = Number.isNaN(time) ? {} : { time: new Date(time).toISOString() }
  head['family'] = 'lxp'
  head['device'] = inverter ?? datalog
  head['message'] = type
  head['protocol'] = protocol
  head['datalog'] = datalog
  addContent(head, frame)
  return head
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

/** Adds what a frame says beside register values, in the words of the protocol page. */
function addContent(to: Record<string, unknown>, frame: LxpFrame): void {
  const { type, direction, register, count, errorCode, data } = frame
  if (direction === 'request') to['direction'] = direction
  if (type === 'unknown') to['tcpFunction'] = frame.tcpFunction
  const isNamed = type !== 'exception' && type !== 'unknown'
  if (!isNamed && frame.deviceFunction !== undefined) to['deviceFunction'] = frame.deviceFunction
  if (register !== undefined) to['register'] = register
  if (count !== undefined) to['count'] = count
  if (errorCode !== undefined) to['error'] = { code: errorCode, name: errorName(errorCode) }
  if (isWrite(frame)) to['registers'] = registersOf(frame)
  if (!PAYLOADS.has(type) || data.length === 0) return
  to['payload'] = Buffer.from(data).toString('hex')
  if (type === 'read_param' && data.length === 2) to['value'] = word(data, 0)
}

const PAYLOADS: ReadonlySet<string> = new Set(['heartbeat', 'read_param', 'write_param', 'unknown'])

function isWrite({ type, data }: LxpFrame): boolean {
  return (type === 'write_single' || type === 'write_multi') && data.length > 0
}

function registersOf({ register = 0, data }: LxpFrame): Record<string, number> {
  const words = Array.from({ length: data.length / 2 }, (_, i) => [String(register + i), word(data, i * 2)] as const)
  return Object.fromEntries(words)
}
