import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimeoutError } from '../../../src/core/errors.ts'
import type { Listener } from '../../../src/core/network.ts'
import type { WritePermission } from '../../../src/protocols/lxp/proxy/write-guard.ts'
import { SerialBook } from '../../../src/protocols/lxp/serial-book.ts'
import { ManualClock } from '../../manual-clock.ts'
import { memoryPair } from '../../memory-transport.ts'
import { block, bytesOf, crcBitByBit, DATALOG, dataFrame, frame, heartbeat, INVERTER } from './build-frame.ts'
import { type Answer, HELLO, obedient, read, refusal } from './fake-dongle.ts'
import { watched } from './linked.ts'
import { proxied } from './proxied.ts'

const REQUEST = { protocol: 1, address: 0 }
const readInput = (register: number, count = 40) => dataFrame(4, register, bytesOf([count]), REQUEST)
const readHold = (register: number, count = 1) => dataFrame(3, register, bytesOf([count]), REQUEST)
const write = (register: number, value: number) => dataFrame(6, register, bytesOf([value]), REQUEST)
const writeMulti = (register: number, values: readonly number[]) =>
  dataFrame(16, register, [...bytesOf([values.length]), values.length * 2, ...bytesOf(values)], {
    protocol: 2,
    address: 0,
  })

describe('a client', () => {
  test('gets the answer to what it asks, the others do not', async () => {
    const { clock, connect, dial } = proxied()
    const { dongle } = dial()
    const [a, b] = [connect(), connect()]
    dongle.hold.set(21, 0xf355)
    a.send(readHold(21))
    await clock.advance(100)
    expect(a.bytes.toString('hex')).toBe(block(3, 21, [0xf355]).toString('hex'))
    expect(b.bytes.length).toBe(0)
    expect(dongle.received.map(({ hex }) => hex)).toEqual([readHold(21).toString('hex')])
  })

  test('gets what the dongle sends by itself and to others, heartbeats too, as it is', async () => {
    const { clock, connect, dial } = proxied()
    const { dongle } = dial()
    const clients = [connect(), connect(), connect()]
    await clock.advance(0)
    const pushes = [block(4, 0, [1, 2, 3], { protocol: 2 }), heartbeat(5), dataFrame(6, 67, [9, 0])]
    dongle.push(...pushes)
    await clock.advance(0)
    for (const { bytes } of clients) expect(bytes.toString('hex')).toBe(Buffer.concat(pushes).toString('hex'))
    expect(dongle.heard.map(bytes => bytes.toString('hex'))).toEqual([heartbeat(5).toString('hex')]) // the proxy's echo
  })

  test('gets the refusals of the inverter as they are', async () => {
    const { clock, connect, dial } = proxied(request => [refusal(request, 2)])
    dial()
    const client = connect()
    client.send(readInput(400))
    await clock.advance(100)
    expect(client.heard).toEqual(['exception 400 code 2'])
  })

  test('gets no answer where the dongle gives none, and no other request suffers', async () => {
    const { clock, connect, dial, proxy } = proxied((request, dongle) =>
      request.register === 80 ? [] : obedient(request, dongle),
    )
    const { dongle, serving } = dial()
    const [a, b] = [connect(), connect()]
    a.send(readInput(80), readInput(80), readInput(0))
    b.send(readInput(40))
    await clock.advance(12_000)
    expect([a.heard, b.heard, serving.done]).toEqual([['input 0'], ['input 40'], false])
    // having had no answer, the proxy asks something harmless before it goes on
    expect(dongle.received.map(({ register }) => register)).toEqual([80, 19, 40, 0])
    expect(proxy.counts).toMatchObject({ requests: 4, shared: 1, answered: 2, unanswered: 1 })
  })

  test('with wrong serial numbers gets no answer, as from a dongle', async () => {
    const { clock, connect, dial, proxy } = proxied()
    const { dongle } = dial()
    const client = connect()
    client.send(
      dataFrame(4, 0, [40, 0], { ...REQUEST, inverter: 'DEMO000002' }),
      dataFrame(4, 0, [40, 0], { ...REQUEST, datalog: 'DEMODONGL2' }),
    )
    await clock.advance(1000)
    expect([client.heard, dongle.heard, proxy.counts.foreign]).toEqual([[], [], 2])
  })

  test('is served as soon as the serial numbers are known', async () => {
    const { clock, connect, dial } = proxied(undefined, { serials: new SerialBook() })
    const { dongle } = dial()
    const client = connect()
    client.send(readInput(0))
    await clock.advance(1000)
    dongle.push(HELLO)
    await clock.advance(0)
    client.send(readInput(0))
    await clock.advance(1000)
    expect(client.heard).toEqual(['input 0', 'input 0']) // the push, and the answer
    expect(dongle.received).toHaveLength(1)
  })

  test('may leave in the middle of its request', async () => {
    const { clock, connect, dial, events, proxy } = proxied(() => [])
    dial()
    const [a, b] = [connect(), connect()]
    a.send(readInput(0), readInput(40))
    await clock.advance(100)
    a.end.close()
    b.end.lose()
    await clock.advance(20_000)
    expect([a.serving.done, b.serving.done, proxy.clients]).toEqual([true, true, 0])
    expect(events.map(({ type }) => type)).toEqual(['connected', 'connected', 'closed', 'lost'])
  })
})

describe('requests', () => {
  test('that are the same are asked once, for whoever waits', async () => {
    const { clock, connect, dial, proxy } = proxied()
    const { dongle } = dial()
    const clients = [connect(), connect(), connect()]
    for (const client of clients) client.send(readInput(0), readInput(40))
    await clock.advance(5000)
    expect(dongle.received.map(({ register }) => register)).toEqual([0, 40])
    for (const { heard } of clients) expect(heard).toEqual(['input 0', 'input 40'])
    expect(proxy.counts).toMatchObject({ requests: 6, answered: 6 })
  })

  test('that join one on its way get its answer', async () => {
    const { clock, connect, dial } = proxied(() => [])
    const { dongle } = dial()
    const [a, b] = [connect(), connect()]
    a.send(readInput(0))
    await clock.advance(3000)
    b.send(readInput(0), readInput(0))
    await clock.advance(0)
    dongle.push(block(4, 0, Array(40).fill(7)))
    await clock.advance(3000)
    expect([a.heard, b.heard, dongle.received.length]).toEqual([['input 0'], ['input 0'], 1])
  })

  test('are taken from clients in turns, however many one of them has', async () => {
    const { clock, connect, dial } = proxied()
    const { dongle } = dial()
    const [greedy, b, c] = [connect(), connect(), connect()]
    greedy.send(...Array.from({ length: 10 }, (_, i) => readHold(100 + i)))
    await clock.advance(0)
    b.send(readHold(1), readHold(2))
    c.send(readHold(3))
    await clock.advance(3500)
    expect(dongle.received.map(({ register }) => register)).toEqual([100, 101, 1, 3, 102, 2, 103, 104])
  })

  test('beyond sixteen of one client are answered as busy', async () => {
    const { clock, connect, dial, proxy } = proxied(() => [])
    dial()
    const [greedy, other] = [connect(), connect()]
    greedy.send(readHold(0))
    await clock.advance(0)
    greedy.send(...Array.from({ length: 20 }, (_, i) => readHold(100 + i)))
    await clock.advance(0)
    expect(greedy.heard).toEqual([116, 117, 118, 119].map(register => `exception ${register} code 6`))
    other.send(readHold(1))
    await clock.advance(0)
    expect([other.heard, proxy.counts.busy]).toEqual([[], 4])
  })

  test.each([
    ['no registers', readInput(0, 0)],
    ['more than any dongle gives', readInput(0, 128)],
    ['registers beyond the last', readInput(65_500, 40)],
  ])('for %s are refused by the proxy', async (_, bytes) => {
    const { clock, connect, dial } = proxied()
    const { dongle } = dial()
    const client = connect()
    client.send(bytes)
    await clock.advance(1000)
    expect([client.heard[0]!.endsWith('code 3'), dongle.heard]).toEqual([true, []])
  })
})

describe('the dongle', () => {
  test('being away, clients stay and are told that it is busy', async () => {
    const { clock, connect, dial, proxy } = proxied()
    const client = connect()
    client.send(readInput(0))
    await clock.advance(100)
    expect(client.heard).toEqual(['exception 0 code 6'])
    dial()
    client.send(readInput(0))
    await clock.advance(1000)
    expect([client.heard, proxy.clients]).toEqual([['exception 0 code 6', 'input 0'], 1])
  })

  test('going away, what waits is busy; what was being written gets no answer', async () => {
    const answer: Answer = (request, self) => (request.code === 6 ? [] : obedient(request, self))
    const { clock, connect, dial } = proxied(answer, { writes: 'safe', model: 'hybrid' })
    const { dongle, serving } = dial()
    const [a, b] = [connect(), connect()]
    a.send(write(67, 90))
    await clock.advance(600)
    expect(dongle.received.map(({ code }) => code)).toEqual([6])
    b.send(readInput(0), readInput(40))
    await clock.advance(0)
    dongle.end.lose()
    await clock.advance(0)
    expect([a.heard, b.heard]).toEqual([[], ['exception 0 code 6', 'exception 40 code 6']])
    expect(serving.error).toMatchObject({ message: 'lost dongle: the connection was reset' })
  })

  test('that answers nothing any more is given up after twenty seconds', async () => {
    const { clock, connect, dial } = proxied(() => [])
    const { serving } = dial()
    const client = connect()
    client.send(readInput(0))
    await clock.advance(19_999)
    expect(serving.done).toBe(false)
    await clock.advance(600)
    expect(serving.error).toBeInstanceOf(TimeoutError)
    expect(client.heard).toEqual([])
  })
})

describe('a client that does not read', () => {
  test('is dropped when too much waits for it, and stops nobody', async () => {
    const { clock, connect, dial, events, proxy } = proxied()
    const { dongle } = dial()
    const dead = connect(1000, false)
    const alive = connect()
    await clock.advance(0)
    const push = block(4, 0, Array(127).fill(1))
    for (let i = 0; i < 1200; i++) {
      dongle.push(push)
      await clock.advance(10)
    }
    expect(alive.bytes.length).toBe(1200 * push.length)
    expect([dead.serving.done, proxy.clients]).toEqual([true, 1])
    expect(events.at(-1)).toMatchObject({ type: 'lost', error: { message: 'client 0 does not read what it is sent' } })
    alive.send(readInput(0))
    await clock.advance(1000)
    expect(alive.heard.at(-1)).toBe('input 0')
  })

  test('but asks and asks is dropped too', async () => {
    const { clock, connect, dial, proxy } = proxied()
    dial()
    const dead = connect(1000, false)
    for (let i = 0; i < 80; i++) dead.send(Buffer.concat(Array(100).fill(readInput(0, 0))))
    await clock.advance(1000)
    expect([dead.serving.done, proxy.clients]).toEqual([true, 0])
  })
})

test('clients beyond the bound are turned away', async () => {
  const { clock, connect, dial, events, proxy } = proxied(undefined, { maxClients: 2 })
  dial()
  const [a, , c] = [connect(), connect(), connect()]
  await clock.advance(0)
  expect([proxy.clients, c.end.closed, events.map(({ type }) => type)]).toEqual([
    2,
    true,
    ['connected', 'connected', 'rejected'],
  ])
  a.end.close()
  await clock.advance(0)
  const d = connect()
  d.send(readInput(0))
  await clock.advance(1000)
  expect(d.heard).toEqual(['input 0'])
})

test('everybody is let go at the end of the run', async () => {
  const { clock, connect, dial, stop } = proxied()
  const { serving } = dial()
  const client = connect()
  await clock.advance(0)
  stop.abort(new Error('enough'))
  await clock.advance(0)
  expect([client.serving.done, client.serving.error, client.end.closed, serving.done]).toEqual([
    true,
    undefined,
    true,
    true,
  ])
})

test('whoever connects to a port is served, and gone when that ends', async () => {
  const clock = new ManualClock()
  const { proxy, dial, stop } = proxied(undefined, {}, clock)
  dial()
  const pairs = [1, 2, 3].map(() => memoryPair(clock))
  const listener: Listener = {
    endpoint: { host: 'memory', port: 1 },
    async *connections(signal) {
      for (const { near } of pairs) yield near
      await clock.sleep(1e9, signal).catch(() => {})
    },
    [Symbol.asyncDispose]: async () => {},
  }
  const listening = watched(proxy.listen(listener, stop.signal))
  await clock.advance(0)
  expect([proxy.clients, listening.done]).toEqual([3, false])
  stop.abort(new Error('enough'))
  await clock.advance(0)
  expect([listening.done, proxy.clients, pairs.map(({ far }) => far.closed)]).toEqual([true, 0, [true, true, true]])
})

describe('writing', () => {
  async function answers(bytes: Uint8Array, writes: WritePermission, answer?: Answer) {
    const { clock, connect, dial, proxy } = proxied(answer, { writes })
    const { dongle } = dial()
    dongle.hold.set(19, 2092).set(21, 0x0255).set(105, 20)
    const client = connect()
    client.send(bytes)
    await clock.advance(5000)
    const sent = dongle.received.filter(({ code }) => code === 6 || code === 16).map(({ hex }) => hex)
    return { heard: client.heard, sent, counts: proxy.counts, dongle }
  }

  test.each([
    ['of one register', write(67, 90), 'exception 67 code 1'],
    ['of the clock', writeMulti(12, [0x031a, 0x0a01, 0]), 'exception 12 code 1'],
  ])('%s is refused unless it is allowed', async (_, bytes, refused) => {
    const { heard, sent, counts } = await answers(bytes, 'none')
    expect([heard, sent, counts.refused]).toEqual([[refused], [], 1])
  })

  test.each<[string, Uint8Array]>([
    ['a number within its limits', write(67, 101)],
    ['a time of day', write(68, 0x3b17)],
    ['a power in tenths of a kilowatt', write(74, 150)],
    ['the clock', writeMulti(12, [0x031a, 0x0a01, 0])],
    ['switches that are safe', write(21, 0x0255 | 0x0c80)],
    ['the cut-off off grid up to the one on grid', write(125, 20)],
  ])('%s, where that is allowed, is passed on as it is', async (_, bytes) => {
    const { heard, sent } = await answers(bytes, 'safe')
    expect([heard[0]!.startsWith('write_'), sent]).toEqual([true, [Buffer.from(bytes).toString('hex')]])
  })

  test.each<[string, Uint8Array, string]>([
    ['a number beyond its limits', write(67, 102), 'exception 67 code 3'],
    ['a power that only another model has', write(66, 101), 'exception 66 code 3'],
    ['no time of day', write(68, 0x3c17), 'exception 68 code 3'],
    ['standby', write(21, 0x0055), 'exception 21 code 3'],
    ['a switch that is not safe beside one that is', write(21, 0x02d4), 'exception 21 code 3'],
    ['the cut-off off grid above the one on grid', write(125, 21), 'exception 125 code 3'],
    ['a dangerous register', write(25, 2000), 'exception 25 code 2'],
    ['a command', write(11, 2), 'exception 11 code 2'],
    ['a register of no list', write(116, 50), 'exception 116 code 2'],
    ['the serial number', write(2, 0x3030), 'exception 2 code 2'],
    ['one register of the clock', write(12, 0x031a), 'exception 12 code 2'],
    ['several registers that are not the clock', writeMulti(64, [1, 2, 3]), 'exception 64 code 2'],
    ['part of the clock', writeMulti(12, [0x031a, 0x0a01]), 'exception 12 code 3'],
    ['a time that no clock shows', writeMulti(12, [0x0d1a, 0x0a01, 0]), 'exception 12 code 3'],
  ])('%s is refused', async (_, bytes, refused) => {
    const { heard, sent } = await answers(bytes, 'safe')
    expect([heard, sent]).toEqual([[refused], []])
  })

  test.each<[string, Uint8Array, string, number]>([
    ['a dangerous register is passed on', write(25, 2000), 'write_single 25', 1],
    ['any switch is passed on', write(21, 0x0055), 'write_single 21', 1],
    ['limits stay', write(67, 102), 'exception 67 code 3', 0],
    ['a register of no list stays refused', write(116, 50), 'exception 116 code 2', 0],
    ['the serial number stays refused', write(2, 0x3030), 'exception 2 code 2', 0],
  ])('with force %s', async (_, bytes, expected, count) => {
    const { heard, sent } = await answers(bytes, 'dangerous')
    expect([heard, sent.length]).toEqual([[expected], count])
  })

  test('switches that cannot be read are not written', async () => {
    const { heard, sent } = await answers(write(21, 0x02d5), 'safe', (request, dongle) =>
      request.register === 21 ? [refusal(request, 4)] : obedient(request, dongle),
    )
    expect([heard, sent]).toEqual([['exception 21 code 4'], []])
  })

  test('switches of which nothing comes are not written', async () => {
    const { heard, sent } = await answers(write(21, 0x02d5), 'safe', (request, dongle) =>
      request.register === 21 ? [read(request, dongle, 0)] : obedient(request, dongle),
    )
    expect([heard, sent]).toEqual([['exception 21 code 4'], []])
  })

  test('an inverter that is not known is not written to', async () => {
    const { heard, sent } = await answers(write(67, 90), 'safe', (request, dongle) => {
      dongle.hold.set(19, 50)
      return obedient(request, dongle)
    })
    expect([heard, sent]).toEqual([['exception 67 code 4'], []])
  })

  test('that is not answered is not repeated', async () => {
    const { heard, sent } = await answers(write(67, 90), 'safe', (request, dongle) =>
      request.code === 6 ? [] : obedient(request, dongle),
    )
    expect([heard, sent.length]).toEqual([[], 1])
  })

  test('what a client asks after its write is read after it, even where others ask for the same', async () => {
    const { clock, connect, dial } = proxied(undefined, { writes: 'safe', model: 'hybrid' })
    const { dongle } = dial()
    const [a, b] = [connect(), connect()]
    a.send(readHold(1), readHold(67))
    b.send(readHold(2), write(67, 90), readHold(67))
    await clock.advance(6000)
    expect(dongle.received.map(({ code, register }) => [code, register])).toEqual([
      [3, 1],
      [3, 2],
      [3, 67],
      [6, 67],
      [3, 67],
    ])
    expect(b.bytes.subarray(-block(3, 67, [90]).length).toString('hex')).toBe(block(3, 67, [90]).toString('hex'))
  })
})

describe('hostile clients', () => {
  test('get exceptions for functions that nobody may use, and nothing at all for parameters', async () => {
    const { clock, connect, dial, proxy } = proxied(undefined, { writes: 'dangerous' })
    const { dongle } = dial()
    const client = connect()
    const upgrades = [33, 34, 35, 1, 99].map(code => dataFrame(code, 7, [1, 2], REQUEST))
    const params = [0xc3, 0xc4].map(tcpFunction =>
      frame(Buffer.from('030002000000a500', 'hex'), { tcpFunction, protocol: 2 }),
    )
    client.send(
      ...upgrades,
      ...params,
      heartbeat(),
      dataFrame(0x83, 7, [1], REQUEST),
      frame(Buffer.alloc(30), { tcpFunction: 0xd0 }),
    )
    await clock.advance(1000)
    expect(client.heard).toEqual(Array(5).fill('exception 7 code 1'))
    expect(dongle.heard).toEqual([])
    expect(proxy.counts).toMatchObject({ refused: 5, ignored: 5 })
  })

  test('that send rubbish are counted, and served when they come to their senses', async () => {
    const { clock, connect, dial, reasons } = proxied()
    const { dongle } = dial()
    const [rubbish, good] = [connect(), connect()]
    rubbish.send(Buffer.from('GET / HTTP/1.1\r\nHost: dongle\r\n\r\n'), Buffer.alloc(5000, 0xa1))
    const damaged = Buffer.from(readInput(0))
    damaged[33]! ^= 0x40
    rubbish.send(damaged, damaged.subarray(0, 20))
    good.send(readInput(40))
    await clock.advance(3000)
    rubbish.send(readInput(80))
    await clock.advance(1000)
    expect([rubbish.heard, good.heard]).toEqual([['input 80'], ['input 40']])
    expect(dongle.received.map(({ register }) => register)).toEqual([40, 80])
    expect(reasons).toEqual(expect.arrayContaining(['magic', 'crc', 'truncated']))
  })

  test('cannot break the connection of the others by asking for what nobody answers', async () => {
    const { clock, connect, dial } = proxied((request, dongle) =>
      request.register >= 1000 ? [] : obedient(request, dongle),
    )
    const { serving } = dial()
    const [hostile, good] = [connect(), connect()]
    for (let i = 0; i < 16; i++) hostile.send(readInput(1000 + i, 1))
    for (let i = 0; i < 10; i++) {
      good.send(readInput(0))
      await clock.advance(20_000)
    }
    expect([serving.done, good.heard]).toEqual([false, Array(10).fill('input 0')])
  })
})

/** Whether the dongle may see these bytes: by the protocol page, and without any of the code under test. */
function isAllowed(bytes: Buffer, writes: WritePermission): boolean {
  const isRequest =
    bytes.length >= 38 &&
    bytes.readUInt16BE(0) === 0xa11a &&
    bytes.readUInt16LE(4) === bytes.length - 6 &&
    bytes.toString('latin1', 8, 18) === DATALOG &&
    bytes.toString('latin1', 22, 32) === INVERTER &&
    bytes[7] === 0xc2 &&
    bytes.readUInt16LE(18) === bytes.length - 20 &&
    crcBitByBit(bytes.subarray(20, -2)) === bytes.readUInt16LE(bytes.length - 2)
  if (!isRequest) return false
  const [code, register, word] = [bytes[21]!, bytes.readUInt16LE(32), bytes.readUInt16LE(34)]
  if (code === 3 || code === 4) return bytes.length === 38 && word >= 1 && word <= 127
  if (writes === 'none') return false
  if (code === 6) return bytes.length === 38 && (register === 67 ? word <= 101 : register === 64 && word <= 100)
  return code === 16 && bytes.length === 45 && register === 12
}

describe('whatever a client sends', () => {
  const data = fc.record({
    code: fc.constantFrom(3, 4, 6, 16, 33, 0x83, 99),
    register: fc.constantFrom(0, 12, 64, 67, 116, 25, 65_535),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.nat(130).map(count => Uint8Array.of(count, 0)),
    ),
    inverter: fc.constantFrom(INVERTER, INVERTER, INVERTER, 'DEMO000002'),
    datalog: fc.constantFrom(DATALOG, DATALOG, DATALOG, 'OTHER'),
    protocol: fc.constantFrom(1, 2, 5),
  })
  const request = data.map(({ code, register, payload, ...parts }) =>
    dataFrame(code, register, [...payload], { ...parts, address: 0 }),
  )
  const mutated = fc.tuple(request, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
    bytes[at % bytes.length] = value
    return bytes
  })
  const good = fc.constantFrom(
    readInput(0),
    readHold(21),
    write(67, 90),
    write(116, 1),
    writeMulti(12, [0x031a, 0x0a01, 0]),
  )
  const chunk = fc.oneof(good, request, mutated, fc.uint8Array({ maxLength: 60 }), fc.constant(heartbeat()))

  test.each<WritePermission>(['none', 'safe'])(
    'reaches the dongle as an allowed request or not at all (writes: %s)',
    async writes => {
      let seen = 0
      await fc.assert(
        fc.asyncProperty(fc.array(chunk, { maxLength: 20 }), fc.nat(40), async (chunks, size) => {
          const { clock, connect, dial, stop } = proxied(undefined, { writes, model: 'hybrid' })
          const { dongle } = dial()
          const client = connect()
          const bytes = Buffer.concat(chunks)
          for (let at = 0; at < bytes.length; at += size + 1) client.send(bytes.subarray(at, at + size + 1))
          await clock.advance(15_000)
          for (const heard of dongle.heard)
            expect([heard.toString('hex'), isAllowed(heard, writes)]).toEqual([expect.anything(), true])
          seen += dongle.heard.length
          stop.abort()
        }),
        { numRuns: 150 },
      )
      expect(seen).toBeGreaterThan(20) // else it would prove nothing
    },
  )
})
