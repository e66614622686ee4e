import { type Clock, yieldToEvents } from '../core/clock.ts'
import { isWattzupError, TransportError, type WattzupError } from '../core/errors.ts'
import type { OpenFile } from '../core/files.ts'
import { ByteWriter } from '../core/writer.ts'
import { writePcapHeader, writePcapPacket } from '../framing/pcap-writer.ts'
import { ETHERNET } from '../protocols/myenergi/ethernet.ts'
import type { EddiFrame } from '../protocols/myenergi/simulator/eddi.ts'
import { counted } from '../sinks/counted.ts'
import { FaultReport } from '../sinks/fault-report.ts'
import type { Io } from './io.ts'

/** Frames between two looks at signals. */
const TURN_FRAMES = 1024

/** A capture file that frames are written to. */
export class EddiCapture implements Disposable {
  readonly #file: OpenFile | undefined
  readonly #out: ByteWriter

  /** `-` is standard output. A file that exists is a `TransportError` unless `overwrite`. */
  constructor(io: Io, path: string, overwrite: boolean) {
    if (path !== '-' && !overwrite && io.files.exists(path)) {
      throw new TransportError(`cannot write ${path}: it exists; --force overwrites it`, { path })
    }
    const file = path === '-' ? undefined : io.files.create(path, overwrite)
    this.#file = file
    this.#out = new ByteWriter(bytes => (file === undefined ? io.out.write(bytes) : file.write(bytes)))
    writePcapHeader(this.#out, ETHERNET)
  }

  add({ at, data }: EddiFrame): void {
    writePcapPacket(this.#out, at, data)
  }

  flush(): void {
    this.#out.flush()
  }

  [Symbol.dispose](): void {
    this.#file?.close()
  }
}

/** Writes all frames, as fast as possible. */
export async function writeFrames(io: Io, frames: Iterable<EddiFrame>, capture: EddiCapture): Promise<void> {
  let count = 0
  for (const frame of frames) {
    capture.add(frame)
    if (++count % TURN_FRAMES !== 0) continue
    capture.flush()
    await yieldToEvents()
    if (io.signal.aborted) break
  }
  capture.flush()
}

/** What the system says of an interface that is down or takes no more now: the frame is lost, as on a bad cable. */
const PASSING: readonly unknown[] = ['ENETDOWN', 'ENOBUFS']

/**
 * Sends each frame when its time has come by `clock`, until `io` stops it. Frames that are lost because the interface is
 * down are counted. Throws `TransportError` for everything else.
 */
export async function sendFrames(
  io: Io,
  frames: Iterable<EddiFrame>,
  iface: string,
  clock: Clock,
  capture: EddiCapture | undefined,
): Promise<void> {
  const { signal } = io
  await using sender = await io.network.frameSender(iface)
  const note = (line: string) => io.err.write(`wattzup: ${line}\n`)
  const faults = new FaultReport(note)
  let count = 0
  let lost = 0
  note(`sending on ${iface}`)
  for (const frame of frames) {
    const wait = frame.at - clock.now()
    if (wait > 0) await clock.sleep(wait, signal).catch(() => {}) // the loop looks at the signal
    if (count % TURN_FRAMES === 0) await yieldToEvents()
    if (signal.aborted) break
    count++
    try {
      await sender.send(frame.data, signal)
      faults.worked(`sending on ${iface} again`)
    } catch (error) {
      if (signal.aborted) break
      if (!isPassing(error)) throw error
      faults.failed(error, 'frames are lost until it works')
      lost++
    }
    capture?.add(frame)
    capture?.flush()
  }
  note(`${counted(count, 'frame')} sent${lost > 0 ? `, ${lost} of them lost` : ''}`)
}

function isPassing(error: unknown): error is WattzupError {
  return isWattzupError(error) && PASSING.includes(error.context['code'])
}
