import type { View } from './view.ts'

const SEQUENCES = 1 << 24
const MAX_STREAMS = 65_536

/** What sequence numbers tell: how often one came, and the step from one message to the next. */
export class SequenceTracker {
  readonly #perStream: boolean
  /** By the low 24 bits, which is what the text lines show; the pages that are touched are all it costs. */
  #counts: Uint32Array | undefined
  #previous = -1
  #previousRepeats = 0
  #lastDelta: number | undefined
  readonly #lastByStream = new Map<string, number>()
  /** Distinct numbers counted. */
  distinct = 0

  /** Without `perStream` steps are those of the original: between any two messages, of a number with swapped bytes. */
  constructor(perStream: boolean) {
    this.#perStream = perStream
  }

  /** Counts a message's number; gives how many earlier messages had it. */
  count(sequence: number): number {
    this.#counts ??= new Uint32Array(SEQUENCES)
    const index = sequence & (SEQUENCES - 1)
    const earlier = this.#counts[index]!
    this.#counts[index] = earlier + 1
    if (earlier === 0) this.distinct++
    return earlier
  }

  /** Whether a message repeats the one before it, which was the first with its number. */
  repeatsPrevious(sequence: number, repeats: number): boolean {
    const index = sequence & (SEQUENCES - 1)
    const again = index === this.#previous && this.#previousRepeats === 0 && repeats > 0
    this.#previous = index
    this.#previousRepeats = repeats
    return again
  }

  /** The step since the message before, as text; 0 for the first. */
  delta(view: View): string {
    const { bytes, sequence } = view.message
    if (this.#perStream) return String(this.#streamDelta(view.str, sequence))
    const swapped = (bytes[7]! << 16) | (bytes[6]! << 8) | bytes[8]!
    const delta = this.#lastDelta === undefined ? 0 : swapped - this.#lastDelta
    this.#lastDelta = swapped
    return String(delta)
  }

  #streamDelta(stream: string, sequence: number): number {
    const last = this.#lastByStream.get(stream)
    if (last === undefined && this.#lastByStream.size >= MAX_STREAMS) this.#lastByStream.clear()
    this.#lastByStream.set(stream, sequence)
    return last === undefined ? 0 : sequence - last
  }
}
