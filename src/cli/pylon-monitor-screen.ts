import { isWattzupError } from '../core/errors.ts'
import type { Terminal } from '../core/terminal.ts'
import { KeyReader } from '../core/terminal-keys.ts'
import { FrameWriter } from '../protocols/pylontech/view/frame-writer.ts'
import type { MonitorModel } from '../protocols/pylontech/view/monitor-model.ts'
import { type Content, drawScreen } from '../protocols/pylontech/view/screen.ts'
import { INITIAL, pressed, type Seen, type ViewState } from '../protocols/pylontech/view/view-state.ts'
import { isDoneWithin } from '../sinks/deadline.ts'
import type { Io } from './io.ts'
import { isColored, lookAt } from './pylon-monitor-look.ts'
import type { MonitorOptions } from './pylon-monitor-options.ts'
import { redacted } from './pylon-monitor-redact.ts'
import type { MonitorSource, SourceEvents } from './pylon-monitor-source.ts'
import { Wake } from './wake.ts'

/** Pictures are at least so far apart, and at most: ages are counted in seconds. */
const LEAST_MS = 50
const MOST_MS = 1000
/** So long the end of a run waits for its source. */
const PATIENCE_MS = 1000
const BELL = '\u0007'

/** The monitor while it has the terminal. */
export class MonitorScreen {
  readonly #io: Io
  readonly #source: MonitorSource
  readonly #model: MonitorModel
  readonly #options: MonitorOptions
  readonly #writer: FrameWriter
  readonly #keys = new KeyReader()
  readonly #wake: Wake
  readonly #stop = new AbortController()
  #view: ViewState
  #seen: Seen = { modules: [], scrollMax: 0, page: 1 }
  /** What stands still while the user has stopped it. */
  #frozen: { readonly content: Content; readonly now: number } | undefined
  #terminal: Terminal | undefined

  constructor(io: Io, source: MonitorSource, model: MonitorModel, options: MonitorOptions) {
    this.#io = io
    this.#source = source
    this.#model = model
    this.#options = options
    this.#writer = new FrameWriter(isColored(io, options))
    this.#wake = new Wake(io.clock)
    this.#view = { ...INITIAL, summary: options.summary }
  }

  /** Shows the source until the user or a signal ends it. However it ends, the terminal is as it was before. */
  async run(): Promise<void> {
    const { signal } = this.#stop
    const end = () => this.#stop.abort()
    this.#io.signal.addEventListener('abort', end, { once: true })
    const terminal = await this.#io.terminal({
      onInput: text => this.#input(text),
      onBlank: () => this.#blank(),
      onGone: end,
    })
    this.#terminal = terminal
    signal.addEventListener('abort', () => terminal.close(), { once: true }) // at once, whatever is still to be stopped
    if (this.#io.signal.aborted) end()
    const reading = this.#read(signal).finally(() => this.#wake.ring())
    try {
      await Promise.race([this.#draw(terminal, signal), forever(reading)])
    } finally {
      end()
      terminal.close()
      this.#io.signal.removeEventListener('abort', end)
      await isDoneWithin(PATIENCE_MS, reading, this.#io.clock)
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const tell = (problem: string | undefined) => {
      this.#model.complain(problem)
      this.#changed(false)
    }
    const events: SourceEvents = {
      snapshot: ({ document, at }) => {
        this.#changed(this.#model.take(redacted(document, this.#options.redact === true), at))
      },
      problem: tell,
    }
    try {
      await this.#source.run(events, signal)
    } catch (error) {
      if (!isWattzupError(error)) throw error
      tell(error.message)
    }
  }

  #changed(isAlarming: boolean): void {
    if (isAlarming && this.#options.bell === true) this.#terminal?.write(BELL)
    this.#wake.ring()
  }

  async #draw(terminal: Terminal, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#model.tick(this.#source.now())) this.#changed(true)
      const text = this.#picture(terminal)
      if (text !== '') terminal.write(text)
      await terminal.drained() // a slow terminal misses pictures
      await this.#io.clock.sleep(LEAST_MS, signal).catch(() => {}) // the loop looks at the signal
      await this.#wake.rest(MOST_MS - LEAST_MS, signal)
    }
  }

  /** What the terminal must be told to show the state of now. */
  #picture({ size }: Terminal): string {
    const live = { content: this.#model.content, now: this.#source.now() }
    const { content, now } = this.#frozen ?? live
    const look = lookAt(this.#io, this.#options, this.#model, now, this.#view)
    const screen = drawScreen(content, this.#view, look, size)
    this.#seen = screen
    return this.#writer.frame(screen.lines, size)
  }

  #input(text: string): void {
    for (const key of this.#keys.push(text)) this.#press(key)
    this.#wake.ring()
  }

  #press(key: string): void {
    const next = pressed(this.#view, key, this.#seen)
    if (next === 'quit') this.#stop.abort()
    else if (next === 'repaint') this.#blank()
    else if (next === 'suspend') this.#terminal?.suspend()
    else this.#see(next)
  }

  #see(view: ViewState): void {
    if (view.paused !== this.#view.paused) {
      this.#frozen = view.paused ? { content: this.#model.content, now: this.#source.now() } : undefined
    }
    this.#view = view
  }

  #blank(): void {
    this.#writer.forget()
    this.#wake.ring()
  }
}

/** Rejects like a promise, and never resolves: a source that is at its end is still to be looked at. */
function forever(work: Promise<void>): Promise<never> {
  return new Promise((_, reject) => work.catch(reject))
}
