import { ASC } from './asc.ts'
import { BATTERY_EMULATOR } from './battery-emulator.ts'
import { CANDUMP } from './candump.ts'
import { CANDUMP_SCREEN } from './candump-screen.ts'
import { GVRET_CSV } from './gvret-csv.ts'
import type { WritableLog } from './log-writer.ts'
import { NDJSON } from './ndjson.ts'
import { PCAP } from './pcap.ts'
import { PCAPNG } from './pcapng.ts'
import { PYTHON_CAN_CSV } from './python-can-csv.ts'
import { TRC } from './trc.ts'

/** The formats that can be written, by the names that readers give them. */
export const WRITABLE_LOGS = {
  candump: CANDUMP,
  'candump-screen': CANDUMP_SCREEN,
  'gvret-csv': GVRET_CSV,
  'battery-emulator': BATTERY_EMULATOR,
  asc: ASC,
  trc: TRC,
  pcap: PCAP,
  pcapng: PCAPNG,
  'python-can-csv': PYTHON_CAN_CSV,
  ndjson: NDJSON,
} as const satisfies Readonly<Record<string, WritableLog>>

/** A format that can be written. */
export type WritableFormat = keyof typeof WRITABLE_LOGS

/** Formats by the ending of a file's name. */
export const FORMAT_OF_ENDING: Readonly<Record<string, WritableFormat>> = {
  log: 'candump',
  csv: 'gvret-csv',
  asc: 'asc',
  trc: 'trc',
  pcap: 'pcap',
  pcapng: 'pcapng',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
}
