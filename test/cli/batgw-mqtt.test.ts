import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TopicBoard } from '../../src/cli/batgw-topic-board.ts'
import { bydAtto3 } from '../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import { mg4 } from '../../src/protocols/batgw/batteries/mg4/mg4.ts'
import { type Broker, Brokers, freePort } from '../real/broker.ts'
import { Observer } from '../real/observer.ts'
import { Bench, VIRTUAL } from './batgw-bench.ts'

describe('the topics of the original', () => {
  let brokers: Brokers
  let broker: Broker
  let observer: Observer
  let bench: Bench

  beforeEach(async () => {
    brokers = new Brokers()
    broker = await brokers.start()
    observer = await Observer.connect(broker.url, 'home/batt/#')
  })

  afterEach(async () => {
    bench.io.abort()
    await bench.ended
    await observer[Symbol.asyncDispose]()
    await brokers[Symbol.asyncDispose]()
  })

  const said = (topic: string, payload: string | RegExp) =>
    observer.until(seen =>
      seen.find(
        message =>
          message.topic === `home/batt/${topic}` &&
          (typeof payload === 'string' ? message.payload === payload : payload.test(message.payload)),
      ),
    )

  async function start(): Promise<void> {
    const mqtt = `mqtt { host 127.0.0.1 port "${broker.port}" topic "home/batt" }\n`
    bench = await Bench.on('', mqtt + VIRTUAL.replace('protocol byd', 'protocol byd charge limit 4000 max 6000'))
    await said('LWT', 'Online')
  }

  test('hold values, reasons and the state of the switches', async () => {
    await start()
    await said('STATUS', '{"charge":"ON","discharge":"ON","max-charge":4000,"max-discharge":10000}')
    await bench.talk(4000)
    await said('battery/cell-max/voltage', '3.328')
    await said('battery/soc/percent', '95.0')
    await said('battery/unsafe', '')
    bench.hello()
    await bench.talk(500)
    await said('inverter/send/voltage', '422.0')
    expect(observer.seen.some(({ topic, payload }) => topic === 'home/batt/battery/unsafe' && payload !== '')).toBe(
      true,
    )
  })

  test('take commands, within what the configuration allows', async () => {
    await start()
    const { length } = observer.seen
    await observer.say('home/batt/cmnd/max-charge', '6001')
    await observer.say('home/batt/cmnd/max-charge', '5000')
    await said('STATUS', /"max-charge":5000/)
    await observer.say('home/batt/cmnd/charge', 'Off')
    await said('STATUS', /"charge":"OFF"/)
    await observer.say('home/batt/cmnd/discharge', '0')
    await said('STATUS', '{"charge":"OFF","discharge":"OFF","max-charge":5000,"max-discharge":10000}')
    const states = observer.seen.slice(length).filter(({ topic }) => topic === 'home/batt/STATUS')
    expect(states.some(({ payload }) => payload.includes('6001'))).toBe(false)
    await bench.talk(4000)
    bench.hello()
    await bench.talk(2500)
    expect(bench.limits).toBe('110#11260EEC00000000')
  })

  test('do not take commands that the broker had kept, nor what is none', async () => {
    await observer.say('home/batt/cmnd/charge', 'off', true)
    await start()
    await observer.say('home/batt/cmnd/charge', 'maybe')
    await observer.say('home/batt/cmnd/max-charge', '-1')
    await observer.say('home/batt/cmnd/contactors', 'open')
    await observer.say('home/batt/cmnd/max-discharge', '9000')
    await said('STATUS', /"max-discharge":9000/)
    const states = observer.payloads('home/batt/STATUS')
    expect(states.length).toBeGreaterThanOrEqual(5) // each command is answered
    expect(states.every(state => state.includes('"charge":"ON"') && state.includes('"max-charge":4000'))).toBe(true)
  })

  test('say everything again every teleperiod', async () => {
    await start()
    await bench.talk(4000)
    await said('battery/soc/percent', '95.0')
    const count = () => observer.payloads('home/batt/battery/soc/percent').length
    const before = count()
    await bench.clock.advance(40_000)
    expect(count()).toBe(before) // it has not changed
    await bench.talk(300_000)
    await observer.until(() => (count() > before ? true : undefined))
  })

  test('say Offline when the gateway ends', async () => {
    await start()
    bench.io.abort()
    expect(await bench.ended).toBe(0)
    await said('LWT', 'Offline')
  })
})

describe('a broker that takes the connection and says nothing', () => {
  test('holds up neither the gateway nor its end', async () => {
    const sockets: Socket[] = []
    const server = createServer(socket => void sockets.push(socket))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const bench = await Bench.on('', `mqtt { host 127.0.0.1 port "${port}" }\n${VIRTUAL}`)
    await bench.talk(4000)
    bench.hello()
    await bench.talk(2500)
    expect(bench.limits).toBe('110#11260EEC00EC00EC')
    bench.io.abort()
    await bench.until(() => bench.limits === '110#11260EEC00000000') // before any time has passed
    await bench.clock.advance(1000)
    expect(await bench.ended).toBe(0)
    for (const socket of sockets) socket.destroy()
    server.close()
  })
})

describe('the block mqtt of the configuration', () => {
  const lines = (bench: Bench) => bench.io.stderr.split('\n').filter(line => line.includes('mqtt://'))

  test('says how long to wait for a broker that is away', async () => {
    const port = await freePort()
    const bench = await Bench.on('', `mqtt { host 127.0.0.1 port ${port} reconnect 2 }\n${VIRTUAL}`)
    await bench.until(() => lines(bench).length === 1)
    expect(lines(bench)[0]).toMatch(/cannot connect to mqtt:\/\/127\.0\.0\.1:\d+: .*; trying again$/)
    await bench.talk(60_000) // attempts have failed for long: without it the next one would be up to a minute away
    const server = createServer()
    const connected = once(server, 'connection')
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    await bench.talk(2000)
    const [socket] = await connected
    socket.destroy()
    server.close()
    bench.io.abort()
    await bench.clock.advance(1000)
    expect(await bench.ended).toBe(0)
  })

  test('says of which family the address of the broker is', async () => {
    await using brokers = new Brokers()
    const broker = await brokers.start() // at 127.0.0.1
    await using observer = await Observer.connect(broker.url, 'battery-gateway/#')
    const start = (family: string) => Bench.on('', `mqtt { host localhost port ${broker.port} ${family} }\n${VIRTUAL}`)
    const six = await start('inet6')
    await six.until(() => lines(six).length === 1)
    expect(lines(six)[0]).toContain(`cannot connect to mqtt://localhost:${broker.port}: `)
    expect(observer.seen).toEqual([])
    const four = await start('inet')
    await observer.until(seen => seen.find(({ payload }) => payload === 'Online'))
    for (const bench of [six, four]) {
      bench.io.abort()
      await bench.clock.advance(1000)
      expect(await bench.ended).toBe(0)
    }
  })
})

describe('a number in a topic', () => {
  test('has the decimals of the original, and no minus before zero', () => {
    expect(bydAtto3.topics('cells', { index: 37, cell_1: 3.352, cell_2: 3.3, cell_3: null })).toEqual([
      ['cell111/voltage', '3.352'],
      ['cell112/voltage', '3.300'],
    ])
    expect(bydAtto3.topics('cells', { index: 42, cell_1: 3.3, cell_2: 3.3, cell_3: 3.3 })).toEqual([])
    expect(bydAtto3.topics('uds_current', { pid_current: -3.1 })).toEqual([['pid/current', '3.1']])
    expect(bydAtto3.topics('uds_current', { pid_current: 0 })).toEqual([['pid/current', '0.0']])
    expect(bydAtto3.topics('cell_extremes', { min_cell_voltage: 3.324, max_cell_voltage: 3.328 })).toEqual([
      ['cell-min/voltage', '3.324'],
      ['cell-max/voltage', '3.328'],
      ['cell-delta/voltage', '0.004'],
    ])
    expect(mg4.topics('pack_values', { voltage: 400, current: 10 })).toEqual([
      ['voltage', '400.0'],
      ['current', '10.0'],
      ['power', '4.00'],
    ])
    expect(bydAtto3.topics('module_temperatures', { page: 1, temperatures: [22, 23, 0, 23, null, null] })).toEqual([
      ['pack6/temperature', '22'],
      ['pack7/temperature', '23'],
      ['pack8/temperature', '0'],
      ['pack9/temperature', '23'],
    ])
  })
})

describe('the board of values', () => {
  test('publishes what changes, at most every 10 s, and forgets what has been silent for a minute', () => {
    const board = new TopicBoard()
    expect(board.set(['voltage', '400'], 0)).toBe(true)
    expect(board.set(['voltage', '400'], 20_000)).toBe(false)
    expect(board.set(['voltage', '401'], 21_000)).toBe(true)
    expect(board.set(['voltage', '402'], 30_999)).toBe(false)
    expect(board.set(['voltage', '403'], 31_000)).toBe(true)
    expect(board.known(90_999)).toEqual([['voltage', '403']])
    expect(board.known(91_000)).toEqual([])
  })
})
