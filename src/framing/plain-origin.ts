import type { CanFrame, FrameOrigin } from '../core/can.ts'
import type { ByteWriter } from '../core/writer.ts'
import { type Instant, writeTime } from './stamp.ts'

const CAN = Uint8Array.from('can', char => char.charCodeAt(0))

/** Time and interface of the frame at hand, for readers that work both out as they go. */
export class PlainOrigin implements FrameOrigin, Instant {
  seconds = 0
  nanos = 0
  /** Number of the interface, printed as `can0`, `can1`, ... */
  bus = 0
  /** The name of the interface, where the log has names. */
  name: Uint8Array | undefined

  readTime(frame: CanFrame): void {
    frame.seconds = this.seconds
    frame.nanos = this.nanos
  }

  writeStamp(_frame: CanFrame, out: ByteWriter): void {
    writeTime(this, out)
  }

  writeInterface(_frame: CanFrame, out: ByteWriter): void {
    if (this.name !== undefined) {
      out.put(this.name)
      return
    }
    out.put(CAN)
    out.int(this.bus)
  }
}
