import type { FrameError } from '../../core/errors.ts'
import type { RejectReason } from './frame.ts'

/** What the reasons are called in summaries. */
export const REASONS: Readonly<Record<RejectReason, string>> = {
  crc: 'checksum (crc)',
  short: 'length (short)',
  data_length: 'length (data_length)',
  value_length: 'length (value_length)',
  truncated: 'length (truncated)',
  magic: 'length (magic)',
}

/** Rejected frames by reason, and where the first one stood. */
export class RejectTally {
  total = 0
  readonly #counts = new Map<RejectReason, number>()
  #first: FrameError | undefined

  readonly add = (error: FrameError): void => {
    const reason = error.context['reason'] as RejectReason
    this.total++
    this.#first ??= error
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** `2 rejected: 1 checksum (crc), 1 length (truncated); the first: ...`, for one line on stderr. */
  summary(): string {
    const kinds = [...this.#counts].map(([reason, count]) => `${count} ${REASONS[reason]}`)
    const where = String(this.#first?.context['origin'] ?? '')
    return `${this.total} rejected: ${kinds.join(', ')}; the first: ${where}: ${this.#first?.message}`
  }
}
