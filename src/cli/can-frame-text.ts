import { byteSource } from '../core/bytes.ts'
import { CAN, type CanFrame, dlcOf, FD_LENGTHS } from '../core/can.ts'
import { UsageError } from '../core/errors.ts'
import { CandumpReader } from '../framing/candump.ts'

/** No notation of a frame is longer, whatever separates its bytes. */
const LONGEST = 256
const FORMS = '123#DEADBEEF, 18FF50E5#A1.B2, 123#R4 or 456##1A1B2 for CAN FD'

/** The frame that a text is in candump's and cansend's notation, ready to be sent. Throws `UsageError`. */
export function parseFrame(text: string): CanFrame {
  const frame = text.length <= LONGEST && /^\S+$/.test(text) ? read(text) : undefined
  if (frame === undefined) throw new UsageError(`${text} is no frame; write ${FORMS}`, { text })
  if ((frame.flags & CAN.error) !== 0) throw new UsageError(`${text} is an error frame: nobody sends those`, { text })
  fill(frame)
  return frame
}

/** Fills a frame of CAN FD up to a length that can be sent. */
export function fill(frame: CanFrame): void {
  if ((frame.flags & CAN.fd) === 0) return
  frame.dlc = dlcOf(frame.length)
  const length = FD_LENGTHS[frame.dlc]!
  frame.data.fill(0, frame.length, length)
  frame.length = length
}

/** Reads it as the log that it would be a line of. */
function read(text: string): CanFrame | undefined {
  const line = new TextEncoder().encode(`(1.000000) can0 ${text}\n`)
  const source = byteSource(line.length + LONGEST)
  source.bytes.set(line)
  let found: CanFrame | undefined
  const reader = new CandumpReader({
    frame: frame => {
      found = frame
    },
  })
  reader.read(source, 0, line.length)
  return found
}
