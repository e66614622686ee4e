import { ALL_MODULES, READ_COMMANDS } from './commands.ts'

/**
 * Which layout an INFO has. A reply does not name its command, so it must fit the one that was asked to the last
 * byte: a late answer to another question, read as this one, gives false alarms that look real.
 */

/** Most cells and sensors that any module has; more is another layout read as this one. */
const MOST_CELLS = 32
const MOST_SENSORS = 16
/** Alarm codes outside the documented ones that a real reply may still hold. */
const STRANGE_CODES = 2
const ALARM_CODES: ReadonlySet<number> = new Set([0, 1, 2, 0xf0])

/** INFO lengths of the replies that have one layout, in bytes. */
const FIXED: ReadonlyMap<number, number> = new Map([
  [0x47, 25],
  [0x4f, 0],
  [0x51, 32],
  [0x61, 49],
  [0x62, 4],
  [0x63, 9],
  [0x90, 1],
  [0x93, 17],
  [0x96, 6],
])

/** Where the byte stands that repeats the module asked. */
const MODULE_AT: ReadonlyMap<number, number> = new Map([
  [0x42, 1],
  [0x44, 1],
  [0x92, 0],
  [0x93, 0],
  [0x96, 0],
])

/** The module that a reply to `cid2` says it is about; undefined where the command has none. */
export function moduleOf(cid2: number, info: Uint8Array): number | undefined {
  const at = MODULE_AT.get(cid2)
  return at === undefined ? undefined : info[at]
}

/**
 * The key of the definition that claims an INFO which answers `cid2`; undefined where it does not fit. `asked` is the
 * module of the request, FF for all, undefined where that is not known.
 */
export function layoutKey(cid2: number, info: Uint8Array, adr: number, asked: number | undefined): string | undefined {
  const key = cid2.toString(16).toUpperCase()
  if (cid2 === 0x60) return key
  const length = FIXED.get(cid2)
  if (length !== undefined) return info.length === length ? key : undefined
  const tries = asked === undefined ? (moduleOf(cid2, info) === adr ? ONE_FIRST : ALL_FIRST) : [asked === ALL_MODULES]
  for (const all of tries) {
    const suffix = (all ? ALL : ONE).get(cid2)?.(info)
    if (suffix !== undefined) return key + suffix
  }
  return undefined
}

const ONE_FIRST = [false, true]
const ALL_FIRST = [true, false]

/** The keys of all layouts that an INFO fits, for a reply whose request nobody saw. */
export function possibleKeys(info: Uint8Array, adr: number): { readonly cid2: number; readonly key: string }[] {
  return [...READ_COMMANDS.keys()].flatMap(cid2 => {
    const key = cid2 === 0x60 ? undefined : layoutKey(cid2, info, adr, undefined)
    return key === undefined || !isPlausible(cid2, info) ? [] : [{ cid2, key }]
  })
}

/** Whether an INFO whose length fits could be meant so, too. */
function isPlausible(cid2: number, info: Uint8Array): boolean {
  // more than four items may be skipped only where it is known that these are analog values: else anything would fit
  if (cid2 === 0x42) return analogEnd(info, 2) === info.length || blocksEnd(info, analogEnd) === info.length
  if (cid2 !== 0x51) return true
  return info.subarray(12).every(byte => byte >= 0x20 && byte < 0x7f)
}

type Judge = (info: Uint8Array) => string | undefined

/** What stands behind the CID2 in the key of one module's reply. */
const ONE: ReadonlyMap<number, Judge> = new Map<number, Judge>([
  [0x42, info => (analogEnd(info, 2, true) === info.length ? '' : undefined)],
  [
    0x44,
    info => {
      const end = alarmEnd(info, 2)
      return end > 0 && (end === info.length || end === info.length - 1) ? '' : undefined
    },
  ],
  [0x92, info => (info.length === 10 ? '' : undefined)],
])

/** The same for a reply of all modules. */
const ALL: ReadonlyMap<number, Judge> = new Map<number, Judge>([
  [0x42, info => (blocksEnd(info, analogEnd) === info.length ? ':FF' : undefined)],
  [0x44, allAlarms],
  [0x92, info => (info.length > 0 && info.length === 1 + info[0]! * 9 ? ':FF' : undefined)],
])

/**
 * Newer firmware may put an extra byte behind all modules or behind each of them; one of three layouts ends
 * exactly.
 */
function allAlarms(info: Uint8Array): string | undefined {
  const end = blocksEnd(info, alarmEnd)
  if (end > 0 && (end === info.length || end === info.length - 1)) return ':FF'
  const wide = blocksEnd(info, (bytes, at) => {
    const next = alarmEnd(bytes, at)
    return next < 0 ? next : next + 1
  })
  return wide === info.length ? ':FF+1' : undefined
}

/** Where the module blocks that the second byte counts end; -1 where they do not fit. */
function blocksEnd(info: Uint8Array, blockEnd: (info: Uint8Array, at: number) => number): number {
  const count = info[1] ?? 0
  if (count === 0) return -1
  let at = 2
  for (let i = 0; i < count && at >= 0; i++) at = blockEnd(info, at)
  return at
}

/**
 * Where a block of analog values ends; -1 where it does not fit. Items beyond four are skipped in a reply of one
 * module.
 */
function analogEnd(info: Uint8Array, at: number, single = false): number {
  const cells = info[at] ?? 0
  const sensorsAt = at + 1 + 2 * cells
  const sensors = info[sensorsAt] ?? 0
  const itemsAt = sensorsAt + 1 + 2 * sensors + 6
  const items = info[itemsAt]
  if (cells === 0 || cells > MOST_CELLS || sensors > MOST_SENSORS || items === undefined) return -1
  const end = itemsAt + (items === 2 ? 5 : 11)
  if (end > info.length || (items !== 2 && items < 4)) return -1
  if (items <= 4) return end
  return single ? info.length : -1
}

/** Where a block of alarms ends, without an extra byte; -1 where it does not fit. */
function alarmEnd(info: Uint8Array, at: number): number {
  const cells = info[at] ?? 0
  const sensorsAt = at + 1 + cells
  const sensors = info[sensorsAt] ?? 0
  const codesEnd = sensorsAt + 1 + sensors + 3
  if (cells === 0 || cells > MOST_CELLS || sensors > MOST_SENSORS || codesEnd + 5 > info.length) return -1
  let strange = 0
  for (let i = at + 1; i < codesEnd; i++) if (i !== sensorsAt && !ALARM_CODES.has(info[i]!)) strange++
  return strange > STRANGE_CODES ? -1 : codesEnd + 5
}
