/** More frames than any message has, faults that double it included. */
const MOST_FRAMES = 192
const FIRST = 0x000
const MIDDLE = 0x001
const LAST = 0x002

/** Commands of channels B and C, whose last digit says which part of a message a frame is; D and E send single frames. */
export const COMMAND = { B: 0x100, C: 0x120, D: 0x106, E: 0x10a } as const

/** The frames of one message in the order of sending. Reused: nothing is allocated per message. */
export class FrameTrain {
  count = 0
  readonly ids = new Uint32Array(MOST_FRAMES)
  readonly lengths = new Uint8Array(MOST_FRAMES)
  /** Eight bytes per frame. */
  readonly data = new Uint8Array(MOST_FRAMES * 8)

  clear(): void {
    this.count = 0
  }

  /** Adds a frame with `bytes[start, end)`; behind `lead`, if it is not negative, and filled up with zeros to `least`. */
  add(id: number, lead: number, bytes: Uint8Array, start: number, end: number, least = 0): void {
    const frame = this.count++
    const base = frame * 8
    let at = base
    this.ids[frame] = id
    if (lead >= 0) this.data[at++] = lead
    for (let i = start; i < end; i++) this.data[at++] = bytes[i]!
    while (at < base + least) this.data[at++] = 0
    this.lengths[frame] = at - base
  }

  /** Adds a frame of another train. */
  copy(from: FrameTrain, frame: number): void {
    const base = frame * 8
    this.add(from.ids[frame]!, -1, from.data, base, base + from.lengths[frame]!)
  }
}

/**
 * Adds the frames of `packet[0, length)` on channel A. `source` and `destination` are those of this hop, which may be
 * others than the header's. `padded` fills the last frame up to eight bytes.
 *
 *     count of bytes that follow | at most 7 bytes        frame number and number of frames stand in the ID
 */
export function addSegments(
  train: FrameTrain,
  packet: Uint8Array,
  length: number,
  source: number,
  destination: number,
  padded: boolean,
): void {
  const total = Math.ceil(length / 7)
  if (total > 63) throw new RangeError(`${length} bytes do not fit into 63 frames`)
  for (let number = 1; number <= total; number++) {
    const start = (number - 1) * 7
    const end = Math.min(start + 7, length)
    const id = (number << 22) | (total << 16) | (source << 8) | destination
    train.add(id, end - start, packet, start, end, padded ? 8 : 0)
  }
}

/** Adds the frames of `packet[0, length)` on channel B or C: first, middle and last, eight bytes each but the last. */
export function addParts(
  train: FrameTrain,
  packet: Uint8Array,
  length: number,
  command: number,
  node: number,
  padded: boolean,
): void {
  for (let start = 0; start < length; start += 8) {
    const end = Math.min(start + 8, length)
    const part = start === 0 ? FIRST : end === length ? LAST : MIDDLE
    train.add(idOf(command + part, node), -1, packet, start, end, padded ? 8 : 0)
  }
}

const tail = new Uint8Array(8)

/** Adds the single frame that channels D and E send: the last eight characters of a serial number. */
export function addSerialTail(train: FrameTrain, command: number, node: number, serial: string): void {
  const from = serial.length - tail.length
  for (let i = 0; i < tail.length; i++) tail[i] = serial.charCodeAt(from + i)
  train.add(idOf(command, node), -1, tail, 0, tail.length)
}

function idOf(command: number, node: number): number {
  return ((command << 20) | node) >>> 0
}
