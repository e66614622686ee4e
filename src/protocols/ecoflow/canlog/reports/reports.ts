import { format, inspect } from 'node:util'
import type { Codec } from '../../../../decode/codec.ts'
import { ByteGrid } from '../../../../explore/byte-grid.ts'
import { gridJson } from '../../../../explore/grid-json.ts'
import type { LogTime } from '../log-time.ts'
import type { CanlogOptions } from '../options.ts'
import type { CanlogPorts } from '../ports.ts'
import { maskSerials } from '../redactor.ts'
import type { RepeatTally } from '../reduce.ts'
import type { SampleWindow } from '../sampler.ts'
import type { Tally } from '../tally.ts'
import { usedBytes } from '../text-lines.ts'
import type { View } from '../view.ts'
import { Counts, countReport } from './counts.ts'
import { gridLines } from './grid.ts'
import { HeaderHistogram } from './hist.ts'
import { MetaSearch } from './meta.ts'
import { metaFiles } from './meta-files.ts'
import { MinuteStats } from './minutes.ts'
import { Pivot } from './pivot.ts'
import { Scan } from './scan.ts'
import { Streams } from './streams.ts'

/** What reports need to know of the flow of messages at the end. */
export interface FlowState {
  readonly serials: { readonly all: ReadonlyMap<string, string> }
  readonly sampler: { readonly windows: ReadonlyMap<string, SampleWindow> }
  readonly sequences: { readonly distinct: number }
}

const NO_REPEATS: RepeatTally = { list: 0, add: 0, del: 0, dup: 0 }

/** The reports that were asked for: fed while the log runs by, printed or written at its end. */
export class Reports {
  readonly counts = new Counts()
  readonly hist: HeaderHistogram | undefined
  readonly pivot: Pivot | undefined
  readonly scan: Scan | undefined
  readonly meta: MetaSearch | undefined
  readonly grid: ByteGrid | undefined
  readonly sum: boolean
  /** Whether header fields are counted. */
  readonly counting: boolean
  /** Whether anything looks at messages before the filters do. */
  readonly before: boolean
  readonly needsSerials: boolean
  readonly #options: CanlogOptions
  readonly #ports: CanlogPorts
  readonly #tally: Tally
  readonly #minutes: MinuteStats | undefined
  readonly #streams: Streams | undefined
  /** Reports become members of a document, which NDJSON has as its last line. */
  readonly #json: boolean
  /** They go nowhere else: no side files. */
  readonly #documentOnly: boolean
  readonly #document: Record<string, unknown> = {}
  readonly #minuteDocuments: unknown[] = []

  constructor(options: CanlogOptions, ports: CanlogPorts, tally: Tally) {
    const { reports, compat } = options
    this.#options = options
    this.#ports = ports
    this.#tally = tally
    this.#json = ports.format !== 'text'
    this.#documentOnly = ports.format === 'json'
    this.hist = reports.hist ? new HeaderHistogram() : undefined
    this.pivot = reports.pivot === undefined ? undefined : new Pivot(reports.pivot)
    const { scan, scanFloat } = reports
    this.scan = scan || scanFloat ? new Scan(scan, scanFloat, reports.signed) : undefined
    this.meta = reports.meta === undefined ? undefined : new MetaSearch(metaFiles(reports.meta, ports), compat)
    this.grid = reports.grid ? new ByteGrid() : undefined
    this.sum = reports.sum
    this.counting = reports.count !== 'off' || reports.sum
    this.#minutes = reports.pmm ? new MinuteStats(compat) : undefined
    this.#streams = reports.stat ? new Streams() : undefined
    this.before = this.#minutes !== undefined || this.#streams !== undefined
    this.needsSerials = this.counting || this.before
  }

  /** A message of channel B, whatever the filters say of it later. */
  addBeforeFilters(view: View, codec: Codec | undefined, serial: string | undefined, time: LogTime): void {
    if (this.#minutes !== undefined && codec !== undefined) {
      const minute = time.minute(view.frame)
      if (this.#minutes.ends(minute)) this.#printMinute(this.#minutes)
      this.#minutes.begin(minute)
      this.#minutes.add(view, codec, serial)
    }
    const used = this.#options.columns.used && codec !== undefined ? this.used(view, codec)[0] : 0
    this.#streams?.add(view, time.string(view.frame), serial ?? '_'.repeat(16), used)
  }

  /** Bytes that a record covers and bytes of the payload. */
  used(view: View, codec: Codec): [number, number] {
    return [usedBytes(view, codec, this.#options.compat ? 2 : 1), view.length]
  }

  addMeta(view: View, time: LogTime): void {
    const ms = time.ms(view.frame)
    const minute = (shift: number): string => {
      time.renderMs(ms + shift)
      return String.fromCharCode(...time.text.subarray(0, 11))
    }
    this.meta!.add(view, [minute(-60_000), minute(0), minute(60_000)])
  }

  /** Prints everything, in the order that the original's users know. */
  print(lines: number, repeats: RepeatTally | undefined, flow: FlowState): void {
    this.#printCount(flow)
    this.#printSum(lines, repeats ?? NO_REPEATS, flow)
    this.#printHist()
    this.#printPivot()
    if (this.scan !== undefined) this.#show('scan', this.scan.report, () => inspect({ scan: this.scan!.report }))
    this.#printStreams()
    this.#printMeta()
    if (this.#minutes?.minute !== undefined) this.#printMinute(this.#minutes)
    this.#printGrid()
    const document = this.#finished()
    if (this.#documentOnly || (this.#json && Object.keys(document).length > 0)) this.#line(JSON.stringify(document))
  }

  #finished(): Record<string, unknown> {
    return this.#minutes === undefined ? this.#document : { ...this.#document, pmm: this.#minuteDocuments }
  }

  #printCount({ serials, sampler }: FlowState): void {
    const { count } = this.#options.reports
    if (count === 'off') return
    const report = countReport(this.counts, serials.all)
    if (count === 'save') this.#ports.files.writeText('cl-counts.save', JSON.stringify(report, undefined, 4))
    this.#show('count', report, () => inspect(report, { sorted: true }))
    const samples = Object.fromEntries(sampler.windows)
    if (!this.#json) this.#line(inspect({ samples }))
  }

  #printSum(lines: number, dup: RepeatTally, { serials, sequences }: FlowState): void {
    if (!this.sum) return
    const { counts } = this
    const report = {
      chan: counts.chan.size,
      dev: counts.dev.size,
      rty: counts.rty.size,
      typ: counts.typ.size,
      seq: sequences.distinct,
      ser: serials.all.size,
      str: counts.str.size,
      smo: counts.smo.size,
      scan: counts.minutes.size,
      dropped: this.#tally.dropped,
      lines: this.#options.compat ? undefined : lines,
      recs: this.#tally.recs,
      dup,
    }
    this.#show('sum', report, () => inspect(report))
  }

  #printHist(): void {
    const { hist } = this
    if (hist === undefined) return
    this.#show('hist', hist.report, () => hist.lines(this.#options.columns.separator).join('\n'))
  }

  #printPivot(): void {
    const { pivot } = this
    if (pivot === undefined) return
    if (this.#documentOnly) this.#document['pivot'] = pivot.rows
    else this.#ports.files.writeText('cl-pivot.tsv', pivot.tsv)
    if (pivot.beyond > 0) this.#ports.note(`--pivot: the table is full; ${pivot.beyond} messages are not in it`)
  }

  #printStreams(): void {
    if (this.#streams === undefined) return
    if (this.#documentOnly) this.#document['stat'] = this.#streams.rows(this.#tally.recs)
    else this.#ports.files.writeText('cl-streams.tsv', this.#streams.tsv(this.#tally.recs))
  }

  #printMeta(): void {
    const { meta } = this
    if (meta === undefined) return
    const { files, note } = this.#ports
    const { compat, redact } = this.#options
    const shown = (text: string) => (redact ? maskSerials(text) : text) // names of values hold serials
    const json = (value: unknown) => shown(JSON.stringify(value, undefined, 4))
    const places = compat
      ? shown(inspect(meta.places, { colors: true, depth: null, maxArrayLength: null }))
      : json(meta.places)
    if (this.#documentOnly) {
      const document = { places: meta.places, groups: meta.groups, minutes: meta.minutes }
      this.#document['meta'] = JSON.parse(json(document))
      return
    }
    files.writeText('cl-meta.json', places)
    files.writeText('cl-mint.json', json(meta.groups))
    files.writeText('cl-mstr.json', json(meta.minutes))
    if (compat) this.#line(meta.summary)
    else note(meta.summary)
  }

  #printMinute(minutes: MinuteStats): void {
    if (this.#json) this.#minuteDocuments.push({ minute: minutes.minute, values: minutes.report })
    else this.#line(format(minutes.minute, minutes.report))
  }

  #printGrid(): void {
    if (this.grid === undefined) return
    const { palette, width } = this.#ports
    if (this.#json) this.#document['grid'] = gridJson(this.grid)
    else for (const line of gridLines(this.grid, palette, width)) this.#line(line)
  }

  #show(name: string, report: unknown, text: () => string): void {
    if (this.#json) this.#document[name] = report
    else this.#line(text())
  }

  #line(text: string): void {
    this.#ports.out.text(text)
    this.#ports.out.endLine()
  }
}
