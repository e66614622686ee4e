import { CAN, type CanFrame } from '../core/can.ts'
import { BitCounter } from '../framing/can-bits.ts'
import { counted } from '../sinks/counted.ts'

/** What a bus has had since some moment. */
interface Counts {
  frames: number
  errorFrames: number
  bits: number
}

/** Counts what comes from a bus, and what happens to it. */
export class BusTally {
  readonly name: string
  /** Frames that are known to have been lost; times that some were, where their number is not known. */
  lost = 0
  overruns = 0
  downs = 0
  errors = 0
  readonly #bits: BitCounter | undefined
  readonly #all: Counts = { frames: 0, errorFrames: 0, bits: 0 }
  readonly #lately: Counts = { frames: 0, errorFrames: 0, bits: 0 }

  /** `countsBits`: for the load of the bus. */
  constructor(name: string, countsBits: boolean) {
    this.name = name
    this.#bits = countsBits ? new BitCounter() : undefined
  }

  frame(frame: CanFrame): void {
    const kind = (frame.flags & CAN.error) !== 0 ? 'errorFrames' : 'frames'
    const bits = this.#bits?.bitsOf(frame) ?? 0
    this.#all[kind]++
    this.#all.bits += bits
    this.#lately[kind]++
    this.#lately.bits += bits
  }

  /** Frames, rate and load since it was last asked, `seconds` ago; `bitRate` in bit/s. */
  lately(seconds: number, bitRate: number): string {
    const text = `${this.name}: ${measured(this.#lately, seconds, bitRate)}`
    this.#lately.frames = 0
    this.#lately.errorFrames = 0
    this.#lately.bits = 0
    return text
  }

  /** The same of the whole run. */
  inAll(seconds: number, bitRate: number): string {
    return `${this.name}: ${measured(this.#all, seconds, bitRate)} in ${seconds.toFixed(1)} s`
  }

  /** What went wrong, if anything did. */
  get troubles(): string | undefined {
    const parts = [
      ...(this.downs > 0 ? [`down ${counted(this.downs, 'time')}`] : []),
      ...(this.errors > 0 ? [counted(this.errors, 'error')] : []),
      ...(this.lost > 0 ? [`${counted(this.lost, 'frame')} lost: they came too fast`] : []),
      ...(this.overruns > 0 ? [`buffers overran ${counted(this.overruns, 'time')}`] : []),
    ]
    return parts.length === 0 ? undefined : `${this.name}: ${parts.join(', ')}`
  }
}

function measured({ frames, errorFrames, bits }: Counts, seconds: number, bitRate: number): string {
  const span = Math.max(seconds, 0.001)
  const load = (bits / span / bitRate) * 100
  const parts = [counted(frames, 'frame'), `${(frames / span).toFixed(1)}/s`, `load ${load.toFixed(1)} %`]
  return [...parts, ...(errorFrames > 0 ? [counted(errorFrames, 'error frame')] : [])].join(', ')
}
