import { afterEach, describe, expect, test } from 'vitest'
import { TransportError } from '../../../src/core/errors.ts'
import type { Value } from '../../../src/core/values.ts'
import type { SetCommand } from '../../../src/sinks/mqtt/command-desk.ts'
import { StateLayout } from '../../../src/sinks/mqtt/layout.ts'
import { KEPT } from '../../../src/sinks/mqtt/message.ts'
import { MqttSink, type MqttSinkOptions } from '../../../src/sinks/mqtt/sink.ts'
import { ManualClock } from '../../manual-clock.ts'
import { Brokers } from '../../real/broker.ts'
import { kept, Observer } from '../../real/observer.ts'
import { lxpReadings } from './recorded.ts'
import { brokerAt, field, reading, VOLTAGE } from './setup.ts'

const brokers = new Brokers()
afterEach(() => brokers[Symbol.asyncDispose]())

const SECOND = 1000
const MINUTE = 60 * SECOND

/** How long after its birth Home Assistant is told everything: the middle of what chance gives. */
const MIDDLE = 0.5

function sinkAt(url: string, more: Partial<MqttSinkOptions> = {}) {
  const clock = new ManualClock()
  const lines: string[] = []
  const options: MqttSinkOptions = {
    broker: brokerAt(url),
    root: 'wattzup',
    intervalMs: 10 * SECOND,
    queueLimit: 1000,
    layouts: [new StateLayout('wattzup', KEPT)],
    report: line => void lines.push(line),
    ...more,
  }
  return { sink: new MqttSink(options, clock, () => MIDDLE), clock, lines }
}

const homeAssistant = {
  prefix: 'homeassistant',
  style: 'device',
  version: '1.0.0',
  guesses: false,
  birthTopic: 'homeassistant/status',
  deviceInfo: () => ({ name: 'Demo' }),
} as const

const STATE = 'wattzup/demo_a_1/state'
const AVAILABILITY = 'wattzup/demo_a_1/availability'
const CONFIG = 'homeassistant/device/demo_a_1/config'

describe('an MQTT sink', () => {
  test('says that it is there, then what a device is, then that it is there, then its state', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const { sink } = sinkAt(broker.url, { homeAssistant })
    await observer.message('wattzup/status', 'online')
    sink.write(reading({ voltage: 53.2 }))
    await observer.message(STATE)
    expect(observer.seen.map(({ topic }) => topic)).toEqual(['wattzup/status', CONFIG, AVAILABILITY, STATE])
    await sink.close()
    const all = await kept(broker.url)
    expect([all.get('wattzup/status'), all.get(AVAILABILITY)]).toEqual(['offline', 'offline'])
    expect(sink.problems()).toEqual([])
  })

  test('says the same in the same order when readings were there before the connection', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const { sink } = sinkAt(broker.url, { homeAssistant })
    const fields = [VOLTAGE, field('current', { unit: 'A' })]
    sink.write(reading({ voltage: 53.1 }, fields))
    sink.write(reading({ current: 2 }, fields))
    await observer.until(() => observer.payloads(STATE)[1])
    const topics = observer.seen.map(({ topic }) => topic)
    expect(topics).toEqual(['wattzup/status', CONFIG, AVAILABILITY, STATE, STATE])
    // the first state has what the announcement before it promises
    expect(observer.payloads(STATE).map(payload => JSON.parse(payload))).toMatchObject([
      { voltage: 53.1, current: null },
      { voltage: 53.1, current: 2 },
    ])
    await sink.close()
  })

  test('says that a device is gone after three intervals of silence, and that it is back', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const { sink, clock } = sinkAt(broker.url)
    sink.write(reading({ voltage: 53.2 }))
    await observer.message(AVAILABILITY, 'online')
    await clock.advance(29 * SECOND)
    sink.write(reading({ voltage: 53.3 }))
    await clock.advance(29 * SECOND)
    sink.write(reading({ voltage: 53.4 }, [VOLTAGE], 'B 2'))
    await observer.message('wattzup/demo_b_2/availability', 'online')
    expect(observer.payloads(AVAILABILITY)).toEqual(['online'])
    await clock.advance(SECOND)
    await observer.message(AVAILABILITY, 'offline')
    sink.write(reading({ voltage: 53.5 }))
    await observer.until(() => observer.payloads(AVAILABILITY)[2])
    expect(observer.payloads(AVAILABILITY)).toEqual(['online', 'offline', 'online'])
    expect(observer.payloads('wattzup/demo_b_2/availability')).toEqual(['online'])
    await sink.close()
  })

  test('gives a broker that lost its memory everything back that it is to keep', async () => {
    const broker = await brokers.start()
    const { sink, clock, lines } = sinkAt(broker.url, { homeAssistant })
    const before = await Observer.connect(broker.url)
    sink.write(reading({ voltage: 53.2 }))
    await before.message(STATE)
    await broker.kill()
    await broker.restart()
    await using observer = await Observer.connect(broker.url)
    while (!lines.some(line => line.endsWith(': connected'))) await clock.advance(MINUTE)
    await observer.message(STATE)
    const all = await kept(broker.url)
    expect([...all.keys()].sort()).toEqual([CONFIG, 'wattzup/status', AVAILABILITY, STATE].sort())
    await sink.close()
  })

  test('announces a device again when it has more to say, with all that it said before', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const { sink } = sinkAt(broker.url, { homeAssistant })
    const current = field('current', { unit: 'A', kind: 'current' })
    sink.write(reading({ voltage: 53.2 }, [VOLTAGE, current]))
    sink.write(reading({ voltage: 53.3 }, [VOLTAGE, current]))
    sink.write(reading({ current: 1 }, [VOLTAGE, current]))
    sink.write(reading({ current: 2 }, [VOLTAGE, current]))
    await observer.until(() => observer.payloads(STATE)[3])
    await sink.close()
    const configs = observer.payloads(CONFIG).map(payload => Object.keys(JSON.parse(payload).components))
    expect(configs.at(-1)).toEqual(['voltage', 'current'])
    expect(configs.length).toBeLessThanOrEqual(2)
    expect(JSON.parse(observer.payloads(STATE).at(-1)!)).toMatchObject({ voltage: 53.3, current: 2 })
  })

  test('announces a device again when more is known of it', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    let model: string | undefined
    const deviceInfo = () => ({ name: 'Demo', ...(model === undefined ? {} : { model }) })
    const { sink } = sinkAt(broker.url, { homeAssistant: { ...homeAssistant, deviceInfo } })
    sink.write(reading({ voltage: 1 }))
    await observer.message(STATE)
    model = '6000XP'
    sink.write(reading({ voltage: 2 }))
    sink.write(reading({ voltage: 3 }))
    await observer.until(() => observer.payloads(STATE)[2])
    expect(observer.payloads(CONFIG).map(payload => JSON.parse(payload).device.model)).toEqual([undefined, '6000XP'])
    await sink.close()
  })

  test('tells Home Assistant everything again after its birth, after a while, once', async () => {
    const broker = await brokers.start()
    await using other = await Observer.connect(broker.url)
    await other.say('homeassistant/status', 'online', true) // kept from before: old news
    const { sink, clock } = sinkAt(broker.url, { homeAssistant })
    sink.write(reading({ voltage: 53.2 }))
    await other.message(STATE)
    other.seen.length = 0
    const asleep = clock.sleeping
    await other.say('homeassistant/status', 'offline')
    await other.say('homeassistant/status', ' Online ')
    await other.say('homeassistant/status', 'online')
    while (clock.sleeping === asleep) await clock.advance(1)
    await clock.advance(2.7 * SECOND)
    expect(other.payloads(STATE)).toEqual([]) // the middle of 0.5 and 5 s is 2.75 s
    await clock.advance(0.1 * SECOND)
    await other.message(STATE)
    const topics = other.seen.map(({ topic }) => topic).filter(topic => topic !== 'homeassistant/status')
    expect(topics).toEqual(['wattzup/status', CONFIG, AVAILABILITY, STATE])
    await sink.close()
  })

  test('brings a whole recorded inverter to the broker, and every value template finds its value', async () => {
    const broker = await brokers.start()
    const { sink } = sinkAt(broker.url, { homeAssistant })
    const readings = await lxpReadings()
    for (const each of readings) sink.write(each)
    await sink.close()
    const all = await kept(broker.url)
    const configs = [...all].filter(([topic]) => topic.endsWith('/config'))
    expect(configs.length).toBeGreaterThan(0)
    for (const [, payload] of configs) {
      const { state_topic, components } = JSON.parse(payload)
      const state = JSON.parse(all.get(state_topic)!)
      for (const key of Object.keys(components)) expect(state, key).toHaveProperty([key])
    }
    expect(sink.problems()).toEqual([])
  })
})

describe('commands', () => {
  const fields = [field('limit', { unit: '%', category: 'config' })]
  const settable = new Map([['limit', { platform: 'number', min: 10, max: 100, step: 1 } as const]])
  const topic = (name: string, what: string, id = 'demo_a_1') => `wattzup/${id}/cmd/${name}/${what}`

  async function commanded(execute: (command: SetCommand) => Promise<Value>) {
    const broker = await brokers.start()
    const observer = await Observer.connect(broker.url)
    const { sink } = sinkAt(broker.url, { commands: { settable, execute } })
    sink.write(reading({ limit: 50 }, fields))
    await observer.message(STATE)
    return { broker, observer, sink }
  }

  test('are carried out one after the other, and answered with what was read back', async () => {
    const running: unknown[] = []
    let most = 0
    const { observer, sink } = await commanded(async command => {
      running.push(command)
      most = Math.max(most, running.length)
      await new Promise(resolve => setImmediate(resolve))
      running.pop()
      return Number(command.value) - 1
    })
    await observer.say(topic('limit', 'set'), '80')
    await observer.say(topic('limit', 'set'), '90.0')
    await observer.until(() => observer.payloads(topic('limit', 'result'))[1])
    expect(observer.payloads(topic('limit', 'result'))).toEqual(['{"ok":true,"value":79}', '{"ok":true,"value":89}'])
    expect(most).toBe(1)
    await sink.close()
  })

  test('that cannot be are refused before anybody sees them', async () => {
    const seen: SetCommand[] = []
    const { observer, sink } = await commanded(async command => {
      seen.push(command)
      return command.value
    })
    await observer.say(topic('limit', 'set'), '101')
    await observer.say(topic('voltage', 'set'), '1')
    await observer.say(topic('limit', 'set', 'demo_zz'), '50')
    await observer.say(topic('limit', 'set'), '9'.repeat(2000))
    await observer.until(() => observer.payloads(topic('limit', 'result'))[1])
    expect([
      ...observer.payloads(topic('limit', 'result')),
      ...observer.payloads(topic('voltage', 'result')),
      ...observer.payloads(topic('limit', 'result', 'demo_zz')),
    ]).toEqual([
      '{"ok":false,"error":"it must be a number from 10 to 100 in steps of 1"}',
      '{"ok":false,"error":"the command is too long"}',
      '{"ok":false,"error":"it cannot be set"}',
      '{"ok":false,"error":"no such device has been heard"}',
    ])
    expect(seen).toEqual([])
    await sink.close()
  })

  test('that fail say why, and results are not kept', async () => {
    const { broker, observer, sink } = await commanded(async () => {
      throw new TransportError('the dongle does not answer')
    })
    await observer.say(topic('limit', 'set'), '80')
    expect(await observer.message(topic('limit', 'result'))).toMatchObject({
      payload: '{"ok":false,"error":"the dongle does not answer"}',
      retained: false,
    })
    expect([...(await kept(broker.url)).keys()]).not.toContain(topic('limit', 'result'))
    await sink.close()
  })

  test('that were kept are not carried out: they would be again with every connection', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    await observer.say(topic('limit', 'set'), '80', true)
    const seen: SetCommand[] = []
    const execute = async (command: SetCommand) => {
      seen.push(command)
      return command.value
    }
    const { sink } = sinkAt(broker.url, { commands: { settable, execute } })
    sink.write(reading({ limit: 50 }, fields))
    await observer.message(STATE)
    await observer.say(topic('limit', 'set'), '81')
    await observer.message(topic('limit', 'result'))
    expect(seen.map(({ value }) => value)).toEqual([81])
    expect(sink.problems()).toEqual(['commands ignored because they were retained messages: 1'])
    await sink.close()
  })
})
