import type { StructSet } from '../../decode/struct-set.ts'
import type { Poll, Protocol, Reject } from '../protocol.ts'
import { derive } from './derive.ts'
import { frameOf } from './frame.ts'
import { Sec1000Framer } from './framer.ts'

/** TCP port of every controller. */
export const PORT = 1234

/** A request for data and what the reply to it has to be like. */
export interface ReadPoll extends Poll {
  readonly command: number
  /** Bytes of the payload that answers. */
  readonly payloadBytes: number
}

/** From the connection to the last byte of the reply. */
const TIMEOUT_MS = 10_000

/** Asks for voltages, currents and powers. */
export const POWER: ReadPoll = readPoll(0x0b, 44)
/** Asks for the limit of the exported power. */
export const LIMIT: ReadPoll = readPoll(0x43, 13)

export interface Sec1000Options {
  /** Takes frames with a wrong prefix or checksum all the same, and is told of each flaw. */
  readonly tolerate?: Reject
}

/**
 * GoodWe SEC1000 and SEC1000S energy controllers: messages `power`, `limit` and `status`. One request per connection.
 * Source: docs/protocols/sec1000.md.
 */
export function sec1000(structs: StructSet, { tolerate }: Sec1000Options = {}): Protocol {
  return { name: 'sec1000', structs, framer: () => new Sec1000Framer(tolerate), polls: [POWER], derive }
}

/** These two read. Commands that set something are not made anywhere. */
function readPoll(command: 0x0b | 0x43, payloadBytes: number): ReadPoll {
  const content = Uint8Array.of(1, 1, command)
  const answer = Buffer.from(content).toString('hex')
  return { command, request: frameOf(content), answer, payloadBytes, timeoutMs: TIMEOUT_MS }
}
