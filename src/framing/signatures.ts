/** Formats that `createReader` makes a reader for. */
export type ReadableFormat = (typeof READABLE_FORMATS)[number]

/** Formats that detection knows by name. */
export type LogFormat = keyof typeof FORMAT_TITLES

/** What a message calls the formats: `this is ${title}`. */
export const FORMAT_TITLES = {
  candump: 'a candump log',
  'candump-screen': 'the screen output of candump',
  'gvret-csv': 'a SavvyCAN (GVRET) CSV file',
  'battery-emulator': 'a Battery-Emulator log',
  asc: 'a Vector ASC log',
  blf: 'a Vector BLF log',
  busmaster: 'a BUSMASTER log',
  'cr-lines': 'text whose lines end with CR alone (tr "\\r" "\\n" mends it)',
  crtd: 'a CRTD log',
  'generic-id-csv': 'a SavvyCAN generic ID CSV file',
  mdf: 'an MDF (MF4) measurement file',
  ndjson: 'a file of frames as JSON lines',
  pcap: 'a pcap capture',
  pcapng: 'a pcapng capture',
  'python-can-csv': 'a python-can CSV file',
  slcan: 'an slcan recording',
  sqlite: 'an SQLite database',
  trc: 'a PCAN-View TRC log',
  'utf-16': 'UTF-16 text',
} as const

/** The readable formats, in the order in which a list of them is shown. */
export const READABLE_FORMATS = [
  'candump',
  'candump-screen',
  'gvret-csv',
  'battery-emulator',
  'asc',
  'trc',
  'blf',
  'pcap',
  'pcapng',
  'python-can-csv',
  'ndjson',
  'crtd',
  'busmaster',
  'generic-id-csv',
] as const satisfies readonly LogFormat[]

/** Whether `createReader` makes a reader for the format. */
export function isReadable(format: LogFormat): format is ReadableFormat {
  return (READABLE_FORMATS as readonly string[]).includes(format)
}

/** First bytes of binary formats, as hex. */
const MAGICS: readonly (readonly [string, LogFormat])[] = [
  ['4c4f4747', 'blf'], // LOGG
  ['d4c3b2a1', 'pcap'],
  ['4d3cb2a1', 'pcap'],
  ['a1b2c3d4', 'pcap'],
  ['a1b23c4d', 'pcap'],
  ['0a0d0d0a', 'pcapng'],
  ['4d44462020202020', 'mdf'], // "MDF     "
  ['556e46696e4d4620', 'mdf'], // "UnFinMF ", a file that was not closed
  ['53514c69746520666f726d6174203300', 'sqlite'], // "SQLite format 3\0"
  ['fffe', 'utf-16'],
  ['feff', 'utf-16'],
]

/** The format that a file's first bytes stand for, if it is not plain text. */
export function formatOfMagic(head: Uint8Array): LogFormat | undefined {
  let hex = ''
  for (const byte of head.subarray(0, 16)) hex += byte.toString(16).padStart(2, '0')
  return MAGICS.find(([magic]) => hex.startsWith(magic))?.[1]
}

/** Formats that a line tells by itself; the patterns see a line without blanks around it. */
const BEFORE_FRAMES: readonly (readonly [RegExp, LogFormat])[] = [
  [/^;(\$FILEVERSION|##)|^\d+\)\s+\d+(\.\d+)?\s+\w+\s/i, 'trc'], // not the rest of a cut `(1.000000) can0 ...`
  [/^date [a-z]|^base (hex|dec)|^begin triggerblock/i, 'asc'],
  [/^\*{3}BUSMASTER/i, 'busmaster'],
  [/^(?=.*TIME STAMP)(?=.*EXTENDED)(?=.*\bD1\b)/i, 'gvret-csv'],
  [/^timestamp,arbitration_id,/i, 'python-can-csv'],
  [/^ID,Data Bytes/i, 'generic-id-csv'],
]

const AFTER_FRAMES: readonly (readonly [RegExp, LogFormat])[] = [
  [/^\d+\.\d+\s+(CANFD\s+\d+\s+[RT]x\s|\d+\s+([\da-f]+x?\s+[RT]x\s+[dr]\b|ErrorFrame\b))/i, 'asc'], // without its header
  [/^\d+\.\d+ (\d?[RT](11|29)|CXX|CEV) /, 'crtd'],
  [/^\{.*"id"\s*:/, 'ndjson'],
]

/** The format that a line belongs to; `formatOfFrame` tries it as a frame of one of the readable formats. */
export function formatOfLine(text: string, formatOfFrame: () => ReadableFormat | undefined): LogFormat | undefined {
  const matches = ([pattern]: readonly [RegExp, LogFormat]) => pattern.test(text)
  return (
    BEFORE_FRAMES.find(matches)?.[1] ??
    formatOfFrame() ??
    AFTER_FRAMES.find(matches)?.[1] ??
    (isSlcan(text) ? 'slcan' : undefined)
  )
}

/** Whether the text is one slcan frame: `tiiildd..`, `Tiiiiiiiildd..`, `riiil` or `Riiiiiiiil`, with or without a time. */
function isSlcan(text: string): boolean {
  const match = /^([tr][0-7][\da-fA-F]{2}|[TR][01][\da-fA-F]{7})([0-8])([\da-fA-F]*)$/.exec(text)
  if (match === null) return false
  const [, id = '', length = '', data = ''] = match
  const digits = id.startsWith('t') || id.startsWith('T') ? Number(length) * 2 : 0
  return data.length === digits || data.length === digits + 4
}
