import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { systemClock } from '../../src/core/clock.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { dataFrame, INVERTER } from '../protocols/lxp/build-frame.ts'
import { type Broker, Brokers } from './broker.ts'
import { Observer } from './observer.ts'

const never = new AbortController().signal
const brokers = new Brokers()
afterEach(() => brokers[Symbol.asyncDispose]())

/** Input registers from `start` on. */
const input = (start: number, ...words: readonly number[]) =>
  dataFrame(4, start, [words.length * 2, ...words.flatMap(word => [word & 0xff, word >> 8])])

interface Running {
  readonly io: FakeIo
  readonly done: Promise<number>
}

/** A collector beside a dongle that sends two blocks: battery 51.2 V and 77 %, then a temperature of 41 °C. */
async function collecting(world: World, ...args: readonly string[]): Promise<Running> {
  const clock = new ManualClock()
  const listener = await localNetwork(clock).listen({ host: '127.0.0.1', port: 0 })
  const serve = async () => {
    for await (const client of listener.connections(never)) {
      for (const frame of [input(0, 4, 0, 0, 0, 512, 77), input(64, 41)]) await client.send(frame, never)
    }
  }
  void serve()
  const hosts = `127.0.0.1:${listener.endpoint.port}`
  const io = fakeIo(['modbus', 'collect', '--hosts', hosts, '--nosave', ...args], { clock, ...world })
  const run = async () => {
    const code = await main(io)
    await listener[Symbol.asyncDispose]()
    return code
  }
  return { io, done: run() }
}

const environment = ({ port }: Broker) => ({ MQTT_HOST: '127.0.0.1', MQTT_PORT: String(port) })

async function ended({ io, done }: Running): Promise<void> {
  io.abort()
  expect(await done).toBe(0)
}

describe('modbus collect and a broker', () => {
  test('publishes as the older collector did when only the environment names a broker', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const run = await collecting({ env: { ...environment(broker), MQTT_TOPIC: 'home/solar' } })
    const topic = `home/solar/${INVERTER}`
    const both = await observer.until(seen => seen.filter(message => message.topic === topic)[1])
    const labels = JSON.parse(both.payload)
    expect(labels).toMatchObject({
      'Battery Voltage': '51.2 V',
      'Inverter Status': 4,
      'State of Charge': '77%',
      'Internal Temperature': '41 °C',
    })
    expect(Object.keys(labels)).toEqual(Object.keys(labels).sort())
    await ended(run)
  })

  test('reads a file .env as the older collector did; its default topic is modbus/data', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const run = await collecting({ files: { '.env': `MQTT_HOST="127.0.0.1"\nMQTT_PORT=${broker.port}\n` } }, '--mqtt')
    await observer.message(`modbus/data/${INVERTER}`)
    await ended(run)
  })

  test('publishes states and Home Assistant devices with --mqtt URL, and takes them away with --ha-remove', async () => {
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const env = { MQTT_HOST: 'elsewhere.invalid' }
    const run = await collecting({ env }, '--mqtt', broker.url, '--ha', '--mqtt-values')
    const id = `lxp_${INVERTER.toLowerCase()}`
    await observer.message(`wattzup/${id}/availability`, 'online')
    await observer.message(`wattzup/${id}/value/soc`, '77')
    const state = await observer.until(seen =>
      seen.find(({ topic, payload }) => topic === `wattzup/${id}/state` && payload.includes('"internal_temp":41')),
    )
    expect(JSON.parse(state.payload)).toMatchObject({ soc: 77, battery_voltage: 51.2, inverter_status: 'pv_on_grid' })
    const config = await observer.message(`homeassistant/device/${id}/config`)
    expect(JSON.parse(config.payload).device).toMatchObject({ name: `Inverter ${INVERTER}`, serial_number: INVERTER })
    await ended(run)
    await observer.message('wattzup/status', 'offline')

    const remove = ['modbus', 'collect', '--hosts', '127.0.0.1', '--mqtt', broker.url, '--ha-remove']
    expect(await main(fakeIo(remove, { clock: systemClock }))).toBe(0)
    await using late = await Observer.connect(broker.url)
    await late.say('end', '')
    await late.message('end')
    expect(late.seen.filter(({ retained }) => retained)).toEqual([])
  })
})
