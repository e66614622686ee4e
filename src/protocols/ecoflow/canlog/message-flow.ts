import type { CanFrame } from '../../../core/can.ts'
import type { Codec } from '../../../decode/codec.ts'
import { ObjectBuilder } from '../../../decode/to-object.ts'
import { CHANNEL } from '../arbitration.ts'
import { Records } from '../records.ts'
import { Filters } from './filters.ts'
import type { GroupRecorder } from './frame-groups.ts'
import { FrameKeeper } from './frame-keeper.ts'
import type { LogTime } from './log-time.ts'
import { NdjsonPrinter } from './ndjson-printer.ts'
import { needsPayload, needsRecord } from './needs.ts'
import type { CanlogOptions } from './options.ts'
import type { CanlogPorts, CanlogStructs } from './ports.ts'
import type { Printer } from './printer.ts'
import { serialProblem } from './problems.ts'
import type { Reports } from './reports/reports.ts'
import { Sampler } from './sampler.ts'
import { SequenceTracker } from './sequence-tracker.ts'
import { Serials } from './serials.ts'
import { singleNames } from './single-names.ts'
import type { Tally } from './tally.ts'
import type { LineExtras } from './text-lines.ts'
import { TextPrinter } from './text-printer.ts'
import { hex2, type View } from './view.ts'

const RECORD_WALK = { guesses: true, short: true, origin: 0, emptyText: true }

/** The way of a checked message: records and statistics, filters, sampling, files, counts, print. */
export class MessageFlow {
  readonly filters: Filters
  readonly serials: Serials
  readonly sampler: Sampler
  readonly sequences: SequenceTracker
  /** Whether every payload is looked at; if not, those of messages with a definition are opened when it is found. */
  readonly readsPayload: boolean
  /** A serial differed and the run was to stop at that. */
  stopped = false
  readonly #options: CanlogOptions
  readonly #ports: CanlogPorts
  readonly #time: LogTime
  readonly #tally: Tally
  readonly #reports: Reports
  readonly #frames: FrameKeeper | undefined
  readonly #learns: boolean
  readonly #needsRecord: boolean
  readonly #prints: boolean
  #records: Records
  #printer: Printer
  #singleEvery: number | undefined

  constructor(
    options: CanlogOptions,
    structs: CanlogStructs,
    ports: CanlogPorts,
    time: LogTime,
    tally: Tally,
    reports: Reports,
    groups: GroupRecorder | undefined,
  ) {
    this.#options = options
    this.#ports = ports
    this.#time = time
    this.#tally = tally
    this.#reports = reports
    const { columns, filters } = options
    this.filters = new Filters(filters, columns.separator)
    this.serials = new Serials(!options.compat)
    this.sampler = new Sampler(options.sample === 'across')
    this.sampler.enabled = options.sample !== 'off'
    this.sequences = new SequenceTracker(!options.compat)
    this.#frames = groups === undefined ? undefined : new FrameKeeper(options, ports, groups, time, this.sampler)
    this.#records = new Records(() => structs.records)
    this.#printer = this.#newPrinter(structs)
    this.#learns = columns.serial || options.errors || options.abort || reports.needsSerials
    this.#needsRecord = needsRecord(options, this.#learns)
    this.#prints = ports.format !== 'json' && (!options.quiet || columns.repeats)
    this.readsPayload = needsPayload(options)
  }

  /** Goes on with other definitions. */
  use(structs: CanlogStructs): void {
    this.takeProblems()
    this.#records = new Records(() => structs.records)
    // text lines remember messages, but no definitions
    if (this.#ports.format === 'ndjson') this.#printer = this.#newPrinter(structs)
    this.#singleEvery = undefined
  }

  /** Adds what the printer could not decode to the counters. */
  takeProblems(): void {
    const { missing, undecodable } = this.#printer.takeProblems()
    this.#tally.short += missing
    this.#tally.undecodable += undecodable
  }

  /** Writes what is pending. */
  finish(): void {
    this.#frames?.close()
  }

  a(view: View): void {
    if (!this.filters.passes(view)) return
    const reports = this.#reports
    if (reports.scan !== undefined && !this.#scanned(view, `A-${view.nid}-${view.typ}`)) return
    this.#frames?.keep(view)
    if (reports.counting) this.#count(view)
    if (reports.pivot !== undefined) reports.pivot.add(this.#time.string(view.frame), view.typ)
    if (this.#options.columns.repeats || reports.sum) this.sequences.count(view.message.sequence)
    reports.grid?.add(`A ${view.nid} ${view.typ}`, view.payload, 0, view.length)
    if (this.#prints) this.#printer.a(view, this.#needsRecord ? this.#record(view) : undefined)
    reports.hist?.add(view)
  }

  b(view: View): void {
    const reports = this.#reports
    reports.hist?.add(view)
    const codec = this.#needsRecord ? this.#record(view) : undefined
    if (this.#learns && codec !== undefined && !this.#learn(view, codec)) return
    if (reports.before) this.#beforeFilters(view, codec)
    if (!this.filters.passes(view)) return
    if (reports.pivot !== undefined) reports.pivot.add(this.#time.string(view.frame), view.ty2)
    if (reports.scan !== undefined && !this.#scanned(view, view.typ)) return
    if (reports.meta !== undefined) reports.addMeta(view, this.#time)
    if (this.sampler.enabled && codec !== undefined && this.#sampledOut(view, codec, `${view.typ}_${view.str}`)) return
    this.#frames?.keep(view)
    if (reports.counting) this.#count(view)
    reports.grid?.add(`B ${view.str} ${view.dv4} ${view.typ}`, view.payload, 0, view.length)
    if (this.#prints) this.#printB(view, codec)
    else if (reports.sum) this.sequences.count(view.message.sequence)
  }

  c(view: View): void {
    const reports = this.#reports
    if (!this.filters.passes(view)) return
    if (reports.pivot !== undefined) reports.pivot.add(this.#time.string(view.frame), view.typ)
    if (reports.scan !== undefined && !this.#scanned(view, `C-${view.nid}-${view.typ}`)) return
    const codec = this.sampler.enabled || this.#frames !== undefined ? this.#records.of(view.message) : undefined
    if (this.sampler.enabled && codec !== undefined && this.#sampledOut(view, codec, `C_${view.typ}`)) return
    this.#frames?.keep(view)
    if (reports.counting) this.#count(view)
    reports.grid?.add(`C ${view.nid} ${view.typ}`, view.payload, 0, view.length)
    if (this.#prints) this.#printer.c(view)
  }

  /** A frame of channel D or E, or of none; `repeated` asks whether it is a repeat and opens its window if not. */
  single(channel: number, frame: CanFrame, repeated: () => boolean): void {
    const { showD, showE, showUnknown } = this.#options
    if (channel === CHANNEL.D && this.#singleSampledOut(frame)) return
    if (channel !== CHANNEL.none) this.#tally.recs++
    if (channel === CHANNEL.E) {
      if (repeated()) return
      this.#frames?.keepSingle(frame)
      if (showE) this.#printer.single(channel, frame)
      return
    }
    if (channel === CHANNEL.D ? showD : showUnknown) this.#printer.single(channel, frame)
    if (!repeated()) this.#frames?.keepSingle(frame)
  }

  #newPrinter(structs: CanlogStructs): Printer {
    const { out, format, palette, raw, guesses } = this.#ports
    const { columns, compat, quiet } = this.#options
    if (format === 'ndjson') return new NdjsonPrinter(out, this.#time, structs, this.#records, { raw, guesses })
    return new TextPrinter(out, this.#time, columns, palette, compat, quiet)
  }

  /** The record of a message, its payload opened; undefined where none is defined. */
  #record(view: View): Codec | undefined {
    const codec = this.#records.of(view.message)
    if (codec !== undefined && !this.readsPayload) view.open()
    return codec
  }

  /** Takes a serial; false when it differs from the known one and the run is to stop at that. */
  #learn(view: View, codec: Codec): boolean {
    const mismatch = this.serials.learn(view, codec)
    if (mismatch === undefined) return true
    if (this.#options.errors) this.#ports.complain(serialProblem(mismatch, view), true)
    if (!this.#options.abort) return true
    this.stopped = true
    return false
  }

  #beforeFilters(view: View, codec: Codec | undefined): void {
    const serial = this.serials.shown(view.str)
    this.#reports.addBeforeFilters(view, codec, serial, this.#time)
  }

  #scanned(view: View, key: string): boolean {
    return this.#reports.scan!.passes(key, view.payload, view.length)
  }

  #sampledOut(view: View, codec: Codec, key: string): boolean {
    const every = codec.message.sample
    if (every === undefined) return false
    if (this.sampler.passes(key, every, this.#time.minute(view.frame), view.payloadHex(','))) return false
    this.#tally.sampled++
    return true
  }

  #singleSampledOut(frame: CanFrame): boolean {
    if (!this.sampler.enabled) return false
    this.#singleEvery ??= this.#records.single?.message.sample ?? 0
    if (this.#singleEvery === 0) return false
    const { node, command } = singleNames(frame)
    const data = Array.from(frame.data.subarray(0, frame.length), hex2).join('')
    if (this.sampler.passes(`${node}:${command}`, this.#singleEvery, this.#time.minute(frame), data)) return false
    this.#tally.sampled++
    return true
  }

  #count(view: View): void {
    const { counts } = this.#reports
    if (view.message.channel === CHANNEL.B) {
      counts.rrf.add(view.rrf)
      counts.dev.add(view.dev)
      counts.str.add(view.str)
      counts.smo.add(view.smo)
    }
    counts.rty.add(view.rty)
    counts.typ.add(view.typ)
  }

  #printB(view: View, codec: Codec | undefined): void {
    const { columns } = this.#options
    const { sequence } = view.message
    const tracked = columns.repeats || this.#reports.sum
    const repeats = tracked ? this.sequences.count(sequence) : 0
    if (columns.repeats && this.sequences.repeatsPrevious(sequence, repeats)) this.#printer.repeatPrevious()
    const extras: LineExtras = {
      serial: columns.serial ? this.serials.shown(view.str) : undefined,
      codec,
      sequenceDelta: columns.sequenceDelta ? this.sequences.delta(view) : undefined,
      repeats: columns.repeats ? repeats : 0,
      field: columns.field === undefined || codec === undefined ? undefined : this.#field(view, codec, columns.field),
    }
    this.#printer.b(view, extras)
  }

  /** The text of one member of the record; nothing for 0, empty and missing ones, as ever. */
  #field(view: View, codec: Codec, name: string): string | undefined {
    if (name === 'used' && this.#options.columns.used) return this.#reports.used(view, codec).join(',')
    const builder = new ObjectBuilder(true)
    codec.visit(view.payload, 0, view.length, builder, RECORD_WALK)
    const value = Object.hasOwn(builder.values, name) ? builder.values[name] : undefined
    return value ? String(value) : undefined
  }
}
