import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { systemClock } from '../../src/core/clock.ts'
import { fakeIo } from '../fake-io.ts'
import { LITTLE, pcapHeader, pcapPacket } from '../framing/capture-bytes.ts'
import { frame, payload } from '../protocols/myenergi/frames.ts'
import { Brokers } from '../real/broker.ts'
import { Observer } from '../real/observer.ts'

// Through a broker (mosquitto where there is one): the topics of PeterTM/mqtt-energi, `{topic}/{serial}/{key}`.

/** The broker is another program: what waits for it must not have its time pass at once. */
const clock = systemClock

const CAPTURE = Buffer.concat([
  pcapHeader(LITTLE),
  pcapPacket(LITTLE, 1, 0, frame(payload(0x22, [0x22, 'i16', 2715], [0x1e, 'i32', -64], [0x32, 'i16', 1790]))),
  pcapPacket(LITTLE, 2, 0, frame(payload(0x36, [0x38, 'i16', 2413], [0x3a, 'i16', 4998]))),
])

const brokers = new Brokers()
afterAll(() => brokers[Symbol.asyncDispose]())

/** Publishes a capture; gives the messages below its values' topics, `online` and its like left out. */
async function published(stdin: Uint8Array, topic: string, ...options: readonly string[]) {
  const { url } = await brokers.start()
  await using observer = await Observer.connect(url)
  const files = {
    'config.ini': `[MQTT]\nbroker = 127.0.0.1\nport = ${new URL(url).port}\ntopic = ${topic}\nid = bridge\n`,
  }
  const io = fakeIo(['energi', 'sniff', '--pcap', '-', '--config', 'config.ini', ...options], { stdin, files, clock })
  expect(await main(io), io.stderr).toBe(0)
  await observer.message(`${topic}/status`, 'offline')
  const isValue = new RegExp(`^${topic}/\\d+/`)
  return observer.seen.filter(message => isValue.test(message.topic))
}

test('each value goes to a topic of its own, as a bare number that is not kept', async () => {
  const seen = await published(CAPTURE, 'house/eddi')
  const message = (key: string, text: string) => {
    return { topic: `house/eddi/14725836/${key}`, payload: text, retained: false, qos: 0 }
  }
  expect(seen).toEqual([
    message('serial', '14725836'),
    message('gen_pwr', '2715'),
    message('grid_pwr', '-64'),
    message('divert_pwr', '1790'),
  ])
})

test('a key with a slash takes a level more', async () => {
  const seen = await published(CAPTURE, 'e', '--debug-keys')
  expect(seen).toContainEqual({ topic: 'e/14725836/0x36/v9', payload: '2413', retained: false, qos: 0 })
})

test('--retain and --qos are for these topics too', async () => {
  const { url } = await brokers.start()
  await using observer = await Observer.connect(url)
  const args = ['energi', 'sniff', '--pcap', '-', '--mqtt', url, '--topic', 'e', '--retain', '--qos', '1']
  expect(await main(fakeIo(args, { stdin: CAPTURE, clock }))).toBe(0)
  expect((await observer.message('e/14725836/grid_pwr')).qos).toBe(1)
  await using late = await Observer.connect(url)
  expect((await late.message('e/14725836/grid_pwr')).retained).toBe(true)
})

test('Home Assistant is told of the values beside', async () => {
  const { url } = await brokers.start()
  await using observer = await Observer.connect(url)
  const io = fakeIo(['energi', 'sniff', '--pcap', '-', '--mqtt', url, '--ha'], { stdin: CAPTURE, clock })
  expect(await main(io)).toBe(0)
  const { payload: text } = await observer.until(seen => seen.find(({ topic }) => topic.startsWith('homeassistant/')))
  const { device, components } = JSON.parse(text)
  expect(device).toMatchObject({ name: 'myenergi 14725836', manufacturer: 'myenergi', serial_number: '14725836' })
  const powers = Object.values<{ device_class?: string }>(components).filter(one => one.device_class === 'power')
  expect(powers).toHaveLength(3)
})

const ENERGI = join(process.env['WATTZUP_CAPTURES'] ?? '', 'energi')
const missing = !existsSync(join(ENERGI, 'synthetic_vectors.json'))
const NAME = `the hand-made frames${missing ? ' (skipped: WATTZUP_CAPTURES does not name their folder)' : ''}`

describe.skipIf(missing)(NAME, () => {
  test.each(['normal', 'debug'] as const)('are published as the original would, %s', async mode => {
    const expected = JSON.parse(readFileSync(join(ENERGI, 'synthetic_vectors.json'), 'utf8')) as Readonly<
      Record<typeof mode, Readonly<Record<string, number>>>
    >[]
    const options = ['--no-filter', '--compat-keys', ...(mode === 'debug' ? ['--debug-keys'] : [])]
    const seen = await published(readFileSync(join(ENERGI, 'synthetic_vectors.pcap')), 't', ...options)
    const messages = expected.flatMap(({ [mode]: values }) =>
      Object.entries(values).map(([key, value]) => [`t/${values['serial']}/${key}`, value]),
    )
    expect(seen.map(({ topic, payload: text }) => [topic, Number(text)])).toEqual(messages)
  })
})
