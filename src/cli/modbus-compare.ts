import { UsageError, WattzupError } from '../core/errors.ts'
import { ColumnNames } from '../protocols/lxp/compare/columns.ts'
import { type Comparison, compareRow } from '../protocols/lxp/compare/comparison.ts'
import { nearestRow, type PortalRow, type PortalTable, parsePortalCsv } from '../protocols/lxp/compare/portal-csv.ts'
import { type DecodedField, FrameDecoder } from '../protocols/lxp/decoded.ts'
import type { Zone } from '../protocols/lxp/local-time.ts'
import type { Model } from '../protocols/lxp/model.ts'
import { ModelsSeen } from '../protocols/lxp/models-seen.ts'
import { timeOfName } from '../protocols/lxp/packet-name.ts'
import type { Io } from './io.ts'
import { comparisonDocument, comparisonText } from './modbus-compare-output.ts'
import { readFrames } from './modbus-frames.ts'
import { openStructs } from './open-structs.ts'
import { readText } from './read-text.ts'

export interface CompareOptions {
  readonly json: boolean
  readonly model: Model | undefined
  readonly guesses: boolean
  readonly packetZone: Zone
  readonly csvZone: Zone
  readonly maxSkewMs: number
  readonly tolerance: number | undefined
  /** File with names of values by header. */
  readonly map: string | undefined
  /** When the packets came, Unix ms; else by their names. */
  readonly time: number | undefined
  readonly structs: string | undefined
}

const MAX_CSV_BYTES = 64_000_000
const MAX_MAP_BYTES = 1_000_000
/** Packets of one burst come within about a second. */
const BURST_MS = 60_000
/** Exit status of differences found. */
const DIFFERENT = 3

/** Runs `modbus compare`: the packets of a burst against the nearest row of the portal's export. */
export async function runCompare(
  io: Io,
  packets: readonly string[],
  csv: string,
  options: CompareOptions,
): Promise<void> {
  const time = options.time ?? timeOfPackets(io, packets, options.packetZone)
  const fields = await decodePackets(io, packets, options)
  const own = options.map === undefined ? {} : parseMap(await readText(io, options.map, MAX_MAP_BYTES), options.map)
  const names = new ColumnNames(
    [...fields.values()].map(({ info }) => info),
    own,
  )
  const text = await readText(io, csv, MAX_CSV_BYTES)
  const table = await parsePortalCsv(text, csv, options.csvZone, header => names.isOwn(header, 'time'))
  const row = chooseRow(io, table, csv, time, options.maxSkewMs)
  const skewMs = Math.abs(row.time - time)
  const comparison = compareRow(fields, table, row, names, { skewMs, tolerance: options.tolerance })
  if (comparison.fields.length === 0) {
    throw new WattzupError(`no column of ${csv} is a value of the packets; name some with --map`)
  }
  const result = { time, rowTime: row.time, skewMs, ...comparison }
  io.out.write(options.json ? comparisonDocument(result) : comparisonText(result))
  if (hasDifferences(comparison)) io.status.code = DIFFERENT
}

function hasDifferences({ fields }: Comparison): boolean {
  return fields.some(({ verdict }) => verdict === 'differs')
}

/** All values of the packets by name; a later packet goes over an earlier one. */
async function decodePackets(
  io: Io,
  paths: readonly string[],
  options: CompareOptions,
): Promise<ReadonlyMap<string, DecodedField>> {
  const structs = (await openStructs(io, options.structs)).load('lxp')
  const decoder = new FrameDecoder(structs, new ModelsSeen(options.model, 'hybrid'), options.guesses)
  const fields = new Map<string, DecodedField>()
  const inverters = new Set<string>()
  const { rejects, failed } = await readFrames(
    io,
    paths,
    'reply',
    frame => {
      const decoded = decoder.decode(frame)
      if (decoded.fields.length > 0) inverters.add(frame.inverter!)
      for (const field of decoded.fields) fields.set(field.info.name, field)
    },
    () => {},
  )
  if (rejects.total > 0) io.err.write(`wattzup: ${rejects.summary()}\n`)
  if (failed > 0) throw new WattzupError('a packet could not be read, so there is nothing to compare')
  if (fields.size === 0) throw new WattzupError(`no values in ${paths.join(', ')}: no good frame of registers`)
  if (inverters.size > 1) throw new UsageError(`the packets are of ${inverters.size} inverters: give those of one`)
  return fields
}

function timeOfPackets(io: Io, paths: readonly string[], zone: Zone): number {
  const times = paths.map(path => timeOfName(path, zone)).filter(time => !Number.isNaN(time))
  if (times.length === 0) {
    throw new UsageError(`the name of ${paths[0]} does not say when it came: give --time 2026-03-01T10:00:00Z`)
  }
  const first = Math.min(...times)
  if (Math.max(...times) - first > BURST_MS) {
    io.err.write('wattzup: the packets are not of one burst; the row is chosen by the time of the first\n')
  }
  return first
}

function chooseRow(io: Io, table: PortalTable, csv: string, time: number, maxSkewMs: number): PortalRow {
  if (table.unread > 0) io.err.write(`wattzup: ${csv}: ${table.unread} rows left out, their time cannot be read\n`)
  const row = nearestRow(table.rows, time)
  if (row === undefined) throw new WattzupError(`${csv} has no row with a time`)
  if (Math.abs(row.time - time) <= maxSkewMs) return row
  const nearest = new Date(row.time).toISOString()
  throw new WattzupError(
    `no row within ${maxSkewMs / 1000} s of ${new Date(time).toISOString()} in ${csv}; the nearest is ${nearest}; ` +
      'see --tz, --utc and --max-skew',
  )
}

function parseMap(text: string, file: string): Record<string, string> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new WattzupError(`${file} is not JSON: ${(error as Error).message}`, { file }, error)
  }
  const isTable = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isTable && Object.values(value as object).every(name => typeof name === 'string')) {
    return value as Record<string, string>
  }
  throw new WattzupError(`${file} must be an object with names by header: { "My header": "battery_voltage" }`)
}
