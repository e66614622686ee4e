import type { Condition, FieldOptions, FieldRow } from '../definition.ts'
import type { DbcMessage, DbcRange, DbcSignal } from './dbc.ts'
import { scalingOf, unitOf } from './decimal.ts'
import type { Findings } from './findings.ts'
import { Conditions, presenceOf } from './multiplex.ts'
import { Occupied } from './occupied.ts'
import { plainText } from './plain-text.ts'
import { meaningOf } from './value-texts.ts'

const MOST_NOTE = 2000
const MOST_NAME = 100
const MOST_FIELDS = 1000

/** Makes the fields of a message: multiplexers before what depends on them. */
export class MessageFields {
  readonly #message: DbcMessage
  readonly #findings: Findings
  readonly #rows: Record<string, FieldRow> = {}
  readonly #occupied = new Occupied()
  readonly #conditions: Conditions
  /** Names of the fields of signals. */
  readonly #names = new Map<DbcSignal, string>()
  /** Signals whose multiplexers are being made: a circle has no beginning. */
  readonly #open = new Set<DbcSignal>()
  readonly #left = new Set<DbcSignal>()

  constructor(message: DbcMessage, findings: Findings) {
    this.#message = message
    this.#findings = findings
    this.#conditions = new Conditions((name, row) => {
      this.#rows[name] = row
    })
  }

  rows(): Readonly<Record<string, FieldRow>> {
    for (const signal of this.#message.signals) this.#add(signal)
    return this.#rows
  }

  /** Adds a signal and what it depends on; gives the name of its field, undefined where it has none. */
  #add(signal: DbcSignal): string | undefined {
    const known = this.#names.get(signal)
    if (known !== undefined || this.#open.has(signal) || this.#left.has(signal)) return known
    const reason = this.#reasonAgainst(signal)
    if (reason !== undefined) {
      this.#leaveOut(signal, reason)
      return undefined
    }
    this.#open.add(signal)
    const condition = this.#conditionOf(signal)
    this.#open.delete(signal)
    if (typeof condition === 'string') {
      this.#leaveOut(signal, condition)
      return undefined
    }
    const name = this.#nameOf(signal)
    this.#names.set(signal, name)
    this.#rows[name] = this.#rowOf(signal, name, condition)
    return name
  }

  #reasonAgainst(signal: DbcSignal): string | undefined {
    const { start, length, isFloat, isBigEndian } = signal
    if (Object.keys(this.#rows).length >= MOST_FIELDS) return `a message has at most ${MOST_FIELDS} fields`
    const isInBytes = isBigEndian ? start % 8 === 7 : start % 8 === 0
    if (isFloat === true && !isInBytes) return 'a floating-point number must begin with a byte'
    if (isBigEndian && (start >> 3) * 8 + 7 - (start & 7) + length > 8 * 4096) return 'it is beyond any message'
    return undefined
  }

  #leaveOut(signal: DbcSignal, reason: string): void {
    const { name, line } = signal
    this.#left.add(signal)
    this.#findings.remark(line, `${this.#message.name}.${name} is left out: ${reason}`)
  }

  /** What decides whether the signal is there; a text where that cannot be said. */
  #conditionOf(signal: DbcSignal): Condition | undefined | string {
    const presence = presenceOf(signal, this.#message)
    if (presence === undefined || typeof presence === 'string') return presence
    const { multiplexer, ranges } = presence
    const name = this.#add(multiplexer)
    if (name === undefined) return `its multiplexer ${multiplexer.name} is not there`
    if (multiplexer.length > 53 || multiplexer.isFloat === true) return `${multiplexer.name} cannot decide about others`
    const condition = this.#conditions.of(name, multiplexer, this.#rows[name]!, ranges)
    return condition ?? `it is there for ${rangesText(ranges)} of ${multiplexer.name}, which are too many pieces`
  }

  /** The long name where there is one; of equal ones the second and later have a number. */
  #nameOf({ name, longName, line }: DbcSignal): string {
    const own = (longName ?? name).replace(/^_+/, '').slice(0, MOST_NAME - 4) || 'signal'
    let unique = own
    for (let i = 2; Object.hasOwn(this.#rows, unique); i++) unique = `${own}_${i}`
    if (unique !== own) {
      this.#findings.remark(line, `${this.#message.name}: there is another signal ${own}; this one is called ${unique}`)
    }
    return unique
  }

  #rowOf(signal: DbcSignal, name: string, condition: Condition | undefined): FieldRow {
    const { start, comment } = signal
    const type = typeOf(signal)
    const { quantity, note: scaleNote } = this.#quantityOf(signal)
    const meaning = meaningOf(signal, quantity !== undefined)
    for (const text of meaning.lost) this.#findings.remark(signal.line, `${this.#message.name}.${signal.name}: ${text}`)
    const notes = [comment ?? '', scaleNote ?? '', meaning.note ?? ''].filter(text => text.trim() !== '')
    const note = plainText(notes.join('; '), MOST_NOTE)
    const overlaps = this.#occupied.take(signal, condition)
    const options: FieldOptions = {
      ...(note === '' ? {} : { note }),
      ...(meaning.texts === undefined ? {} : { enum: meaning.texts }),
      ...(meaning.missing.length === 0 ? {} : { na: meaning.missing }),
      ...(condition === undefined ? {} : { when: condition }),
      ...(overlaps ? { overlap: true } : {}),
      ...(name === signal.name ? {} : { path: signal.name }),
    }
    const rest = Object.keys(options).length === 0 ? [] : [options]
    return [start, type, ...(quantity === undefined ? [] : [quantity]), ...rest] as unknown as FieldRow
  }

  /** Scale, unit and offset; where a definition has no such scale the raw number is published, and a note says so. */
  #quantityOf(signal: DbcSignal): { readonly quantity?: string; readonly note?: string } {
    const { factor, offset, line, name } = signal
    const scaling = scalingOf(factor, offset)
    const unit = unitOf(signal.unit)
    if (scaling === undefined) {
      const note = `the raw number; the value is raw * ${factor} + ${offset} ${signal.unit}`.trim()
      this.#findings.remark(
        line,
        `${this.#message.name}.${name} stays a raw number: definitions have no scale for ${factor} and ${offset}`,
      )
      return { note }
    }
    const scale = scaling.scale ?? (unit === '' && scaling.offset !== undefined ? '1' : undefined)
    const quantity = [scale, unit === '' ? undefined : unit, scaling.offset]
      .filter(part => part !== undefined)
      .join(' ')
    return quantity === '' ? {} : { quantity }
  }
}

function typeOf({ length, isSigned, isBigEndian, isFloat }: DbcSignal): string {
  const letter = isFloat === true ? 'f' : isSigned ? 'i' : 'u'
  return `${letter}${length}${isBigEndian && length > 1 ? 'be' : ''}`
}

function rangesText(ranges: readonly DbcRange[]): string {
  return ranges.map(([least, most]) => `${least}-${most}`).join(', ')
}
