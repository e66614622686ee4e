import type { ScreenSize } from '../core/terminal.ts'
import type { LineFlags } from './pylon-line-options.ts'

/** What the user says to `pylon monitor`. */
export interface MonitorOptions extends LineFlags {
  /** The user has said an interval; else there is that of `pylon poll`. */
  readonly intervalIsGiven: boolean
  /** How fast a recording goes. */
  readonly speed: number
  /** mV. */
  readonly spread: number
  /** Seconds. */
  readonly staleAfter?: number
  readonly summary: boolean
  readonly ascii?: true
  readonly color: string | boolean
  readonly size?: ScreenSize
  readonly history?: string
  readonly bell?: true
  readonly redact?: true
  readonly json?: true
  readonly check?: true
  readonly structs?: string
}
