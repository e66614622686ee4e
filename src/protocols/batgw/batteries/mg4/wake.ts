import type { CanMessage } from '../../../../core/can-bus.ts'
import { crc8GsmA } from '../../../../core/checksum.ts'
import type { FrameMaker } from '../../frame-maker.ts'
import { Periodic } from '../../periodic.ts'

const WAKE_PERIOD_MS = 100
const DRIVE_PERIOD_MS = 10

const WAKE_PATTERN = 'f3104800ffff0011'

/** The counters of 047, as a car sends them: 13 is left out. */
const COUNTERS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]

/** With these counters byte 5 is FE, with the others FF. */
const LOW_TOGGLES: ReadonlySet<number> = new Set([0, 1, 4, 5, 7, 8, 11, 12])

/** The frames with which a car wakes its pack and has it close its contactors: 4F3, and 047 whose byte 0 is a CRC of the others. */
export class Wake {
  readonly #frames: FrameMaker
  readonly #wake = new Periodic(WAKE_PERIOD_MS)
  readonly #drive = new Periodic(DRIVE_PERIOD_MS)
  #next = 0

  constructor(frames: FrameMaker) {
    this.#frames = frames
  }

  start(at: number): void {
    this.#wake.start(at, 0)
    this.#drive.start(at, 0)
  }

  get due(): number {
    return Math.min(this.#wake.due, this.#drive.due)
  }

  tick(at: number): CanMessage[] {
    const frames: CanMessage[] = []
    if (this.#wake.take(at)) frames.push(this.#frames.make('wake_up', { pattern: WAKE_PATTERN }))
    if (this.#drive.take(at)) frames.push(this.#driveState())
    return frames
  }

  #driveState(): CanMessage {
    const counter = COUNTERS[this.#next]!
    const toggle = LOW_TOGGLES.has(counter) ? 0xfe : 0xff
    this.#next = (this.#next + 1) % COUNTERS.length
    const frame = this.#frames.make('drive_state', { counter, head: '457d7f', toggle, tail: 'fffe' })
    frame.data[0] = crc8GsmA(frame.data, 1, 8)
    return frame
  }
}
