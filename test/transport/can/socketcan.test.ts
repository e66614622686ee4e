import { describe, expect, test } from 'vitest'
import { CAN } from '../../../src/core/can.ts'
import type { CanBus } from '../../../src/core/can-bus.ts'
import { type CanFilters, NO_FILTERS, parseFilters } from '../../../src/core/can-filter.ts'
import { CanDelivery } from '../../../src/transport/can/delivery.ts'
import { liveFrame } from '../../../src/transport/can/live-origin.ts'
import { openSocketcan, type SocketcanPackage } from '../../../src/transport/can/socketcan.ts'
import { interfaceTrouble } from '../../../src/transport/can/socketcan-trouble.ts'
import { ManualClock } from '../../manual-clock.ts'
import { BusWatch, message } from './bus-watch.ts'

type RawMessage = Parameters<ReturnType<SocketcanPackage['createRawChannelWithOptions']>['send']>[0]

/** The package, as far as it is used: what it hands over and what it is given. The real one is used in test/real. */
class TestPackage implements SocketcanPackage {
  readonly sent: string[] = []
  filters: unknown
  takes = true
  onMessage: (message: RawMessage) => void = () => {}
  onStopped: () => void = () => {}
  stops = 0

  createRawChannelWithOptions() {
    return {
      addListener: (event: string, callback: ((message: RawMessage) => void) | (() => void)) => {
        if (event === 'onMessage') this.onMessage = callback
        else this.onStopped = callback as () => void
      },
      start: () => {},
      stop: () => {
        this.stops++
        this.onStopped()
      },
      send: (raw: RawMessage) => this.#take('', raw),
      sendFD: (raw: RawMessage) => this.#take('#', raw),
      setRxFilters: (filters: unknown) => {
        this.filters = filters
      },
    }
  }

  #take(mark: string, { id, ext, rtr, fd_brs: rateSwitch, data }: RawMessage): number {
    if (!this.takes) return -1
    const flags = [ext === true ? 'x' : '', rtr === true ? 'r' : '', rateSwitch === true ? 'b' : ''].join('')
    this.sent.push(`${id.toString(16)}${flags}${mark}#${data.toString('hex')}`)
    return 16
  }
}

async function open(filters: CanFilters = NO_FILTERS) {
  const raw = new TestPackage()
  const clock = new ManualClock()
  const load = async () => raw
  let trouble: string | undefined
  const link = await openSocketcan('can0', { filters, load, troubleOf: () => trouble }, clock)
  trouble = 'it is gone'
  const delivery = new CanDelivery('can0', liveFrame('can0'), filters)
  const watch = new BusWatch({ listen: listener => delivery.listen(listener) } as CanBus)
  const stop = new AbortController()
  const running = link.run(delivery, stop.signal)
  return { raw, link, watch, stop, running }
}

/** Why an interface cannot be opened. */
async function refusal(error: unknown, troubleOf: () => string | undefined = () => undefined): Promise<string> {
  const opening = openSocketcan(
    'can0',
    { filters: NO_FILTERS, load: () => Promise.reject(error), troubleOf },
    new ManualClock(),
  )
  return opening.then(
    () => 'it was opened',
    (failure: Error) => failure.message,
  )
}

describe('an interface that cannot be opened', () => {
  test('is told by what is wrong with it, before anything is loaded', async () => {
    expect(await refusal(new Error('loaded'), () => 'the interface is down')).toBe(
      'cannot open can0: the interface is down',
    )
  })

  test('for lack of the package says how to get it', async () => {
    const missing = Object.assign(new Error("Cannot find package 'socketcan'"), { code: 'ERR_MODULE_NOT_FOUND' })
    expect(await refusal(missing)).toBe(
      'cannot open can0: the optional package socketcan is not installed; npm install socketcan adds it, Linux only',
    )
  })

  test('for lack of its native part says how to build that', async () => {
    const unbuilt = Object.assign(new Error("Cannot find module '../build/Release/can.node'\nRequire stack:"), {
      code: 'MODULE_NOT_FOUND',
    })
    expect(await refusal(unbuilt)).toBe(
      "cannot open can0: the package socketcan does not load (Cannot find module '../build/Release/can.node'); build it with a compiler: npm rebuild socketcan",
    )
  })

  test.each([
    'The module\nwas compiled against a different Node.js version using\nNODE_MODULE_VERSION 115.',
    "Module did not self-register: '/somewhere/can.node'.",
  ])('that was built for another version of Node is told so', async message => {
    expect(await refusal(Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' }))).toBe(
      'cannot open can0: the package socketcan is built for another version of Node; npm rebuild socketcan',
    )
  })

  test.runIf(process.platform === 'linux')('is no CAN interface', () => {
    expect(interfaceTrouble('lo')).toBe('it is no CAN interface; see: ip link show type can')
    expect(interfaceTrouble('nocan7')).toMatch(/^no such interface; /)
  })
})

describe('a CAN socket', () => {
  test('hands frames over with the time of the kernel', async () => {
    const { raw, link, watch, stop, running } = await open()
    const time = { ts_sec: 1_700_000_000, ts_usec: 1500 }
    raw.onMessage({ ...time, id: 0x123, data: Buffer.from('DEADBEEF', 'hex') })
    raw.onMessage({ ...time, id: 0x18ff50e5, ext: true, data: Buffer.from('A1', 'hex') })
    raw.onMessage({ ...time, id: 0x123, rtr: true, data: Buffer.alloc(4) })
    raw.onMessage({ ...time, id: 0x456, data: Buffer.alloc(12) })
    raw.onMessage({ ...time, id: 0x088, err: true, data: Buffer.from('0000800000001122', 'hex') })
    expect(watch.heard).toEqual([
      ...['123#DEADBEEF', '18FF50E5#A1', '123#R4', `456##0${'00'.repeat(12)}`, '20000088#0000800000001122'],
      'error: protocol violation (while sending), bus error, 17 errors sending, 34 receiving',
    ])
    expect(watch.stamped[0]).toBe('1700000000.001500 can0 123#DEADBEEF')
    stop.abort()
    await running
    await link[Symbol.asyncDispose]()
    expect(raw.stops).toBe(1)
  })

  test('sends what it can, and never more than a frame holds', async () => {
    const { raw, link, stop, running } = await open()
    expect(link.send(message(0x123, 'AABB'))).toBe(true)
    expect(link.send(message(0x123, 'AABB', CAN.extended))).toBe(true)
    expect(link.send({ ...message(0x123, '', CAN.remote), dlc: 4 })).toBe(true)
    expect(link.send(message(0x123, '00'.repeat(12), CAN.fd | CAN.bitRateSwitch))).toBe(true)
    expect(raw.sent).toEqual(['123#aabb', '123x#aabb', '123r#00000000', `123b##${'00'.repeat(12)}`])
    // the package would write those behind the end of a buffer
    expect(link.send({ id: 0x123, flags: 0, length: 9, data: new Uint8Array(64) })).toBe(false)
    expect(link.send({ id: 0x123, flags: CAN.fd, length: 65, data: new Uint8Array(65) })).toBe(false)
    expect(link.send({ ...message(0x123, '', CAN.remote), dlc: 200 })).toBe(true)
    expect(raw.sent.at(-1)).toBe(`123r#${'00'.repeat(8)}`)
    expect(link.send(message(0x088, '', CAN.error))).toBe(false)
    raw.takes = false
    expect(link.send(message(0x123))).toBe(false)
    raw.takes = true
    stop.abort()
    await running
    await link[Symbol.asyncDispose]()
    expect(link.send(message(0x123))).toBe(false)
  })

  test('lets the kernel filter where it can', async () => {
    const some = await open(parseFilters(['123:7FF', '18FF50E5~1FFFFFFF']))
    expect(some.raw.filters).toEqual([
      { id: 0x123, mask: 0x7ff, invert: false },
      { id: 0x98ff50e5, mask: 0x1fffffff, invert: true },
    ])
    const joined = await open(parseFilters(['400:400', '20:20', 'j']))
    expect(joined.raw.filters).toBeUndefined()
    joined.raw.onMessage({ id: 0x400, data: Buffer.alloc(0) })
    joined.raw.onMessage({ id: 0x420, data: Buffer.alloc(0) })
    expect(joined.watch.heard).toEqual(['420#'])
  })

  test('that is closed by the system is lost, and says why', async () => {
    const { raw, link, running } = await open()
    raw.onStopped()
    await expect(running).rejects.toThrow('lost can0: it is gone')
    expect(link.send(message(1))).toBe(false)
    await link[Symbol.asyncDispose]()
    expect(raw.stops).toBe(0) // a second stop would be one too many
  })
})
