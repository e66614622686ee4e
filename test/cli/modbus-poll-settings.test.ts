import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { DATALOG, INVERTER } from '../protocols/lxp/build-frame.ts'
import { HELLO, obedient } from '../protocols/lxp/fake-dongle.ts'
import { Brokers } from '../real/broker.ts'
import { Observer } from '../real/observer.ts'
import { until } from '../until.ts'
import { type TcpAnswer, TcpDongle } from './tcp-dongle.ts'

const brokers = new Brokers()
afterEach(() => brokers[Symbol.asyncDispose]())

const ID = `lxp_${INVERTER.toLowerCase()}`
const KNOWN = ['--datalog', DATALOG, '--inverter', INVERTER]

/** A poll with a broker, what the broker sees, and a dongle that is an EG4 12kPV unless a test says otherwise. */
async function polling(options: { answer?: TcpAnswer; type?: number; args?: readonly string[] } = {}) {
  const { answer = obedient, type = 2092, args = ['--registers', 'hold:0-159', '--interval', '30', ...KNOWN] } = options
  const world = new LiveWorld()
  const dongle = await TcpDongle.open(world, { answer })
  dongle.registers.hold.set(19, type).set(21, 0x0200).set(67, 80).set(66, 30).set(105, 20)
  const broker = await brokers.start()
  const observer = await Observer.connect(broker.url)
  const io = fakeIo(['modbus', 'poll', dongle.address, '--mqtt', broker.url, '--ha', '--write', ...args], {
    clock: world.clock,
  })
  const done = main(io)
  const say = (name: string, payload: string) => observer.say(`wattzup/${ID}/cmd/${name}/set`, payload)
  return {
    ...{ world, dongle, observer, io, done, say },
    /** What comes of a command. */
    command: async (name: string, payload: string) => {
      const topic = `wattzup/${ID}/cmd/${name}/result`
      const before = observer.payloads(topic).length
      await world.while(say(name, payload))
      await world.while(until(() => observer.payloads(topic).length > before))
      return JSON.parse(observer.payloads(topic).at(-1)!)
    },
    /** All settings are known, and Home Assistant has been told. */
    ready: async () => {
      await world.while(until(() => dongle.heard.length >= 4))
      await world.while(observer.until(seen => seen.find(({ payload }) => payload.includes('ac_charge_end_1'))))
      return JSON.parse(observer.payloads(`homeassistant/device/${ID}/config`).at(-1)!).components
    },
    state: () => JSON.parse(observer.payloads(`wattzup/${ID}/state`).at(-1)!),
    stop: async () => {
      io.abort()
      expect(await world.while(done)).toBe(0)
      await observer[Symbol.asyncDispose]()
      await dongle[Symbol.asyncDispose]()
    },
  }
}

const writes = ({ heard }: TcpDongle) => heard.filter(([code]) => code === 6 || code === 16)

describe('modbus poll --write with MQTT', () => {
  test('lets Home Assistant set what is safe, within the limits of the model', async () => {
    const { ready, stop } = await polling()
    const components = await ready()
    expect(components.ac_charge_soc_limit).toMatchObject({ platform: 'number', min: 0, max: 101, step: 1 })
    expect(components.ac_charge_power).toMatchObject({
      platform: 'number',
      max: 10,
      step: 0.1,
      unit_of_measurement: 'kW',
    })
    expect(components.function_enable_ac_charge_enable).toMatchObject({ platform: 'switch', payload_on: 'ON' })
    expect(components.ac_charge_start_1).toMatchObject({ platform: 'text', max: 5 })
    expect(components.function_enable_power_on.platform).toBe('binary_sensor')
    expect(components.grid_volt_conn_low.platform).toBe('sensor')
    await stop()
  })

  test('takes the limits of another model', async () => {
    const { ready, stop } = await polling({ type: 12 })
    expect((await ready()).ac_charge_power).toMatchObject({ max: 100, step: 1, unit_of_measurement: '%' })
    await stop()
  })

  test('reads, writes and reads back with nothing between, and publishes what was read back', async () => {
    const { ready, command, dongle, state, world, stop } = await polling()
    await ready()
    expect(await command('ac_charge_soc_limit', '90')).toEqual({ ok: true, value: 90 })
    const at = dongle.heard.findIndex(([code]) => code === 6)
    expect(dongle.heard.slice(at - 1, at + 2)).toEqual([
      [3, 67, 1],
      [6, 67, 90],
      [3, 67, 1],
    ])
    await world.while(until(() => state().ac_charge_soc_limit === 90))
    expect(await command('function_enable_ac_charge_enable', 'ON')).toEqual({ ok: true, value: true })
    expect(await command('ac_charge_start_1', '23:30')).toEqual({ ok: true, value: '23:30' })
    expect(await command('ac_charge_power', '4.5')).toEqual({ ok: true, value: 4.5 })
    expect(writes(dongle)).toEqual([
      [6, 67, 90],
      [6, 21, 0x0280],
      [6, 68, 0x1e17],
      [6, 66, 45],
    ])
    await stop()
  })

  test('says why something cannot be done, and sends nothing', async () => {
    const { ready, command, dongle, stop } = await polling()
    await ready()
    const refused = async (name: string, payload: string) => (await command(name, payload)).error
    expect(await refused('ac_charge_soc_limit', '102')).toContain('from 0 to 101')
    expect(await refused('function_enable_power_on', 'OFF')).toBe('it cannot be set')
    expect(await refused('grid_volt_conn_low', '200')).toBe('it cannot be set')
    expect(await refused('ac_charge_start_1', '24:00')).toContain('it must look like')
    expect(await refused('eps_discharge_cutoff_soc', '21')).toBe('eps_discharge_cutoff_soc may be 0% to 20%')
    expect(writes(dongle)).toEqual([])
    await stop()
  })

  test('says what was not written, or is not known', async () => {
    const { ready, command, dongle, world, observer, say, stop } = await polling({
      answer: (request, self) => {
        if (request.code !== 6) return obedient(request, self)
        if (request.register === 160) self.end.reset?.()
        return []
      },
    })
    await ready()
    expect(await command('ac_charge_soc_limit', '90')).toMatchObject({
      ok: false,
      error: 'not written: no answer came, and it reads back as 80 %; it was not sent again',
    })
    expect((await command('ac_charge_start_soc', '30')).error).toMatch(/^0 % -> 30 % was sent; whether .* is not known/)
    expect(writes(dongle)).toHaveLength(2)
    await dongle[Symbol.asyncDispose]()
    await world.while(say('ac_charge_soc_limit', '91'))
    await world.while(
      observer.message(
        `wattzup/${ID}/cmd/ac_charge_soc_limit/result`,
        `{"ok":false,"error":"${INVERTER} is not connected"}`,
      ),
    )
    await stop()
  })

  test('does not guess the model of an inverter that has not told it', async () => {
    const { command, observer, world, stop, dongle } = await polling({ args: ['--registers', 'hold:64-89', ...KNOWN] })
    await world.while(observer.until(seen => seen.find(({ payload }) => payload.includes('ac_charge_soc_limit'))))
    const { error } = await command('ac_charge_soc_limit', '90')
    expect(error).toBe(`the model of ${INVERTER} is not known yet: it is in hold:19, or say --model`)
    expect(writes(dongle)).toEqual([])
    await stop()
  })

  test('is needed: without it commands are not even heard', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: () => [HELLO] })
    const broker = await brokers.start()
    await using observer = await Observer.connect(broker.url)
    const io = fakeIo(['modbus', 'poll', dongle.address, '--mqtt', broker.url, '--ha'], { clock: world.clock })
    const done = main(io)
    const config = observer.until(seen => seen.find(({ payload }) => payload.includes('ac_charge_soc_limit')))
    expect((await world.while(config)).payload).not.toContain('command_topic')
    await world.while(observer.say(`wattzup/${ID}/cmd/ac_charge_soc_limit/set`, '90'))
    await world.while(until(() => dongle.heard.length > 14)) // the cycle after the command
    io.abort()
    expect(await world.while(done)).toBe(0)
    expect([writes(dongle), observer.payloads(`wattzup/${ID}/cmd/ac_charge_soc_limit/result`)]).toEqual([[], []])
  })
})
