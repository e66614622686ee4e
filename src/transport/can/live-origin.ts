import { utf8 } from '../../core/bytes.ts'
import { CanFrame, type FrameOrigin } from '../../core/can.ts'
import type { ByteWriter } from '../../core/writer.ts'

const DOT = 46
const ZERO = 48
const MICROS_DIGITS = 6

/** A frame to be filled with what comes from the interface that logs call `iface`. */
export function liveFrame(iface: string): CanFrame {
  return new CanFrame(new LiveOrigin(iface))
}

/** Time and interface of frames as they come from a bus: the time is in the frame. */
class LiveOrigin implements FrameOrigin {
  readonly #iface: Uint8Array

  constructor(iface: string) {
    this.#iface = utf8(iface)
  }

  readTime(): void {}

  writeStamp({ seconds, nanos }: CanFrame, out: ByteWriter): void {
    out.int(seconds)
    out.byte(DOT)
    let rest = Math.floor(nanos / 1000)
    out.reserve(MICROS_DIGITS)
    for (let at = out.length + MICROS_DIGITS - 1; at >= out.length; at--) {
      out.bytes[at] = ZERO + (rest % 10)
      rest = Math.floor(rest / 10)
    }
    out.length += MICROS_DIGITS
  }

  writeInterface(_frame: CanFrame, out: ByteWriter): void {
    out.put(this.#iface)
  }
}

/** Sets the time of a frame from Unix ms. */
export function setTime(frame: CanFrame, ms: number): void {
  frame.seconds = Math.floor(ms / 1000)
  frame.nanos = Math.round((ms - frame.seconds * 1000) * 1e6)
}
