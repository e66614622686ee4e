import { readFileSync } from 'node:fs'
import type { Clock } from '../../core/clock.ts'

/** Between two looks at the counters of the interface, ms. */
const LOOK_MS = 500
/** A frame on its way from the interface to us has arrived within so many looks. */
const LOOKS = 3

/**
 * Finds out how many frames a socket has lost because nobody fetched them in time. The package does not tell, but the
 * interface counts what it receives: what has not come to us after some seconds was lost. Frames that other programs of
 * this machine send come to us without being received, so that a loss may show as less than it was, never as more.
 */
export class InterfaceCounters {
  readonly #file: string
  #base: number | undefined
  #received = 0
  #sent = 0
  #lost = 0

  constructor(iface: string) {
    this.#file = `/sys/class/net/${iface}/statistics/rx_packets`
  }

  /** The socket is open; from now on its frames are counted. */
  begin(): void {
    this.#base = this.#read()
  }

  /** A frame has come. */
  received(): void {
    this.#received++
  }

  /** A frame was sent; an interface that gives back what is sent counts it as received. */
  sent(): void {
    this.#sent++
  }

  /** Tells how many frames were lost, whenever some were, until `signal` aborts. */
  async watch(report: (lost: number) => void, clock: Clock, signal: AbortSignal): Promise<void> {
    const missing: number[] = []
    for (;;) {
      await clock.sleep(LOOK_MS, signal).catch(() => {}) // it is looked at next
      if (signal.aborted) return
      missing.push(this.#missing())
      if (missing.length < LOOKS) continue
      const lost = Math.min(...missing) - this.#lost
      missing.length = 0
      if (lost <= 0) continue
      this.#lost += lost
      report(lost)
    }
  }

  #missing(): number {
    const now = this.#read()
    if (this.#base === undefined || now === undefined) return 0
    return now - this.#base - this.#received - this.#sent
  }

  #read(): number | undefined {
    try {
      return Number(readFileSync(this.#file, 'latin1'))
    } catch {
      return undefined
    }
  }
}
