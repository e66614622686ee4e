import type { CanFrame } from '../core/can.ts'
import type { Clock } from '../core/clock.ts'
import type { Packet } from '../core/packet.ts'
import { ByteWriter } from '../core/writer.ts'
import { LogLines } from '../framing/writers/candump-lines.ts'
import type { RawLogFormat } from '../sinks/raw-log/format.ts'
import { TurnEnd } from './turn-end.ts'

/** Files of whole lines, which this program and can-utils read. */
export const FRAME_LOG: RawLogFormat = { extension: 'log' }

/** Frames for a log in candump's form, handed on together at the end of each turn. */
export class CanFrameLog {
  readonly #lines: LogLines
  readonly #writer: ByteWriter
  readonly #turn = new TurnEnd(() => this.flush())

  /** `origin` says what the files are called after; `received` takes blocks of lines, whose bytes are used again. */
  constructor(origin: string, names: readonly string[], received: (packet: Packet) => void, clock: Clock) {
    this.#writer = new ByteWriter(data => received({ data, at: clock.now(), origin }))
    this.#lines = new LogLines(this.#writer, names)
  }

  write(frame: CanFrame): void {
    this.#lines.write(frame)
    this.#turn.soon()
  }

  flush(): void {
    this.#writer.flush()
  }
}
