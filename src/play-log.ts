import { type Clock, yieldToEvents } from './core/clock.ts'
import type { ByteInput } from './core/input.ts'
import type { FrameQueue } from './frame-queue.ts'
import type { LogResult, LogRun } from './pipeline.ts'
import { readLog } from './pipeline.ts'
import type { RangeFinder } from './play-range.ts'
import type { PlaySchedule } from './play-schedule.ts'

/** Bytes of a log that are read ahead. */
const BLOCK = 65_536
/** Frames without a wait after which other things that happen have their turn. */
const TURN = 256
/** Timers are no better. */
const LEAST_WAIT_MS = 0.5

/** How a log is played, and to whom. */
export interface PlayRun {
  readonly choose: (
    name: string,
    head: Uint8Array,
    complete: boolean,
    queue: FrameQueue,
  ) => ReturnType<LogRun['choose']>
  readonly queue: FrameQueue
  readonly schedule: PlaySchedule
  readonly range?: RangeFinder
  /** Whether `queue.current` is to be played: what is not costs no time. */
  readonly wants?: () => boolean
  /** Takes `queue.current` when it is its time; the promise is of one who cannot take the next frame yet. */
  readonly take: () => Promise<void> | undefined
}

/**
 * Plays a log from its beginning to its end with the times of its frames, or until `signal` aborts or the range ends. Only
 * a block of it is in memory. Throws `TransportError` where it is no log that can be read.
 */
export async function playLog(input: ByteInput, run: PlayRun, clock: Clock, signal: AbortSignal): Promise<LogResult> {
  const player = new Player(run, clock, signal)
  const paced: ByteInput = {
    name: input.name,
    size: input.size,
    live: input.live,
    read: (into, at) => player.read(input, into, at),
    close: () => input.close(),
  }
  const result = await readLog(paced, {
    choose: ({ name }, head, complete) => run.choose(name, head, complete, run.queue),
    drained: () => {},
    stopped: () => player.isOver,
  })
  await player.play()
  return result
}

class Player {
  /** Nothing more is to be played. */
  isOver = false
  readonly #run: PlayRun
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #sinceWait = 0

  constructor(run: PlayRun, clock: Clock, signal: AbortSignal) {
    this.#run = run
    this.#clock = clock
    this.#signal = signal
  }

  /** Plays what is in the queue. */
  async play(): Promise<void> {
    const { queue, range, wants, take } = this.#run
    while (!this.isOver && queue.take()) {
      const place = range?.placeOf(queue.current) ?? 'within'
      if (place === 'after') this.isOver = true
      if (place !== 'within' || wants?.() === false) continue
      const waiting = this.#wait()
      if (waiting !== undefined) await waiting
      if (this.isOver) return
      const busy = take()
      if (busy !== undefined) await busy
      this.isOver ||= this.#signal.aborted
    }
    this.isOver ||= this.#signal.aborted
  }

  /** Bytes of the log, none when nothing more is to be played. */
  async read(input: ByteInput, into: Uint8Array, at: number): Promise<number> {
    await this.play()
    if (this.isOver) return 0
    const count = input.read(into.subarray(0, at + BLOCK), at)
    return typeof count === 'number' ? count : unlessAborted(count, this.#signal)
  }

  #wait(): Promise<void> | undefined {
    const waitMs = this.#run.schedule.waitMs(this.#run.queue.current, this.#clock.now())
    if (waitMs < LEAST_WAIT_MS && ++this.#sinceWait < TURN) return undefined
    this.#sinceWait = 0
    return waitMs < LEAST_WAIT_MS ? yieldToEvents() : this.#sleep(Math.round(waitMs))
  }

  async #sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#signal).catch(() => {}) // it is looked at next
    this.isOver ||= this.#signal.aborted
  }
}

/** The bytes that are waited for, none when `signal` aborts first. */
async function unlessAborted(count: Promise<number>, signal: AbortSignal): Promise<number> {
  const over = new AbortController()
  const aborted = new Promise<number>(resolve => {
    signal.addEventListener('abort', () => resolve(0), { once: true, signal: over.signal })
  })
  try {
    return await Promise.race([count, aborted])
  } finally {
    over.abort()
  }
}
