import { LOWER_PAIR, UPPER_PAIR } from '../../../core/bytes.ts'
import { Random } from '../../../core/random.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { BusFrame } from './bus.ts'
import { CandumpLine, type FrameLog } from './candump-log.ts'
import type { FaultRates } from './faults.ts'

/** Lines that are not frames of this bus, and some that are no frames at all. */
const JUNK_LINES: readonly string[] = [
  '# interface restarted',
  '',
  'candump: read: No buffer space available',
  '()',
  '(1.5) can0 ',
]

/** Frames that other devices send, as they stand behind the time stamp. */
const STRANGE_FRAMES: readonly string[] = [
  '7DF#0201050000000000',
  '123#',
  '10003001#R',
  '18DAF110##1223344556677',
  '20000004#0004000000000000',
]

/** What comes behind a frame with its direction shown. */
const DIRECTIONS: readonly string[] = [' R', ' T']

/**
 * A log with the faults of texts: junk between the lines, lines in other spellings, a last line that is cut. A line is
 * ended when the next one comes, so that the last can still be shortened.
 */
export class NoisyLog implements FrameLog {
  readonly #out: ByteWriter
  readonly #line = new CandumpLine()
  readonly #random: Random
  readonly #noise: number
  readonly #truncate: boolean
  #started = false
  #lastLength = 0

  constructor(out: ByteWriter, seed: number, rates: FaultRates) {
    this.#out = out
    this.#random = new Random(seed, 'noise')
    this.#noise = rates.get('noise') ?? 0
    this.#truncate = (rates.get('truncate') ?? 0) > 0
  }

  write(frame: BusFrame): void {
    const noisy = this.#random.chance(this.#noise)
    const kind = noisy ? this.#random.int(4) : -1
    if (kind === 0) this.#put(() => this.#out.text(this.#random.pick(JUNK_LINES)))
    if (kind === 1) {
      this.#put(() => {
        this.#line.appendStamp(this.#out, frame.at)
        this.#out.text(this.#random.pick(STRANGE_FRAMES))
      })
    }
    this.#put(() => {
      this.#line.append(this.#out, frame, kind === 2 ? LOWER_PAIR : UPPER_PAIR)
      if (kind === 3) this.#out.text(this.#random.pick(DIRECTIONS))
    })
  }

  end(): void {
    if (!this.#started) return
    if (this.#truncate) this.#out.length -= 1 + this.#random.int(this.#lastLength - 1)
    else this.#out.endLine()
    this.#out.flush()
  }

  #put(write: () => void): void {
    if (this.#started) this.#out.endLine()
    this.#started = true
    const before = this.#out.length
    write()
    this.#lastLength = this.#out.length - before
  }
}
