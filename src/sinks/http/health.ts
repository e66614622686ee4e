import type { Clock } from '../../core/clock.ts'
import { type DeviceState, namedDevices } from '../snapshot.ts'
import type { StreamStatus } from './event-streams.ts'

/** Intervals without a reading after which a device is stale. */
const STALE_INTERVALS = 3

export interface HealthReport {
  readonly status: 'starting' | 'ok' | 'stale'
  readonly [name: string]: unknown
}

/** What a supervisor asks: whether readings still come. */
export class Health {
  readings = 0
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #staleMs: number

  /** `intervalMs` is how often a reading is expected; without it nothing is ever stale. */
  constructor(clock: Clock, intervalMs: number | undefined) {
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#staleMs = intervalMs === undefined ? Number.POSITIVE_INFINITY : STALE_INTERVALS * intervalMs
  }

  report(devices: readonly DeviceState[], streams: StreamStatus, problems: readonly string[]): HealthReport {
    const newest = devices.at(-1)
    const ages = namedDevices(devices).map(([name, { seenAt }]) => [name, this.#age(seenAt)])
    return {
      status: newest === undefined ? 'starting' : this.#isStale(newest.seenAt) ? 'stale' : 'ok',
      uptime_s: this.#seconds(this.#startedAt),
      readings: this.readings,
      age_s: newest === undefined ? null : this.#seconds(newest.seenAt),
      devices: Object.fromEntries(ages),
      events: streams,
      problems,
    }
  }

  #age(seenAt: number): unknown {
    return { age_s: this.#seconds(seenAt), stale: this.#isStale(seenAt) }
  }

  #isStale(seenAt: number): boolean {
    return this.#clock.now() - seenAt > this.#staleMs
  }

  /** Since then; the clock may have been set back. */
  #seconds(since: number): number {
    return Math.max(0, this.#clock.now() - since) / 1000
  }
}
