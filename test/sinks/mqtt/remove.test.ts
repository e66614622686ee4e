import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { StateLayout, ValuesLayout } from '../../../src/sinks/mqtt/layout.ts'
import { KEPT } from '../../../src/sinks/mqtt/message.ts'
import { removeKept } from '../../../src/sinks/mqtt/remove.ts'
import { MqttSink } from '../../../src/sinks/mqtt/sink.ts'
import { Brokers } from '../../real/broker.ts'
import { kept, Observer } from '../../real/observer.ts'
import { lxpReadings } from './recorded.ts'
import { brokerAt, reading } from './setup.ts'

const brokers = new Brokers()
afterEach(() => brokers[Symbol.asyncDispose]())

/** A broker in this machine has sent everything within a quarter of the usual time. */
const hurried = {
  now: () => systemClock.now() * 4,
  sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 4, signal),
}

const never = new AbortController().signal

/** Leaves behind what a run with everything switched on leaves. */
async function leaveBehind(url: string, root: string, style: 'device' | 'legacy' = 'device'): Promise<void> {
  const sink = new MqttSink(
    {
      ...{ broker: brokerAt(url), root, intervalMs: 60_000, queueLimit: 10_000, report: () => {} },
      layouts: [new StateLayout(root, KEPT), new ValuesLayout(root, KEPT)],
      homeAssistant: {
        ...{ prefix: 'homeassistant', style, version: '1', guesses: true, birthTopic: 'homeassistant/status' },
        deviceInfo: () => ({ name: 'Demo' }),
      },
    },
    systemClock,
    Math.random,
  )
  sink.write(reading({ voltage: 53.2, list: [1, 2], 'a/b': 1 }))
  for (const each of await lxpReadings()) sink.write(each)
  await sink.close()
  expect(sink.problems()).toEqual([])
}

const names = { root: 'wattzup', prefix: 'homeassistant' }

describe('removing what the broker keeps', () => {
  test.each(['device', 'legacy'] as const)('leaves nothing of ours behind, style %s', async style => {
    const broker = await brokers.start()
    await leaveBehind(broker.url, 'wattzup', style)
    const before = [...(await kept(broker.url)).keys()]
    const removed = await removeKept({ broker: brokerAt(broker.url), ...names }, hurried, never)
    expect(removed.configs).toBe(before.filter(topic => topic.startsWith('homeassistant/')).length)
    expect(removed.others).toBe(before.filter(topic => topic.startsWith('wattzup/')).length)
    expect(removed.others).toBeGreaterThan(100)
    expect(await kept(broker.url)).toEqual(new Map())
  })

  test('touches nothing of others, nor of a program with another root', async () => {
    const broker = await brokers.start()
    await using other = await Observer.connect(broker.url)
    await leaveBehind(broker.url, 'wattzup2')
    await leaveBehind(broker.url, 'wattzup/garage')
    const foreign: Readonly<Record<string, string>> = {
      'homeassistant/sensor/lamp/config': '{"name":"Lamp","origin":{"name":"zigbee2mqtt"}}',
      'homeassistant/sensor/broken/config': '{"origin":{"name":"wattzup"',
      'homeassistant/sensor/null/config': 'null',
      'homeassistant/sensor/odd/config': '{"origin":{"name":"wattzup"},"availability":{"topic":"wattzup/status"}}',
      'homeassistant/status': 'online',
      'wattzup/notes': 'mine',
      'wattzup/lamp/state': '{"on":true}',
      'wattzup/lamp/availability': '{"state":"online"}',
    }
    for (const [topic, payload] of Object.entries(foreign)) await other.say(topic, payload, true)
    const before = await kept(broker.url)
    await leaveBehind(broker.url, 'wattzup')
    // the devices are the same, so that the announcement of the last one stands
    const announcements = [...before.keys()].filter(topic => topic.startsWith('homeassistant/device/'))
    await removeKept({ broker: brokerAt(broker.url), ...names }, hurried, never)
    const after = await kept(broker.url)
    for (const topic of announcements) before.delete(topic)
    expect(after).toEqual(before)
  })

  test('takes a layout of its own along', async () => {
    const broker = await brokers.start()
    await using other = await Observer.connect(broker.url)
    await other.say('modbus/data/4434380123', '{}', true)
    await other.say('wattzup/data/4434380123', '{}', true)
    const isOwn = (topic: string) => topic.startsWith('wattzup/data/')
    expect(await removeKept({ broker: brokerAt(broker.url), ...names, isOwn }, hurried, never)).toEqual({
      configs: 0,
      others: 1,
    })
    expect([...(await kept(broker.url)).keys()]).toEqual(['modbus/data/4434380123'])
  })

  test('says that there is no broker', async () => {
    const broker = await brokers.start()
    await broker.kill()
    await expect(removeKept({ broker: brokerAt(broker.url), ...names }, hurried, never)).rejects.toThrow(
      `cannot connect to ${broker.url}: connection refused, nothing listens there`,
    )
  })
})
