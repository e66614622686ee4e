import { describe, expect, test } from 'vitest'
import type { LiveCanAddress } from '../../../src/core/can-address.ts'
import { parseCanUrl } from '../../../src/core/can-address.ts'
import type { CanBus } from '../../../src/core/can-bus.ts'
import { TransportError } from '../../../src/core/errors.ts'
import type { CanOptions } from '../../../src/core/network.ts'
import { CanOpener } from '../../../src/transport/can/can-opener.ts'
import { ManualClock } from '../../manual-clock.ts'
import { type MemoryPair, memoryPair } from '../../memory-transport.ts'
import { BusWatch, message } from './bus-watch.ts'

const never = new AbortController().signal
const URL = parseCanUrl('slcan:/dev/ttyACM0') as LiveCanAddress

/** How an adapter answers a command; undefined: not at all. */
type Manners = (command: string) => string | undefined

const OLD: Manners = command => (command.startsWith('t') ? 'z\r' : command.startsWith('F') ? 'F00\r' : '\r')
const SILENT: Manners = () => undefined

/** Adapters, one after the other on the same port, and a bus on them. */
class Bench {
  readonly clock = new ManualClock()
  /** Commands that the adapters were given. */
  readonly said: string[] = []
  manners: Manners
  isGone = false
  pair: MemoryPair | undefined
  readonly #opener: CanOpener

  constructor(manners: Manners) {
    this.manners = manners
    const reach = async () => {
      if (this.isGone) throw new TransportError('cannot open /dev/ttyACM0: no such device')
      this.pair = memoryPair(this.clock, { origin: '/dev/ttyACM0' })
      void this.#serve(this.pair).catch(() => {}) // the port is gone
      return this.pair.near
    }
    this.#opener = new CanOpener({ connect: reach, serial: reach }, this.clock)
  }

  async open(options: Partial<CanOptions> = {}): Promise<CanBus> {
    let bus: CanBus | undefined
    let failure: unknown
    const opening = this.#opener.open(URL, { random: () => 0.5, ...options }, never).then(
      opened => {
        bus = opened
      },
      error => {
        failure = error
      },
    )
    while (bus === undefined && failure === undefined) await this.clock.advance(50)
    await opening
    if (bus === undefined) throw failure
    return bus
  }

  /** The adapter says something. */
  async say(text: string): Promise<void> {
    await this.pair!.far.send(Buffer.from(text, 'latin1'), never)
    await this.clock.advance(0)
  }

  async #serve({ far }: MemoryPair): Promise<void> {
    let rest = ''
    for await (const { data } of far.packets(never)) {
      const lines = (rest + Buffer.from(data).toString('latin1')).split('\r')
      rest = lines.pop()!
      for (const line of lines) {
        this.said.push(line)
        const answer = this.manners(line)
        if (answer !== undefined) await far.send(Buffer.from(answer, 'latin1'), never).catch(() => {})
      }
    }
  }
}

describe('an slcan adapter', () => {
  test('is closed, set to the bit rate and opened; frames come and go', async () => {
    const bench = new Bench(OLD)
    const bus = await bench.open({ bitRate: 250_000 })
    const watch = new BusWatch(bus)
    expect(bench.said).toEqual(['', '', 'C', 'S5', 'O', 'F'])
    await bench.say('t1238DEADBEEF01020304\rT18FF50E53A1B2C3\rr1234\r')
    expect(watch.heard).toEqual(['123#DEADBEEF01020304', '18FF50E5#A1B2C3', '123#R4'])
    const now = (bench.clock.now() / 1000).toFixed(6)
    expect(watch.stamped[0]).toBe(`${now} ttyACM0 123#DEADBEEF01020304`)
    expect([bus.name, bus.recorded]).toEqual(['slcan:/dev/ttyACM0', false])
    expect(bus.send(message(0x7ff, 'AABB'))).toBe(true)
    await bench.clock.advance(0)
    expect(bench.said.at(-1)).toBe('t7FF2AABB')
    expect(watch.heard).toHaveLength(3)
    await bus[Symbol.asyncDispose]()
    expect(bench.said.at(-1)).toBe('C')
  })

  test('that answers nothing is opened all the same', async () => {
    const bench = new Bench(SILENT)
    const bus = await bench.open()
    const watch = new BusWatch(bus)
    expect(bench.said).toEqual(['', '', 'C', 'S6', 'O', 'F'])
    await bench.clock.advance(120_000) // and is not asked whether it is there
    await bench.say('t1230\r')
    expect(watch.heard).toEqual(['123#'])
    expect(bench.said).toHaveLength(6)
    await bus[Symbol.asyncDispose]()
  })

  test('is opened without acknowledging where we only listen, and nothing is sent', async () => {
    const bench = new Bench(OLD)
    const bus = await bench.open({ listenOnly: true })
    expect(bench.said).toContain('L')
    expect(bench.said).not.toContain('O')
    expect(bus.send(message(0x123))).toBe(false)
    await bus[Symbol.asyncDispose]()
  })

  test('that refuses says what it refuses', async () => {
    const rate = new Bench(command => (command.startsWith('S') ? '\x07' : '\r'))
    await expect(rate.open()).rejects.toThrow('cannot open slcan:/dev/ttyACM0: the adapter refuses the bit rate (S6)')
    const channel = new Bench(command => (command === 'O' ? '\x07' : '\r'))
    await expect(channel.open()).rejects.toThrow('the adapter refuses to open its channel')
    await expect(new Bench(OLD).open({ bitRate: 33_000 })).rejects.toThrow('slcan has no bit rate 33000')
  })

  test('may refuse to be closed, as it does when it is closed already', async () => {
    const bench = new Bench(command => (command === 'C' || command === '' ? '\x07' : '\r'))
    const bus = await bench.open()
    await bus[Symbol.asyncDispose]()
  })

  test('tells its troubles: refused frames, nonsense, its status', async () => {
    const bench = new Bench(OLD)
    const bus = await bench.open()
    const watch = new BusWatch(bus)
    await bench.say('\x07nonsense\x80\r')
    expect(watch.heard).toEqual(['error: the adapter refuses a frame', 'error: a line of the adapter is no frame'])
    bench.manners = command => (command === 'F' ? 'F2D\r' : '\r')
    await bench.clock.advance(5000)
    expect(watch.heard.slice(2)).toEqual(['overrun', 'error: error warning, error passive'])
    await bus[Symbol.asyncDispose]()
  })

  test('that answers and falls silent is given up, and opened again', async () => {
    const bench = new Bench(OLD)
    const bus = await bench.open()
    const watch = new BusWatch(bus)
    bench.manners = SILENT
    await bench.clock.advance(40_000)
    expect(watch.heard).toEqual(['down: lost slcan:/dev/ttyACM0: it has been silent for 30 s', 'up'])
    bench.manners = OLD
    await bench.clock.advance(2000)
    await bench.say('t1230\r')
    expect(watch.heard.at(-1)).toBe('123#')
    await bus[Symbol.asyncDispose]()
  })

  test('that is pulled out is waited for, however long it takes', async () => {
    const bench = new Bench(OLD)
    const bus = await bench.open()
    const watch = new BusWatch(bus)
    bench.isGone = true
    bench.pair!.near.lose('the device is gone')
    await bench.clock.advance(0)
    expect(watch.heard).toEqual(['down: lost /dev/ttyACM0: the device is gone'])
    expect(bus.send(message(0x123))).toBe(false)
    await bench.clock.advance(3_600_000)
    expect(watch.heard).toHaveLength(1)
    bench.isGone = false
    await bench.clock.advance(62_000)
    expect(watch.heard.slice(1)).toEqual(['up'])
    expect(bus.send(message(0x123))).toBe(true)
    await bus[Symbol.asyncDispose]()
  })

  test('that takes nothing holds up nobody: what is too much is not taken', async () => {
    const bench = new Bench(OLD)
    const bus = await bench.open()
    bench.pair!.far.take(Buffer.alloc(65_536)) // its inbox is full for good
    let taken = 0
    while (bus.send(message(0x123, '1122334455667788')) && taken < 10_000) taken++
    expect(taken).toBeGreaterThan(100)
    expect(taken).toBeLessThan(10_000)
    const closing = bus[Symbol.asyncDispose]()
    await bench.clock.advance(2000)
    await closing
  })
})
