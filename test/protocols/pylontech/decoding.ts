import { join } from 'node:path'
import type { Reading } from '../../../src/core/reading.ts'
import { StructLibrary } from '../../../src/decode/library.ts'
import type { StructSet } from '../../../src/decode/struct-set.ts'
import type { ExchangeOptions } from '../../../src/protocols/pylontech/exchange.ts'
import { pylontech } from '../../../src/protocols/pylontech/pylontech.ts'
import { ReadingStream, type StreamTally } from '../../../src/reading-stream.ts'
import { STRUCTS } from '../../fake-io.ts'

export const structs: StructSet = new StructLibrary(STRUCTS, undefined, text => JSON.parse(text)).load('pylontech')

/** The recordings, which are not part of the repository. */
export const CAPTURES = process.env['WATTZUP_CAPTURES']
export const pylonCapture = (name: string): string => join(CAPTURES ?? '', 'pylon', name)
/** Ends the names of tests that need them. */
export const needsCaptures = CAPTURES === undefined ? ' (skipped: WATTZUP_CAPTURES names no folder of recordings)' : ''

export interface Decoded {
  readonly readings: readonly Reading[]
  readonly tally: StreamTally
}

/** What the packets decode to, one connection. */
export async function decodePackets(packets: readonly Uint8Array[], options?: ExchangeOptions): Promise<Decoded> {
  const readings: Reading[] = []
  const sink = { write: (reading: Reading) => void readings.push(structuredClone(reading)), close: () => {} }
  const stream = new ReadingStream(pylontech(structs, options), sink, { guesses: false })
  let at = 0
  for (const data of packets) await stream.push({ data, at: ++at, origin: 'test' })
  await stream.end()
  return { readings, tally: stream.tally }
}

/** The same for frames as text, each ended by a CR. */
export function decodeFrames(frames: readonly string[], options?: ExchangeOptions): Promise<Decoded> {
  return decodePackets(
    frames.map(frame => Buffer.from(`${frame}\r`, 'latin1')),
    options,
  )
}
