import { UsageError } from '../core/errors.ts'
import type { CanlogOptions, ColumnOptions, FilterOptions, ReportOptions } from '../protocols/ecoflow/canlog/options.ts'
import type { CanlogFlags } from './canlog-flags.ts'
import type { Io } from './io.ts'

/** What the command line asks for; throws `UsageError` where it makes no sense. */
export function canlogOptions(flags: CanlogFlags, io: Io): CanlogOptions {
  const compat = has(flags, 'compat')
  const reports = reportOptions(flags, compat)
  if (has(flags, 'debug') && has(flags, 'redact')) {
    throw new UsageError('--debug prints frames as they are, which --redact cannot mask: leave one of them out')
  }
  return {
    compat,
    filters: filterOptions(flags, compat, io),
    columns: columnOptions(flags),
    reports,
    quiet: has(flags, 'quiet') || reports.grid,
    showD: has(flags, '106'),
    showE: has(flags, '10A'),
    showUnknown: has(flags, 'unk'),
    errors: has(flags, 'err'),
    abort: has(flags, 'abort'),
    debug: has(flags, 'debug'),
    xor: has(flags, 'nox') ? 'never' : has(flags, 'fxo') ? 'always' : 'header',
    timeFactor: whole(flags, 'tf', 1, 1e6) ?? 1,
    timeStep: number(flags, 'tinc'),
    redact: has(flags, 'redact'),
    reduceMs: reduceMs(flags),
    sample: SAMPLING[choice(flags, 'sample', ['1']) ?? 'off'] ?? 'off',
    regen: text(flags, 'regen'),
    pick: compat && !has(flags, 'regen') ? undefined : text(flags, 'pick'),
  }
}

function has(flags: CanlogFlags, name: string): boolean {
  return flags[name] !== undefined && flags[name] !== false
}

/** The value of an option as text, empty for a bare one. */
function text(flags: CanlogFlags, name: string): string | undefined {
  const value = flags[name]
  return value === undefined || value === false ? undefined : value === true ? '' : value
}

/** A value in upper case, as header fields are written; undefined for none and for a bare option. */
function upper(flags: CanlogFlags, name: string): string | undefined {
  return text(flags, name)?.toUpperCase() || undefined
}

/** The value of an option that has none without: what cannot be hex is the next word, an option or a file. */
function hexText(flags: CanlogFlags, name: string): string | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  if (!/^[0-9A-F][0-9A-F:,\s-]*$/i.test(value)) {
    throw new UsageError(`--${name} needs hex digits, not ${JSON.stringify(value)}`)
  }
  return value.toUpperCase()
}

/** A comma-separated list under its plural or singular name; the plural wins. */
function list(flags: CanlogFlags, ...names: string[]): ReadonlySet<string> | undefined {
  for (const name of names) {
    const value = hexText(flags, name)
    if (value !== undefined) return new Set(value.split(',').map(part => part.trim()))
  }
  return undefined
}

function number(flags: CanlogFlags, name: string): number | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (value === '' || !Number.isFinite(number))
    throw new UsageError(`--${name} needs a number, not ${JSON.stringify(value)}`)
  return number
}

function reduceMs(flags: CanlogFlags): number | undefined {
  const window = number(flags, 'duptime') ?? 5000
  return has(flags, 'reduce') ? window : undefined
}

/** The member of the record to show; a word that begins like an option is the next option. */
function field(flags: CanlogFlags): string | undefined {
  const name = text(flags, 'field')
  if (name === '' || name?.startsWith('--')) throw new UsageError('--field needs the name of a member of the record')
  return name
}

function whole(flags: CanlogFlags, name: string, least: number, most: number): number | undefined {
  const value = number(flags, name)
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return value
  throw new UsageError(`--${name} needs a whole number from ${least} to ${most}, not ${value}`)
}

/** The value of an option that takes one of a few words or, bare, none: then it is empty. */
function choice(flags: CanlogFlags, name: string, words: readonly string[]): string | undefined {
  const value = text(flags, name)
  if (value === undefined || value === '' || words.includes(value)) return value
  throw new UsageError(
    `--${name} takes ${words.map(word => `=${word}`).join(' or ')} or nothing, not ${JSON.stringify(value)}`,
  )
}

const SAMPLING: Readonly<Record<string, CanlogOptions['sample']>> = { '': 'minute', 1: 'across' }
const COUNTING: Readonly<Record<string, ReportOptions['count']>> = { '': 'print', save: 'save' }

function channel(flags: CanlogFlags): string | undefined {
  const letter = text(flags, 'chan')?.toUpperCase()
  if (letter === undefined || /^[A-E]$/.test(letter)) return letter
  throw new UsageError(`--chan needs a letter from A to E, not ${JSON.stringify(letter)}`)
}

/** Bytes to look for as the column shows them; digits without separators get them. */
function hexHas(flags: CanlogFlags): string | undefined {
  const value = hexText(flags, 'hexhas')?.toLowerCase()
  if (value === undefined || !/^([0-9a-f]{2}){2,}$/.test(value)) return value
  return value.match(/../g)!.join(has(flags, 'tab') ? '\t' : ' ')
}

function filterOptions(flags: CanlogFlags, compat: boolean, io: Io): FilterOptions {
  const optional = {
    nodes: nodes(flags, compat),
    command: hexText(flags, 'cmd'),
    channel: channel(flags),
    startCommand: upper(flags, 'flg'),
    pre: hexText(flags, 'pre'),
    rty: list(flags, 'rtys', 'rty'),
    typ: list(flags, 'typs', 'typ'),
    ty2: list(flags, 'ty2s', 'ty2'),
    excludedRty: list(flags, 'xrty'),
    rrf: list(flags, 'rrfs', 'rrf'),
    dv4: list(flags, 'dv4s', 'dvs4', 'dv4'),
    mty: hexText(flags, 'mty'),
    mad: hexText(flags, 'mad'),
    mde: hexText(flags, 'mde'),
    mda: hexText(flags, 'mda'),
    mrt: hexText(flags, 'mrt'),
    sh2: hexText(flags, 'sh2'),
    dv1: hexText(flags, 'dv1'),
    dev: hexText(flags, 'dev'),
    length: whole(flags, 'len', 0, 1e6),
    str: upper(flags, 'str'),
    smo: upper(flags, 'smo'),
    hexHas: hexHas(flags),
    headerHas: hexText(flags, 'hdrhas'),
    headerTailHas: hexText(flags, 'dhas'),
    excludedStr: excludedStreams(flags, compat, io),
  }
  return Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined))
}

/** A list given to `--node` matches nothing in the original, which compares it as a whole as well. */
function nodes(flags: CanlogFlags, compat: boolean): ReadonlySet<string> | undefined {
  const single = hexText(flags, 'node')
  if (!compat || single === undefined) return list(flags, 'nodes', 'node')
  const plural = list(flags, 'nodes')
  return new Set(plural === undefined || plural.has(single) ? [single] : [])
}

/** The streams that an earlier run counted and saved. */
function excludedStreams(flags: CanlogFlags, compat: boolean, io: Io): ReadonlySet<string> | undefined {
  const how = choice(flags, 'excl', ['str'])
  if (how === undefined) return undefined
  const saved = parseSaved(io.files.readText('cl-counts.save'))
  return compat && how === '' ? undefined : new Set(Object.keys(saved))
}

function parseSaved(text: string): Record<string, unknown> {
  try {
    const { str } = JSON.parse(text) as { str?: Record<string, unknown> }
    return str ?? {}
  } catch {
    throw new UsageError('cl-counts.save is not what canlog --count=save writes')
  }
}

function columnOptions(flags: CanlogFlags): ColumnOptions {
  const hex = choice(flags, 'hex', ['diff'])
  return {
    separator: has(flags, 'tab') ? '\t' : ' ',
    time: !has(flags, 'csv') || has(flags, 'time'),
    startCommand: has(flags, 'flg'),
    str: has(flags, 'str'),
    smo: has(flags, 'smo'),
    serial: has(flags, 'ser'),
    header: has(flags, 'hdr'),
    pairs: has(flags, 'pairs'),
    crc: has(flags, 'crc'),
    hex: hex === undefined ? 'off' : hex === 'diff' ? 'diff' : 'plain',
    decimal: has(flags, 'val'),
    chars: has(flags, 'chr'),
    record: has(flags, 'rec'),
    used: choice(flags, 'rec', ['used']) === 'used',
    message: has(flags, 'msg'),
    sequenceDelta: has(flags, 'seq'),
    repeats: has(flags, 'dup'),
    field: field(flags),
  }
}

function reportOptions(flags: CanlogFlags, compat: boolean): ReportOptions {
  const pmm = text(flags, 'pmm')
  if (pmm) throw new UsageError('--pmm takes no value here: use --pmm --format json, or MQTT, instead of a database')
  return {
    count: COUNTING[choice(flags, 'count', ['save']) ?? 'off'] ?? 'off',
    sum: has(flags, 'sum'),
    hist: has(flags, 'hist'),
    pivot: has(flags, 'pivot') ? pivotDigits(flags) : undefined,
    stat: has(flags, 'stat'),
    scan: range(flags, 'scan'),
    scanFloat: scanFloat(flags, compat),
    signed: has(flags, 'signed'),
    meta: has(flags, 'meta') ? text(flags, 'meta') || 'db-export' : undefined,
    pmm: pmm !== undefined,
    grid: has(flags, 'grid'),
  }
}

function pivotDigits(flags: CanlogFlags): number {
  return text(flags, 'pivot') === '' ? 4 : whole(flags, 'pivot', 1, 9)!
}

/** In the original a single value given to `--scanf` matches nothing. */
function scanFloat(flags: CanlogFlags, compat: boolean): readonly [number, number] | undefined {
  const limits = range(flags, 'scanf')
  const single = !text(flags, 'scanf')?.includes(':')
  return limits !== undefined && compat && single ? [Number.NaN, Number.NaN] : limits
}

function range(flags: CanlogFlags, name: string): readonly [number, number] | undefined {
  const value = text(flags, name)
  if (value === undefined) return undefined
  const [low = Number.NaN, high = low, ...more] = value
    .split(':')
    .map(part => (part === '' ? Number.NaN : Number(part)))
  if (more.length > 0 || !Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new UsageError(`--${name} needs LOW or LOW:HIGH, not ${JSON.stringify(value)}`)
  }
  return [low, high]
}
