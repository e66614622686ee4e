import type { Transport } from '../../../src/core/transport.ts'
import type { MemoryTransport } from '../../memory-transport.ts'
import { block, bytesOf, DATALOG, dataFrame, INVERTER } from './build-frame.ts'

/*
 * The far end of a connection to a dongle, by the protocol page and without any of the code under test.
 */

/** A request as it came, by its places on the wire. */
export interface Received {
  readonly bytes: Buffer
  readonly hex: string
  readonly code: number
  readonly inverter: string
  readonly register: number
  /** Of a read the count, of a write of one register the value. */
  readonly word: number
}

/** Hold and input registers of an inverter; what is not there is 0. */
export interface Registers {
  readonly hold: Map<number, number>
  readonly input: Map<number, number>
}

/** What to send in answer; nothing where the dongle keeps silent. */
export type Answer<End extends Transport = MemoryTransport> = (
  request: Received,
  dongle: FakeDongle<End>,
) => readonly Uint8Array[]

/** One connection of a dongle to a client. */
export class FakeDongle<End extends Transport = MemoryTransport> implements Registers {
  readonly received: Received[] = []
  /** Everything that came, of any kind. */
  readonly heard: Buffer[] = []
  readonly hold: Map<number, number>
  readonly input: Map<number, number>
  readonly end: End
  answer: Answer<End>
  readonly #stop = new AbortController()

  constructor(end: End, answer: Answer<End> = obedient, { hold, input }: Registers = noRegisters()) {
    this.end = end
    this.answer = answer
    this.hold = hold
    this.input = input
    this.#listen().catch(() => {}) // a lost connection is for the near end to tell
  }

  push(...frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.end.send(frame, this.#stop.signal).catch(() => {})
  }

  async #listen(): Promise<void> {
    for await (const { data } of this.end.packets(this.#stop.signal)) {
      const bytes = Buffer.from(data)
      this.heard.push(bytes)
      if (bytes[7] !== 0xc2) continue
      const request = received(bytes)
      this.received.push(request)
      if (bytes.toString('latin1', 8, 18) === DATALOG) this.push(...this.answer(request, this))
    }
  }
}

function received(bytes: Buffer): Received {
  const inverter = bytes.toString('latin1', 22, 32)
  const [register, word] = [bytes.readUInt16LE(32), bytes.readUInt16LE(34)]
  return { bytes, hex: bytes.toString('hex'), code: bytes[21]!, inverter, register, word }
}

export function noRegisters(): Registers {
  return { hold: new Map(), input: new Map() }
}

/** Answers reads, obeys writes. */
export function obedient(request: Received, { hold, input }: Registers): readonly Uint8Array[] {
  const { code, register, word, bytes } = request
  if (code === 3 || code === 4) return [read(request, { hold, input })]
  if (code === 6) hold.set(register, word)
  else for (let i = 0; i < word; i++) hold.set(register + i, bytes.readUInt16LE(37 + 2 * i))
  return [echo(request)]
}

/** The answer to a read, of `count` registers. */
export function read({ code, register, word, inverter }: Received, { hold, input }: Registers, count = word): Buffer {
  const registers = code === 3 ? hold : input
  const words = Array.from({ length: count }, (_, i) => registers.get(register + i) ?? 0)
  return block(code === 3 ? 3 : 4, register, words, { inverter })
}

/** The answer to a write: its value, or its count. */
export function echo({ code, register, word, inverter }: Received): Buffer {
  return dataFrame(code, register, bytesOf([word]), { inverter })
}

export function refusal({ code, register, inverter }: Received, error: number): Buffer {
  return dataFrame(code | 0x80, register, [error], { inverter })
}

/** A push by which the serial numbers can be learned. */
export const HELLO = block(4, 0, [16, 0, 0, 0, 512], { inverter: INVERTER })
