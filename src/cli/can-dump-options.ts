import type { StampKind } from '../framing/writers/candump-stamp.ts'
import type { LiveFlags } from './live-options.ts'

/** Forms of frames on standard output, and of readings. */
export const FRAME_FORMATS = ['screen', 'candump', 'ndjson'] as const
export const READING_FORMATS = ['text', 'ndjson', 'csv'] as const
export type DumpFormat = (typeof FRAME_FORMATS | typeof READING_FORMATS)[number]

export interface DumpOptions extends Omit<LiveFlags, 'format'> {
  readonly format?: DumpFormat
  readonly candump?: true
  readonly timestamp?: StampKind
  readonly quiet?: true
  readonly decode?: string
  /** Seconds. */
  readonly stats?: number
  /** bit/s. */
  readonly bitrate: number
  readonly listenOnly?: true
  /** Of recordings. */
  readonly speed: number
}
