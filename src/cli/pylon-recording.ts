import { TransportError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'
import type { Packet } from '../core/packet.ts'
import { CaptureFile } from '../framing/capture-file.ts'
import { isPcap } from '../framing/pcap.ts'
import { isPcapng } from '../framing/pcapng.ts'
import { FrameLog } from '../protocols/pylontech/frame-log.ts'

const BLOCK = 65_536
/** Bytes that say whether a file is a capture. */
const MAGIC = 4
/** Link type of captures whose packets are bare frames: LINKTYPE_USER0. */
const USER0 = 147

/**
 * The packets of a recording, a capture or a log of frames, one after the other, until its end or until `signal` aborts.
 * `read` is called whenever a live input has given all that it had. Throws `TransportError`.
 */
export async function* recordedPackets(
  input: ByteInput,
  signal: AbortSignal,
  read: () => void = () => {},
): AsyncGenerator<Packet> {
  const block = new Uint8Array(BLOCK)
  let cutter: Cutter | undefined
  let filled = 0 // a first read may be shorter than the magic number of a capture
  while (!signal.aborted) {
    const count = await input.read(block, filled)
    filled += count
    if (count > 0 && cutter === undefined && filled < MAGIC) continue
    if (filled === 0) break
    cutter ??= cutterOf(input.name, block.subarray(0, filled))
    yield* cutter.push(block.subarray(0, filled))
    filled = 0
    if (input.live) read()
  }
  yield* cutter?.end() ?? []
}

/** Where the packets of a recording come out of its bytes. */
interface Cutter {
  push(bytes: Uint8Array): readonly Packet[]
  end(): readonly Packet[]
}

function cutterOf(name: string, head: Uint8Array): Cutter {
  const magic = head.length < MAGIC ? 0 : Buffer.from(head).readUInt32BE(0)
  return isPcap(magic) || isPcapng(magic) ? new CaptureCutter(name) : new FrameLog(name)
}

/** Packets of a capture whose link type says that they are bare frames. */
class CaptureCutter implements Cutter {
  readonly #name: string
  readonly #capture: CaptureFile

  constructor(name: string) {
    this.#name = name
    this.#capture = new CaptureFile(name)
  }

  push(bytes: Uint8Array): Packet[] {
    const packets: Packet[] = []
    this.#capture.push(
      bytes,
      packet => packets.push({ ...packet, data: Uint8Array.from(packet.data) }),
      () => {},
    )
    const { damage } = this.#capture
    if (damage !== undefined) throw new TransportError(`cannot read ${this.#name}: ${damage.message}`, {}, damage)
    const other = packets.find(({ linkType }) => linkType !== USER0)
    if (other === undefined) return packets
    throw new TransportError(
      `cannot read ${this.#name}: its link type is ${other.linkType}; ${USER0} holds bare frames`,
    )
  }

  end(): Packet[] {
    this.#capture.end(() => {})
    return []
  }
}
