import { inspect } from 'node:util'
import { Command } from 'commander'
import { afterEach, describe, expect, test } from 'vitest'
import { addMqttOptions, type MqttFlags } from '../../src/cli/mqtt-options.ts'
import { openMqtt, removedFromBroker } from '../../src/cli/open-mqtt.ts'
import { systemClock } from '../../src/core/clock.ts'
import { UsageError } from '../../src/core/errors.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { Brokers } from '../real/broker.ts'
import { kept, Observer } from '../real/observer.ts'
import { reading } from '../sinks/mqtt/setup.ts'

const brokers = new Brokers()
afterEach(() => brokers[Symbol.asyncDispose]())

const SLOW = { intervalMs: 60_000 }
const FAST = { intervalMs: 1000 }

/** What commander makes of a command line. */
function flagsOf(...args: string[]): MqttFlags {
  const command = addMqttOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return command.parse(args, { from: 'user' }).opts<MqttFlags>()
}

function world(more: World = {}): FakeIo {
  return fakeIo([], { clock: new ManualClock(), ...more })
}

/** The error of opening, and all that could be printed of it. */
function refusal(io: FakeIo, flags: MqttFlags): { readonly message: string; readonly all: string } {
  try {
    openMqtt(io, flags, SLOW)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return { message: (error as Error).message, all: inspect(error, { depth: 10, showHidden: true }) + io.stderr }
  }
  throw new Error('it was opened')
}

describe('the options of MQTT', () => {
  test('open nothing when they are not given', () => {
    expect(openMqtt(world(), flagsOf(), SLOW)).toBe(undefined)
  })

  test.each([
    [['--ha'], '--ha needs --mqtt URL'],
    [['--ha-remove'], '--ha-remove needs --mqtt URL'],
    [['--no-retain'], '--[no-]retain needs --mqtt URL'],
    [['--topic', 'x'], '--topic needs --mqtt URL'],
    [
      ['--mqtt', 'localhost:1883'],
      '--mqtt: this is no URL of a broker; write it like mqtt://HOST:1883, or with mqtts, ws or wss',
    ],
    [
      ['--mqtt', 'http://x'],
      '--mqtt: this is no URL of a broker; write it like mqtt://HOST:1883, or with mqtts, ws or wss',
    ],
    [['--mqtt', 'mqtt://'], '--mqtt: the URL names no host; write it like mqtt://HOST:1883, or with mqtts, ws or wss'],
    [['--mqtt', 'mqtt://x:0'], '--mqtt: a port is a number from 1 to 65535'],
    [['--mqtt', 'mqtt://x/data'], '--mqtt: only ws and wss take a path; the topic is --topic'],
    [['--mqtt', 'mqtt://:pw@x'], '--mqtt: the URL has a password and no user name'],
    [['--mqtt', 'mqtt://x', '--topic', 'a/#'], /^--topic a\/#: a topic has no \+ and #/],
    [['--mqtt', 'mqtt://x', '--topic', '/a'], /^--topic \/a: a topic has/],
    [['--mqtt', 'mqtt://x', '--ha', 'home/'], /^--ha home\/: a topic has/],
    [['--mqtt', 'mqtt://x', '--ha-discovery', 'legacy'], '--ha-discovery and --ha-birth-topic need --ha'],
    [
      ['--mqtt', 'mqtt://x', '--mqtt-insecure'],
      '--mqtt-ca, --mqtt-cert and --mqtt-insecure are for mqtts:// and wss://',
    ],
    [['--mqtt', 'mqtts://x', '--mqtt-cert', 'c'], '--mqtt-cert and --mqtt-key need each other'],
  ] as const)('%j is wrong', (args, message) => {
    expect(refusal(world(), flagsOf(...args)).message).toMatch(message)
  })

  test.each([
    [['--qos', '3'], 'It must be 0, 1 or 2.'],
    [['--mqtt-queue', '0'], 'It must be a whole number from 1 to 9999999.'],
    [['--mqtt-version', '4'], 'Allowed choices are 3.1.1, 5.'],
  ])('%j is refused at once', (args, message) => {
    expect(() => flagsOf(...args)).toThrow(message)
  })
})

describe('credentials', () => {
  const PASSWORD = 'p@ss:w/rd%25'
  const user = { name: 'solar', password: PASSWORD }

  /** Opens, publishes one reading and closes; gives what the user was told, and what became of it. */
  async function published(io: FakeIo, url: string, ...args: string[]): Promise<string> {
    const sink = openMqtt(io, flagsOf('--mqtt', url, ...args), SLOW)!
    sink.write(reading({ voltage: 53.2 }))
    await sink.close()
    return `${io.stderr}${sink.problems().join('\n')}`
  }

  test('come from the URL, the environment or a file', async () => {
    const broker = await brokers.start({ user })
    const inUrl = broker.url.replace('//', `//solar:${encodeURIComponent(PASSWORD)}@`)
    expect(await published(world(), inUrl)).toBe('')
    const env = { MQTT_USER: 'solar', MQTT_PASS: PASSWORD }
    expect(await published(world({ env }), broker.url)).toBe('')
    for (const text of [`solar\n${PASSWORD}\n`, `solar:${PASSWORD}`, `solar\r\n${PASSWORD}`]) {
      const io = world({ files: { login: text } })
      expect(await published(io, broker.url, '--mqtt-credentials', 'login')).toBe('')
    }
    // what the command line says wins over the environment
    const wrong = { MQTT_USER: 'solar', MQTT_PASS: 'wrong' }
    expect(await published(world({ env: wrong }), inUrl)).toBe('')
    const io = world({ env: wrong, files: { login: `solar:${PASSWORD}` } })
    expect(await published(io, broker.url, '--mqtt-credentials', 'login')).toBe('')
  })

  test('that are wrong are told without them', async () => {
    const broker = await brokers.start({ user })
    const text = await published(world(), broker.url.replace('//', '//solar:s3cret-w0rd@'))
    const reason = `cannot log in to ${broker.url}: the broker refuses the user name or password`
    expect(text).toBe(`wattzup: ${reason}; trying again\n${broker.url}: 1 message not sent: ${reason}`)
  })

  test('are in no error, whatever is wrong with them', () => {
    const urls = [
      'mqtt://solar:s3cret-w0rd@host/path',
      'mqtt://solar:s3cret-w0rd%@host',
      'mqtt://solar:s3cret-w0rd@',
      'mqtt://solar:s3cret-w0rd@host:99999',
      'mqtt:/solar:s3cret-w0rd@host',
      'solar:s3cret-w0rd@host',
      'mqtt://:s3cret-w0rd@host',
    ]
    for (const url of urls) {
      const { message, all } = refusal(world(), flagsOf('--mqtt', url))
      expect(message).toMatch(/^--mqtt: /)
      expect(all).not.toContain('s3cret')
    }
    for (const text of ['s3cret-w0rd', 'a\ns3cret-w0rd\nc', ':s3cret-w0rd']) {
      const io = world({ files: { login: text } })
      const { message, all } = refusal(io, flagsOf('--mqtt', 'mqtt://host', '--mqtt-credentials', 'login'))
      expect(message).toBe('login holds no credentials; write user and password on two lines, or user:password')
      expect(all).not.toContain('s3cret')
    }
  })
})

describe('what is published', () => {
  /** The state of a device as an observer sees it, and whether the broker keeps it. */
  async function stateWith(traits: typeof SLOW, ...args: string[]) {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const sink = openMqtt(world(), flagsOf('--mqtt', broker.url, ...args), traits)!
    sink.write(reading({ voltage: 53.2 }))
    const { qos } = await observer.message('wattzup/demo_a_1/state')
    await sink.close()
    const all = await kept(broker.url)
    return { qos, kept: all.has('wattzup/demo_a_1/state'), topics: observer.seen.map(({ topic }) => topic), all }
  }

  test.each([
    [SLOW, [], 1, true],
    [FAST, [], 0, false],
    [SLOW, ['--no-retain'], 1, false],
    [FAST, ['--retain', '--qos', '2'], 2, true],
    [SLOW, ['--qos', '0'], 0, true],
  ] as const)('every %o with %j has QoS %i, and is kept: %s', async (traits, args, qos, isKept) => {
    expect(await stateWith(traits, ...args)).toMatchObject({ qos, kept: isKept })
  })

  test('has single values and announcements when they are asked for', async () => {
    const { topics, all } = await stateWith(SLOW, '--mqtt-values', '--ha', 'my/ha')
    expect(topics).toContain('wattzup/demo_a_1/value/voltage')
    const config = JSON.parse(all.get('my/ha/device/demo_a_1/config')!)
    expect(config.device.name).toBe('demo A 1')
    expect(config.components.voltage.expire_after).toBe(180)
  })

  test('is removed again, and nothing else is done', async () => {
    const broker = await brokers.start()
    const sink = openMqtt(world(), flagsOf('--mqtt', broker.url, '--ha'), SLOW)!
    sink.write(reading({ voltage: 53.2 }))
    await sink.close()
    const io = world({ clock: systemClock })
    expect(await removedFromBroker(io, flagsOf('--mqtt', broker.url, '--ha-remove'))).toBe(true)
    expect(io.stderr).toBe(`wattzup: ${broker.url}: messages removed: 1 below homeassistant/, 3 below wattzup/\n`)
    expect(await kept(broker.url)).toEqual(new Map())
    expect(await removedFromBroker(world(), flagsOf())).toBe(false)
  })

  test('goes to the topics of a layout of its own, and to ours as well when Home Assistant reads them', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const layout = { messages: () => [{ topic: 'modbus/data/1', payload: '{}', qos: 0, retain: false } as const] }
    for (const args of [[], ['--ha']]) {
      const sink = openMqtt(world(), flagsOf('--mqtt', broker.url, ...args), { ...SLOW, layout })!
      sink.write(reading({ voltage: 53.2 }))
      await sink.close()
    }
    await observer.until(() => observer.payloads('modbus/data/1')[1])
    expect(observer.payloads('wattzup/demo_a_1/state')).toHaveLength(1)
  })
})
