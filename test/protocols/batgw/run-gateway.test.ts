import { describe, expect, test } from 'vitest'
import { CanFrame, type FrameOrigin } from '../../../src/core/can.ts'
import type { CanBus, CanListener, CanMessage } from '../../../src/core/can-bus.ts'
import { TransportError } from '../../../src/core/errors.ts'
import type { MonotonicClock } from '../../../src/core/monotonic-clock.ts'
import { buildGateway } from '../../../src/protocols/batgw/build-gateway.ts'
import type { Gateway } from '../../../src/protocols/batgw/gateway.ts'
import type { Side } from '../../../src/protocols/batgw/gateway-event.ts'
import { runGateway } from '../../../src/protocols/batgw/run-gateway.ts'
import { ManualClock } from '../../manual-clock.ts'
import { broadcastList } from './pack.ts'
import { BYD_CONFIG, configOf, frameOf, loadStructs, textOf } from './rig.ts'

const plain: FrameOrigin = { readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} }

/** A bus in memory: what a test says comes in, what the gateway says is kept. */
class MemoryBus implements CanBus {
  readonly name: string
  readonly recorded: boolean
  readonly sent: string[] = []
  readonly #frame = new CanFrame(plain)
  #listener: CanListener | undefined

  constructor(name: string, recorded: boolean) {
    this.name = name
    this.recorded = recorded
  }

  listen(listener: CanListener): void {
    this.#listener = listener
  }

  send(frame: CanMessage): boolean {
    this.sent.push(textOf(frame))
    return true
  }

  /** As a real bus does it: one frame that changes with the next. */
  say(...texts: readonly string[]): void {
    for (const text of texts) {
      const { id, flags, length, data } = frameOf(text)
      Object.assign(this.#frame, { id, flags, length })
      this.#frame.data.fill(0xee)
      this.#frame.data.set(data)
      this.#listener?.frame(this.#frame)
    }
  }

  tell(event: Parameters<CanListener['event']>[0]): void {
    this.#listener?.event(event)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The time of day may jump as it likes; durations do not. */
class TwoClocks implements MonotonicClock {
  readonly #clock: ManualClock
  readonly #start: number
  #jump = 0

  constructor(clock: ManualClock) {
    this.#clock = clock
    this.#start = clock.now()
  }

  monotonic(): number {
    return this.#clock.now() - this.#start + 0.125
  }

  now(): number {
    return this.#clock.now() + this.#jump
  }

  jump(ms: number): void {
    this.#jump += ms
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal)
  }
}

class Bench {
  readonly clock = new ManualClock()
  readonly clocks = new TwoClocks(this.clock)
  readonly battery: MemoryBus
  readonly inverter: MemoryBus
  readonly stop = new AbortController()
  readonly now = new AbortController()
  readonly gateway: Gateway
  readonly ended: Promise<unknown>
  /** Throws where the gateway tells what it has understood. */
  broken = false
  over = false

  constructor({ recorded = false, config = BYD_CONFIG } = {}) {
    this.battery = new MemoryBus('can0', recorded)
    this.inverter = new MemoryBus('can1', recorded)
    const buses: Record<Side, MemoryBus> = { battery: this.battery, inverter: this.inverter }
    const around = {
      load: loadStructs,
      enabled: true,
      recorded: { battery: recorded, inverter: recorded },
      transmit: (side: Side, frame: CanMessage) => buses[side].send(frame),
      observe: () => {
        if (this.broken) throw new Error('a defect of ours')
      },
    }
    this.gateway = buildGateway(configOf(config), around, this.clocks.monotonic())
    const signals = { stop: this.stop.signal, now: this.now.signal }
    this.ended = runGateway(this.gateway, buses, this.clocks, signals)
      .catch((error: unknown) => error)
      .finally(() => {
        this.over = true
      })
  }

  /** Lets the pack talk for a while, ten times a second. */
  async talk(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.battery.say(...broadcastList())
      await this.clock.advance(100)
    }
  }

  get limits(): string | undefined {
    return this.inverter.sent.findLast(text => text.startsWith('110'))
  }
}

/** 23.6 A flow both ways. */
async function flowing(options: ConstructorParameters<typeof Bench>[0] = {}): Promise<Bench> {
  const bench = new Bench(options)
  await bench.talk(4000)
  bench.inverter.say('151#0100000000000000')
  expect(bench.limits).toBe('110#11260EEC00EC00EC')
  return bench
}

describe('a running gateway', () => {
  test('listens for a second, then sends on time', async () => {
    const bench = new Bench()
    await bench.clock.advance(999)
    expect(bench.battery.sent).toEqual([])
    await bench.clock.advance(1 + 950)
    const count = (id: string) => bench.battery.sent.filter(text => text.startsWith(id)).length
    expect([count('12D'), count('441'), count('7E7')]).toEqual([20, 10, 5])
    bench.stop.abort()
    await bench.ended
  })

  test('says 0 A and ends at once when it is told to stop', async () => {
    const bench = await flowing()
    bench.stop.abort()
    expect(await bench.ended).toBeUndefined()
    expect(bench.limits).toBe('110#11260EEC00000000')
    const sent = bench.inverter.sent.length
    bench.battery.say(...broadcastList()) // whoever talks now is not heard
    bench.inverter.say('151#0100000000000000')
    expect(bench.inverter.sent.length).toBe(sent)
  })

  test('says 0 A when something of ours breaks, and ends with that error', async () => {
    const bench = await flowing()
    bench.broken = true
    bench.battery.say(...broadcastList())
    expect(await bench.ended).toEqual(new Error('a defect of ours'))
    expect(bench.limits).toBe('110#11260EEC00000000')
  })

  test('does not begin beside another gateway', async () => {
    const bench = new Bench()
    bench.battery.say('12D#A02802A00C71CF49')
    await bench.clock.advance(200)
    expect(await bench.ended).toEqual(new TransportError('another gateway is on can0: it sends 12D; stop it first'))
    expect(bench.battery.sent).toEqual([])
  })

  test('takes no notice of the time of day', async () => {
    const bench = await flowing()
    for (const jump of [3_600_000, -7_200_000, 86_400_000]) {
      bench.clocks.jump(jump)
      await bench.talk(3000)
      expect(bench.limits).toBe('110#11260EEC00EC00EC')
    }
    await bench.clock.advance(10_200)
    expect(bench.limits).toBe('110#11260EEC00000000')
    bench.stop.abort()
    await bench.ended
  })

  test('ends when both recordings are over', async () => {
    const bench = await flowing({ recorded: true })
    bench.inverter.tell({ type: 'end' })
    await bench.clock.advance(500)
    expect(bench.over).toBe(false)
    bench.battery.tell({ type: 'end' })
    await bench.clock.advance(200)
    expect(await bench.ended).toBeUndefined()
  })

  test('opens contactors that it manages before it ends, unless it has to end at once', async () => {
    const config = BYD_CONFIG.replace('can0', 'can0 contactors managed')
    const managed = async () => {
      const bench = new Bench({ config })
      for (let i = 0; i < 60; i++) {
        bench.battery.say(...broadcastList({ closed: i > 35, amps: 0 }))
        await bench.clock.advance(100)
      }
      bench.inverter.say('151#0100000000000000')
      bench.stop.abort()
      await bench.clock.advance(1000)
      expect(bench.over).toBe(false)
      return bench
    }
    const patient = await managed()
    for (let i = 0; i < 100; i++) {
      patient.battery.say(...broadcastList({ closed: i < 60, amps: 0 }))
      await patient.clock.advance(100)
    }
    expect(patient.over).toBe(true)
    expect(patient.battery.sent.findLast(text => text.startsWith('12D'))).toMatch(/^12D#501402100431/)

    const hasty = await managed()
    hasty.now.abort()
    expect(await hasty.ended).toBeUndefined()
    expect(hasty.battery.sent.findLast(text => text.startsWith('12D'))).toMatch(/^12D#A0280/)
  })
})
