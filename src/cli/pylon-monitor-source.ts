import type { Values } from '../core/values.ts'

/** A document with modules and when it was true, Unix ms by the source's clock. */
export interface Snapshot {
  readonly document: Values
  readonly at: number
}

/** What a source tells a monitor. */
export interface SourceEvents {
  snapshot(snapshot: Snapshot): void
  /** It cannot be had, or is at its end; undefined when all is well again. */
  problem(text: string | undefined): void
}

/** Where the state of a stack comes from. */
export interface MonitorSource {
  /** What messages call it. */
  readonly name: string
  /** How often something new is expected, ms. */
  readonly intervalMs: number
  /** Unix ms by the clock that its times are from: that of another machine, of a recording. */
  now(): number
  /** The newest snapshot; undefined where there is none. Rejects with `TransportError`, or the reason of `signal`. */
  once(signal: AbortSignal): Promise<Snapshot | undefined>
  /** Tells every snapshot until `signal` aborts or there will be no more; what fails is told and tried again. */
  run(events: SourceEvents, signal: AbortSignal): Promise<void>
  /** After a run: what was lost or rejected, a line each. */
  problems?(): readonly string[]
}

/** Waits of one who tries again, ms; the last one for ever. */
const RETRIES_MS = [1000, 2000, 5000, 10_000]

/** The wait after so many failures in a row, ms. */
export function retryMs(failures: number): number {
  return RETRIES_MS[Math.min(Math.max(failures, 1), RETRIES_MS.length) - 1]!
}

/** How often files and servers of `pylon poll` have something new, unless the user says otherwise. */
export const USUAL_INTERVAL_MS = 10_000
/** Bytes of a document: more than any stack needs. */
export const MOST_BYTES = 4_194_304
