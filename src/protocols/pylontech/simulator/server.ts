import type { Clock } from '../../../core/clock.ts'
import type { Transport } from '../../../core/transport.ts'
import { FrameCutter } from '../cutter.ts'
import { EOI, SOI } from '../frame.ts'
import type { SimulatedStack } from './stack.ts'

/** What a simulated line has done. */
export interface ServerCounts {
  requests: number
  answered: number
}

const BITS_PER_BYTE = 10
/** Bytes that are written at once; a real line gives them one by one. */
const PIECE_BYTES = 32

/**
 * Answers what is asked over a connection until it ends or `signal` aborts, at the pace of a serial line: the bytes of a
 * request and of its reply take their time, and so does the module. Throws `TransportError` when the connection is lost.
 */
export async function serveStack(
  stack: SimulatedStack,
  link: Transport,
  { baudRate, counts }: { readonly baudRate: number; readonly counts: ServerCounts },
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const cutter = new FrameCutter()
  const lineMs = (bytes: number) => (bytes * BITS_PER_BYTE * 1000) / baudRate
  try {
    for await (const { data } of link.packets(signal)) {
      for (const request of requestsIn(cutter, data)) {
        counts.requests++
        await clock.sleep(lineMs(request.length) + stack.latencyMs(), signal)
        const reply = stack.answer(request)
        if (reply === undefined) continue
        counts.answered++
        await sendSlowly(reply, link, lineMs, clock, signal)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** The frames that end in these bytes; a damaged one is nothing that a module answers. */
function requestsIn(cutter: FrameCutter, data: Uint8Array): Uint8Array[] {
  const requests: Uint8Array[] = []
  cutter.push(
    data,
    (_, text) => requests.push(Buffer.concat([Buffer.of(SOI), text, Buffer.of(EOI)])),
    () => {},
  )
  return requests
}

/** Pieces go out when their last byte would have: a late one does not delay the others. */
async function sendSlowly(
  bytes: Uint8Array,
  link: Transport,
  lineMs: (bytes: number) => number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const start = clock.now()
  for (let end = PIECE_BYTES; end < bytes.length + PIECE_BYTES; end += PIECE_BYTES) {
    const due = start + lineMs(Math.min(end, bytes.length))
    await clock.sleep(Math.max(0, due - clock.now()), signal)
    await link.send(bytes.subarray(end - PIECE_BYTES, end), signal)
  }
}
