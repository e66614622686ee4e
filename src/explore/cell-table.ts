import {
  BIG_CARRIES,
  BIG_RANGE,
  BIG_SUM,
  CHANGES,
  DELTA,
  FLOAT_LAST,
  FLOAT_MAX,
  FLOAT_MIN,
  FLOATS,
  HITS,
  IMPLAUSIBLE,
  LITTLE_CARRIES,
  LITTLE_RANGE,
  LITTLE_SUM,
  LONGEST,
  PAIR_STEPS,
  PENDING,
  RUN,
  SMOOTH,
  STEP,
  STEP_SUM,
  STRIDE,
  TIGHT_STEP,
  TOGGLES,
  UPS,
  VALUES,
  VOTE,
  WRAP_PAIR,
  WRAPS,
} from './cell.ts'

/** Sizes from 1e-4 to 1e6, those of volts, amperes, watts, degrees and percents, as bits of an f32 without sign. */
const SMALLEST = 0x38d1b717
const LARGEST = 0x49742400

/** Steps up to a twentieth of the value count as smooth. */
const SMOOTH_SHARE = 0.05

/** Four bits to four byte lanes, so that one addition counts the toggles of half a byte. */
const LANES = Int32Array.from({ length: 16 }, (_, n) => (n & 1) | ((n & 2) << 7) | ((n & 4) << 14) | ((n & 8) << 21))

/** Cells of the bytes of one stream, with the bytes themselves as they are now and as they were a message ago. */
export class CellTable {
  /** One memory, three ways to read it. */
  ints = new Int32Array(0)
  floats = new Float32Array(0)
  doubles = new Float64Array(0)
  now = new Uint8Array(0)
  before = new Uint8Array(0)
  #view = new DataView(this.now.buffer)

  /** Bytes that there is room for. */
  get size(): number {
    return this.now.length
  }

  /** Makes room for `size` bytes in all; what was counted stays. */
  grow(size: number): void {
    const had = this.size
    const memory = new ArrayBuffer(size * STRIDE * 4)
    const ints = new Int32Array(memory)
    ints.set(this.ints)
    this.ints = ints
    this.floats = new Float32Array(memory)
    this.doubles = new Float64Array(memory)
    for (let i = had; i < size; i++) this.#clearRanges(i * STRIDE)
    this.now = enlarged(this.now, new Uint8Array(size))
    this.before = enlarged(this.before, new Uint8Array(size))
    this.#view = new DataView(this.now.buffer)
  }

  /** Takes in the first byte at an offset. */
  byteMet(i: number, byte: number): void {
    this.now[i] = byte
    this.before[i] = byte
    this.ints[i * STRIDE + VALUES + (byte >> 5)]! |= 1 << (byte & 31)
  }

  /** Counts the change of byte `i` from `before` to `now`. */
  byteChanged(i: number): void {
    const { ints } = this
    const cell = i * STRIDE
    const was = this.before[i]!
    const now = this.now[i]!
    const delta = ((now - was) << 24) >> 24 // the short way round, -128..127
    const changes = ints[cell + CHANGES]! + 1
    ints[cell + CHANGES] = changes
    ints[cell + VALUES + (now >> 5)]! |= 1 << (now & 31)
    this.doubles[(cell + STEP_SUM) >> 1]! += Math.abs(delta)
    // Signs by arithmetic: on noise a branch is guessed wrong every other time.
    ints[cell + UPS]! += -delta >>> 31
    const run = (ints[cell + RUN]! & ~((delta ^ ints[cell + DELTA]!) >> 31)) + 1
    ints[cell + DELTA] = delta
    ints[cell + RUN] = run
    if (run > ints[cell + LONGEST]!) ints[cell + LONGEST] = run
    const flips = was ^ now
    ints[cell + PENDING]! += LANES[flips & 15]!
    ints[cell + PENDING + 1]! += LANES[flips >> 4]!
    if ((changes & 127) === 0) this.#settleToggles(cell)
    if (delta === ints[cell + STEP]) {
      ints[cell + HITS]!++
      ints[cell + VOTE]!++
    } else this.#otherStep(cell, delta, (was << 8) | now)
  }

  /** Majority vote on the step: whatever more than half of the changes have in common wins in the end. */
  #otherStep(cell: number, delta: number, pair: number): void {
    const { ints } = this
    if (ints[cell + VOTE] === 0) {
      ints[cell + STEP] = delta
      ints[cell + HITS] = 1
      ints[cell + VOTE] = 1
      return
    }
    ints[cell + VOTE]!--
    if (ints[cell + WRAP_PAIR] === pair) ints[cell + WRAPS]!++
    else if (ints[cell + WRAPS]! < 2) {
      ints[cell + WRAP_PAIR] = pair
      ints[cell + WRAPS] = 1
    }
  }

  /** Empties the byte lanes before one can overflow. */
  #settleToggles(cell: number): void {
    const { ints } = this
    for (let bit = 0; bit < 8; bit++) {
      ints[cell + TOGGLES + bit]! += (ints[cell + PENDING + (bit >> 2)]! >>> ((bit & 3) * 8)) & 255
    }
    ints[cell + PENDING] = 0
    ints[cell + PENDING + 1] = 0
  }

  /** Takes in the 16-bit value at `at`, as to its range. */
  pairMet(at: number): void {
    const first = this.now[at]!
    const second = this.now[at + 1]!
    this.#widen(at * STRIDE + LITTLE_RANGE, first | (second << 8))
    this.#widen(at * STRIDE + BIG_RANGE, (first << 8) | second)
  }

  #widen(range: number, value: number): void {
    const { ints } = this
    const half = range + ((value >> 15) << 1)
    if (value < ints[half]!) ints[half] = value
    if (value > ints[half + 1]!) ints[half + 1] = value
  }

  /** Counts a step of the 16-bit value at `at`. */
  pairChanged(at: number): void {
    const { doubles, now, before } = this
    const cell = at * STRIDE
    const first = now[at]! - before[at]!
    const second = now[at + 1]! - before[at + 1]!
    const little = ((first + (second << 8)) << 16) >> 16
    const big = (((first << 8) + second) << 16) >> 16
    this.ints[cell + PAIR_STEPS]!++
    doubles[(cell + LITTLE_SUM) >> 1]! += Math.abs(little)
    doubles[(cell + BIG_SUM) >> 1]! += Math.abs(big)
    if (second !== 0) this.#carry(cell + LITTLE_CARRIES, (second << 24) >> 24, first, little)
    if (first !== 0) this.#carry(cell + BIG_CARRIES, (first << 24) >> 24, second, big)
    this.pairMet(at)
  }

  /**
   * Judges a move of the high byte by one. Slots: carries, tight ones, moves without a carry. It is a carry if the low
   * byte goes the other way, and so far that the whole moved by less than 128: it went round. Between is no evidence.
   */
  #carry(slot: number, high: number, low: number, whole: number): void {
    if (high !== 1 && high !== -1) return
    const { ints } = this
    if (high === 1 ? low >= 0 : low <= 0) ints[slot + 2]!++
    else if (whole < 128 && whole > -128) {
      ints[slot]!++
      if (whole <= TIGHT_STEP && whole >= -TIGHT_STEP) ints[slot + 1]!++
    }
  }

  /** Takes in the float at `at` with no step from what was there. */
  floatMet(at: number): void {
    this.floats[at * STRIDE + FLOAT_LAST] = Number.NaN
    this.floatChanged(at)
  }

  /** Takes in the float at `at`, a step from the last one. */
  floatChanged(at: number): void {
    const { ints, floats } = this
    const cell = at * STRIDE
    if (ints[cell + IMPLAUSIBLE]! < 0) return
    const size = this.#view.getInt32(at, true) & 0x7fffffff
    ints[cell + FLOATS]!++
    if (size !== 0 && (size < SMALLEST || size > LARGEST)) {
      this.#implausible(cell)
      return
    }
    const value = this.#view.getFloat32(at, true)
    const was = floats[cell + FLOAT_LAST]!
    floats[cell + FLOAT_LAST] = value
    if (value < floats[cell + FLOAT_MIN]!) floats[cell + FLOAT_MIN] = value
    if (value > floats[cell + FLOAT_MAX]!) floats[cell + FLOAT_MAX] = value
    if (Math.abs(value - was) <= SMOOTH_SHARE * Math.max(Math.abs(value), Math.abs(was))) ints[cell + SMOOTH]!++
  }

  /** Counts a value that is no measurement. After many the place is given up, marked by the sign, to save time. */
  #implausible(cell: number): void {
    const { ints } = this
    const count = ints[cell + IMPLAUSIBLE]! + 1
    ints[cell + IMPLAUSIBLE] = count
    this.floats[cell + FLOAT_LAST] = Number.NaN
    if (count >= 64 && count * 2 > ints[cell + FLOATS]!) ints[cell + IMPLAUSIBLE] = -count
  }

  #clearRanges(cell: number): void {
    for (let half = cell + LITTLE_RANGE; half < cell + LITTLE_CARRIES; half += 2) {
      this.ints[half] = 0x10000
      this.ints[half + 1] = -1
    }
    this.floats[cell + FLOAT_MIN] = Number.POSITIVE_INFINITY
    this.floats[cell + FLOAT_MAX] = Number.NEGATIVE_INFINITY
    this.floats[cell + FLOAT_LAST] = Number.NaN
  }
}

/** The larger array, with what the smaller one holds. */
export function enlarged<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
