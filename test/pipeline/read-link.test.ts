import { describe, expect, test } from 'vitest'
import { FrameError, TransportError } from '../../src/core/errors.ts'
import type { Packet } from '../../src/core/packet.ts'
import type { Transport } from '../../src/core/transport.ts'
import type { StructSet } from '../../src/decode/struct-set.ts'
import type { Emit, Framer, Protocol, Reject } from '../../src/protocols/protocol.ts'
import { readLink } from '../../src/read-link.ts'
import { ReadingStream } from '../../src/reading-stream.ts'
import { Arrivals } from '../../src/transport/arrivals.ts'
import { ManualClock } from '../manual-clock.ts'
import { ListSink } from '../readings.ts'

const never = new AbortController().signal

/** Frames of two letters; says what happens to it. */
class PairFramer implements Framer {
  readonly idleMs = 2000
  readonly events: string[] = []
  #rest = ''

  push({ data }: Packet, emit: Emit): void {
    this.#rest += Buffer.from(data).toString()
    for (; this.#rest.length >= 2; this.#rest = this.#rest.slice(2)) {
      this.events.push(this.#rest.slice(0, 2))
      emit({ keys: ['pair'], payload: Buffer.from(this.#rest.slice(0, 2)), device: 'd', at: 0 })
    }
  }

  idle(reject: Reject): void {
    if (this.#rest !== '') reject(new FrameError('half a pair', { reason: 'half' }))
    this.events.push(`idle with ${this.#rest === '' ? 'nothing' : this.#rest}`)
    this.#rest = ''
  }

  end(): void {
    this.events.push('end')
  }
}

function setUp() {
  const clock = new ManualClock()
  const framer = new PairFramer()
  const structs = { codec: () => undefined } as Partial<StructSet> as StructSet
  const protocol: Protocol = { name: 'pairs', structs, framer: () => framer }
  const stream = new ReadingStream(protocol, new ListSink(), { guesses: false })
  const arrivals = new Arrivals<Packet>(10)
  const link = { origin: 'x', packets: signal => arrivals.items(signal) } as Partial<Transport> as Transport
  const come = async (text: string) => {
    arrivals.push({ data: Buffer.from(text), at: clock.now(), origin: 'x' })
    await clock.advance(0)
  }
  return { clock, framer, stream, arrivals, link, come }
}

describe('a connection that is read', () => {
  test('has an unfinished frame given up after its time, although nothing more comes', async () => {
    const { clock, framer, stream, arrivals, link, come } = setUp()
    const reading = readLink(link, stream, clock, never)
    await come('abc')
    await clock.advance(1999)
    await come('d')
    await clock.advance(1999)
    expect(framer.events).toEqual(['ab', 'cd'])
    await come('e')
    await clock.advance(2000)
    await clock.advance(60_000)
    expect(framer.events).toEqual(['ab', 'cd', 'idle with e'])
    await come('fg')
    arrivals.end()
    await reading
    expect(framer.events).toEqual(['ab', 'cd', 'idle with e', 'fg', 'end'])
    expect(stream.tally).toEqual({ readings: 0, unknown: 3, rejects: { half: 1 } })
    expect(clock.sleeping).toBe(0)
  })

  test('that is lost hands on what came before, then throws', async () => {
    const { clock, framer, stream, arrivals, link, come } = setUp()
    const reading = readLink(link, stream, clock, never)
    const outcome = expect(reading).rejects.toThrow('reset')
    await come('ab')
    arrivals.end(new TransportError('reset'))
    await outcome
    expect(framer.events).toEqual(['ab', 'end'])
  })
})
