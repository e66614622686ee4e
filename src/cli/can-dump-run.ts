import type { CanFrame } from '../core/can.ts'
import type { CanBus } from '../core/can-bus.ts'
import { type CanFilters, passes } from '../core/can-filter.ts'
import type { FrameLines } from '../framing/writers/candump-lines.ts'
import { BusNotes } from './can-bus-notes.ts'
import { BusTally } from './can-bus-tally.ts'
import type { FrameDecoding } from './can-frame-decoding.ts'
import type { CanFrameLog } from './can-frame-log.ts'
import type { FewLines } from './few-lines.ts'
import type { FramePrinter } from './frame-printer.ts'
import type { RunBounds } from './run-bounds.ts'

/** Where the frames of a run go. */
export interface DumpTargets {
  readonly bounds: RunBounds
  /** Standard output, where frames are printed. */
  readonly print?: { readonly printer: FramePrinter; readonly lines: FrameLines }
  /** Files, where frames are logged. */
  readonly log?: CanFrameLog
  /** Readings, where frames are decoded. */
  readonly decode?: FrameDecoding
  readonly notes: FewLines
}

/** Hands the frames of buses on, and counts them. */
export class DumpRun {
  readonly tallies: BusTally[] = []
  readonly #targets: DumpTargets
  readonly #countsBits: boolean
  #open = 0

  /** `countsBits`: for the load of the buses. */
  constructor(targets: DumpTargets, countsBits: boolean) {
    this.#targets = targets
    this.#countsBits = countsBits
  }

  /** Listens to a bus; `filters` say what of it is wanted, everything is counted. */
  add(bus: CanBus, filters: CanFilters): void {
    const tally = new BusTally(bus.name, this.#countsBits)
    this.tallies.push(tally)
    this.#open++
    const notes = new BusNotes(tally, this.#targets.notes, bus.recorded)
    bus.listen({
      frame: frame => {
        tally.frame(frame)
        if (passes(filters, frame)) this.#take(frame)
      },
      event: event => {
        notes.event(event)
        if (notes.isOver) this.#ended()
      },
    })
  }

  #ended(): void {
    if (--this.#open === 0) this.#targets.bounds.stop()
  }

  #take(frame: CanFrame): void {
    const { bounds, print, log, decode } = this.#targets
    if (decode === undefined && !bounds.take()) return
    log?.write(frame)
    if (print?.printer.hasRoom() === true) print.lines.write(frame)
    decode?.take(frame)
  }
}
