/** An open window of one kind of message. */
export interface SampleWindow {
  ydhm: string
  count: number
  data: string
}

/** More kinds of messages than any bus has. */
const MAX_WINDOWS = 65_536

/**
 * Thins frequent records as their definitions say: of N messages one passes, with N = 1 only those whose payload has
 * changed. The first of a kind passes and opens a window; a new minute opens a new one unless windows go across.
 */
export class Sampler {
  readonly #across: boolean
  readonly #windows = new Map<string, SampleWindow>()
  /** Whether sampling is on; files in the working directory switch it while a log is cut up. */
  enabled = true

  constructor(across: boolean) {
    this.#across = across
  }

  /** Windows by kind, for the report. */
  get windows(): ReadonlyMap<string, SampleWindow> {
    return this.#windows
  }

  /** Whether a message passes; `data` is its payload as text. */
  passes(key: string, every: number, minute: string, data: string): boolean {
    if (!this.enabled) return true
    const window = this.#windows.get(key)
    if (window === undefined) return this.#open(key, minute, data)
    const expired = window.ydhm !== minute && !this.#across
    const due = every === 1 ? window.data !== data : window.count >= every
    if (expired || due) return this.#open(key, minute, data)
    if (every !== 1) window.count++
    return false
  }

  #open(key: string, ydhm: string, data: string): boolean {
    const window = this.#windows.get(key)
    if (window !== undefined) Object.assign(window, { ydhm, count: 1, data })
    else {
      if (this.#windows.size >= MAX_WINDOWS) this.#windows.clear()
      this.#windows.set(key, { ydhm, count: 1, data })
    }
    return true
  }
}
