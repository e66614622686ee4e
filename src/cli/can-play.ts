import { CAN } from '../core/can.ts'
import { canUrl } from '../core/can-address.ts'
import { type CanFilters, passes } from '../core/can-filter.ts'
import type { Clock } from '../core/clock.ts'
import { ByteWriter } from '../core/writer.ts'
import { FrameQueue } from '../frame-queue.ts'
import { CandumpStamp } from '../framing/writers/candump-stamp.ts'
import type { LogResult } from '../pipeline.ts'
import { playLog } from '../play-log.ts'
import { type PlayRange, RangeFinder } from '../play-range.ts'
import { PlaySchedule } from '../play-schedule.ts'
import { counted } from '../sinks/counted.ts'
import { skippedText } from './can-convert-report.ts'
import { fill } from './can-frame-text.ts'
import { BusOutlet, DryClock, type PlayOutlet, PrintOutlet } from './can-play-outlet.ts'
import type { IdMap, PlayTarget } from './can-play-target.ts'
import { FewLines } from './few-lines.ts'
import type { Io } from './io.ts'
import { LogChooser } from './log-chooser.ts'
import { CanBuses } from './open-can.ts'

export interface PlayOptions extends PlayRange {
  readonly speed: number
  /** ms */
  readonly gap: number
  /** Seconds. */
  readonly skipGaps?: number
  /** How often in all; Infinity is for ever. */
  readonly loop: number
  /** Frames. */
  readonly count?: number
  readonly only?: CanFilters
  readonly mapId?: IdMap
  readonly dryRun?: true
  /** bit/s. */
  readonly bitrate: number
}

/** Runs `can play`: sends the frames of the log at `path` with its timing. */
export async function playFrames(
  io: Io,
  path: string,
  targets: readonly PlayTarget[],
  options: PlayOptions,
): Promise<void> {
  if (options.dryRun === true) {
    const clock = new DryClock()
    const out = new ByteWriter(bytes => io.out.write(bytes))
    const stamp = new CandumpStamp('z')
    const outlets = targets.map(target => new PrintOutlet(target, out, stamp, clock))
    const loop = Number.isFinite(options.loop) ? options.loop : 1
    const play = new Play(io, path, outlets, { ...options, loop }, clock)
    await play.run()
    out.flush()
    play.report('would be sent')
    return
  }
  const notes = new FewLines(line => io.err.write(`wattzup: ${line}\n`), io.clock)
  await using buses = new CanBuses(io, { command: 'can play' })
  const outlets: PlayOutlet[] = []
  for (const target of targets) {
    const bus = await buses.open(target.address, { bitRate: options.bitrate }, io.signal)
    outlets.push(new BusOutlet(target, bus, notes, io))
  }
  const play = new Play(io, path, outlets, options, io.clock)
  await play.run()
  notes.end()
  play.report('sent')
}

/** A log on its way to buses. */
class Play {
  readonly #io: Io
  readonly #path: string
  readonly #outlets: readonly PlayOutlet[]
  readonly #options: PlayOptions
  readonly #clock: Clock
  readonly #queue = new FrameQueue()
  readonly #enough = new AbortController()
  readonly #signal: AbortSignal
  readonly #schedule: PlaySchedule
  /** Frames handed over, those of the log that were left out, and those that were for no bus. */
  #sent = 0
  #errorFrames = 0
  #result: LogResult | undefined

  constructor(io: Io, path: string, outlets: readonly PlayOutlet[], options: PlayOptions, clock: Clock) {
    this.#io = io
    this.#path = path
    this.#outlets = outlets
    this.#options = options
    this.#clock = clock
    this.#signal = AbortSignal.any([io.signal, this.#enough.signal])
    const { speed, gap: gapMs, skipGaps } = options
    this.#schedule = new PlaySchedule({ speed, gapMs, longestMs: skipGaps === undefined ? undefined : skipGaps * 1000 })
  }

  async run(): Promise<void> {
    const { loop, from, until } = this.#options
    const range = new RangeFinder({ from, until })
    for (let pass = 0; pass < loop && !this.#signal.aborted; pass++) {
      this.#schedule.restart()
      range.restart()
      const before = this.#sent
      await this.#once(range)
      if (this.#sent === before) break // a log without frames would go round without end
    }
  }

  /** Says what became of the frames, and sets the exit status. */
  report(done: string): void {
    const { err, status } = this.#io
    const unsent = this.#outlets.reduce((sum, outlet) => sum + outlet.unsent, 0)
    const skipped = this.#result === undefined ? undefined : skippedText(this.#result)
    const missing = this.#missing()
    const lines = [
      `${counted(this.#sent - unsent, 'frame')} ${done}`,
      ...(unsent > 0 ? [`${counted(unsent, 'frame')} not taken by the bus`] : []),
      ...(this.#errorFrames > 0 ? [`${counted(this.#errorFrames, 'error frame')} left out: nobody sends those`] : []),
      ...(skipped === undefined ? [] : [skipped]),
      ...missing,
      ...this.#mixture(),
      ...this.#haste(),
    ]
    for (const line of lines) err.write(`wattzup: ${line}\n`)
    if (unsent > 0 || missing.length > 0) status.code = 1
    if (this.#result?.failure !== undefined) throw this.#result.failure
  }

  async #once(range: RangeFinder): Promise<void> {
    const chooser = new LogChooser(false, false, 'can play', { zeroIsTime: true })
    const input = await this.#io.open(this.#path)
    try {
      const run = {
        choose: (name: string, head: Uint8Array, complete: boolean, queue: FrameQueue) =>
          chooser.choose(name, head, complete, () => queue),
        queue: this.#queue,
        schedule: this.#schedule,
        range,
        wants: () => this.#wants(),
        take: () => this.#take(),
      }
      this.#result = await playLog(input, run, this.#clock, this.#signal)
    } finally {
      input.close()
    }
  }

  /** Whether the current frame is one to be sent at all. */
  #wants(): boolean {
    const { current } = this.#queue
    if ((current.flags & CAN.error) !== 0) {
      this.#errorFrames++
      return false
    }
    const { only } = this.#options
    return (only === undefined || passes(only, current)) && this.#outlets.some(outlet => this.#isFor(outlet))
  }

  #take(): Promise<void> | undefined {
    const { current } = this.#queue
    this.#options.mapId?.apply(current)
    fill(current)
    let busy: Promise<unknown> | undefined
    for (const outlet of this.#outlets) {
      if (!this.#isFor(outlet)) continue
      const sending = outlet.send(current)
      if (sending !== undefined) busy = busy === undefined ? sending : Promise.all([busy, sending])
      this.#sent++
    }
    if (this.#sent >= (this.#options.count ?? Number.POSITIVE_INFINITY)) this.#enough.abort(ENOUGH)
    return busy?.then(() => {})
  }

  #isFor({ target }: PlayOutlet): boolean {
    return target.from === undefined || target.from === this.#interfaces[this.#queue.bus]
  }

  readonly #names: string[] = []

  /** Names of the log's interfaces, by number. */
  get #interfaces(): readonly string[] {
    const { interfaces } = this.#queue
    while (this.#names.length < interfaces.length) {
      this.#names.push(new TextDecoder().decode(interfaces[this.#names.length]))
    }
    return this.#names
  }

  /** Buses are to get what the log has of interfaces that are not in it. */
  #missing(): string[] {
    const names = this.#interfaces
    const isCut = this.#signal.aborted || this.#result?.failure !== undefined
    const wanted = isCut ? [] : this.#outlets.map(({ target }) => target.from)
    const has = names.length === 0 ? 'there are no frames in it' : `it has ${names.join(', ')}`
    return wanted
      .filter(from => from !== undefined && !names.includes(from))
      .map(from => `no frame of ${from} in ${this.#path}; ${has}`)
  }

  /** A log without times goes out in one burst, which may not have been meant. */
  #haste(): string[] {
    const { speed, gap } = this.#options
    if (this.#sent < 2 || speed === 0 || gap > 0 || this.#schedule.hasTimes) return []
    return ['all frames have the same time, so none was waited for; --gap says how far apart to send them']
  }

  /** Several buses of a log have become one, which may not have been meant. */
  #mixture(): string[] {
    const names = this.#interfaces
    const plain = this.#outlets.find(({ target }) => target.from === undefined)
    if (names.length < 2 || plain === undefined) return []
    const url = canUrl(plain.target.address)
    return [`the frames of ${names.join(', ')} all went to ${url}; ${url}=${names[0]} takes only those of ${names[0]}`]
  }
}

const ENOUGH = new Error('enough frames have been sent')
