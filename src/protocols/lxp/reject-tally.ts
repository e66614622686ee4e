import type { FrameError } from '../../core/errors.ts'

/** Rejected frames by reason, and where the first one stood. */
export class RejectTally {
  total = 0
  readonly #counts = new Map<string, number>()
  #first: FrameError | undefined

  readonly add = (error: FrameError): void => {
    const reason = String(error.context['reason'])
    this.total++
    this.#first ??= error
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** `2 rejected: 1 checksum (crc), 1 length (truncated); the first: ...`, for one line on stderr. */
  summary(): string {
    const kinds = [...this.#counts].map(([reason, count]) => `${count} ${kindOf(reason)} (${reason})`)
    const where = String(this.#first?.context['origin'] ?? '')
    return `${this.total} rejected: ${kinds.join(', ')}; the first: ${where}: ${this.#first?.message}`
  }
}

function kindOf(reason: string): string {
  if (reason === 'crc') return 'checksum'
  return reason === 'magic' ? 'unknown' : 'length'
}
