import { yieldToEvents } from './core/clock.ts'
import { type FrameError, TransportError } from './core/errors.ts'
import type { ByteInput } from './core/input.ts'
import type { Packet } from './core/packet.ts'
import { CaptureFile } from './framing/capture-file.ts'

/** Bytes read at a time. */
const CAPACITY = 65_536
/** Reads between two looks at pending signals. */
const STRIDE = 8

/** Who takes the packets of a capture, and how it is stopped. */
export interface CaptureRun {
  /** Takes a packet, whose bytes are valid until the call returns; the promise is of those that take what it made. */
  readonly packet: (packet: Packet) => Promise<void>
  /** Told what is wrong with the capture as a file. */
  readonly reject: (error: FrameError) => void
  /** Called when the bytes at hand are used up: the time to flush what was printed, for live inputs. */
  readonly drained: (bytesRead: number) => void
  /** Whether to stop before the end. */
  readonly stopped: () => boolean
}

/**
 * Reads a capture file, pcap or pcapng, from its beginning to its end, in memory that does not grow. Throws
 * `TransportError` where it is neither or damaged; packets before the damage have been delivered.
 */
export async function readCapture(input: ByteInput, run: CaptureRun): Promise<void> {
  const capture = new CaptureFile(input.name)
  const window = new Uint8Array(CAPACITY)
  let total = 0
  let pending: Promise<void>[] = []
  for (let reads = 1; !run.stopped() && capture.damage === undefined; reads++) {
    const answer = input.read(window, 0)
    const count = typeof answer === 'number' ? answer : await answer
    if (count === 0) {
      if (!run.stopped()) capture.end(run.reject)
      break
    }
    total += count
    capture.push(window.subarray(0, count), packet => pending.push(run.packet(packet)), run.reject)
    await Promise.all(pending)
    pending = []
    run.drained(total)
    if (reads % STRIDE === 0) await yieldToEvents()
  }
  const { damage } = capture
  if (damage !== undefined) throw new TransportError(`cannot read ${input.name}: ${damage.message}`, {}, damage)
}
