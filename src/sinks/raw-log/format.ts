import type { Packet } from '../../core/packet.ts'
import type { ByteWriter } from '../../core/writer.ts'

/** How a family's log files are made up, so that its own command reads them. */
export interface RawLogFormat {
  /** Ending of the file names, without the dot. */
  readonly extension: string
  /** Appends what a file begins with; `first` is the packet that follows. */
  readonly header?: (out: ByteWriter, first: Packet) => void
  /** Appends a packet; without it the bytes follow each other as they came. */
  readonly record?: (out: ByteWriter, packet: Packet) => void
}
