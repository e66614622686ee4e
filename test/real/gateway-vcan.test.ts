import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canVmPart, SCENARIO_MS, Scenario } from './can-vm.ts'

// A gateway on real CAN sockets, between a simulated battery and a simulated inverter: programs of their own, as on the
// wall. What happens stands in gateway-vcan-scenario.sh; here is looked at what candump heard.

const part = canVmPart()

interface Heard {
  readonly at: number
  readonly bus: string
  readonly id: string
  readonly data: string
}

/** A machine within a busy machine is late by so much at most, s. */
const SLACK = 0.5
const HOT = '093E015BB6033F64'
const FULL_CELL = '01380E0025420E43'

describe.skipIf(part.missing)(`a gateway on CAN buses of a real kernel${part.reason}`, () => {
  let run: Scenario
  let heard: readonly Heard[]
  const named = (id: string) => heard.filter(frame => frame.id === id)
  const limits = () => named('110')
  /** Seconds from a frame to the first 110 behind it that ends with these limits. */
  const secondsTo = (end: string, from: Heard | undefined) => {
    const told = limits().find(({ at, data }) => at > from!.at && data.endsWith(end))
    return told === undefined ? Number.POSITIVE_INFINITY : told.at - from!.at
  }

  beforeAll(async () => {
    run = new Scenario()
    await run.run('gateway-vcan-scenario.sh')
    heard = run.lines('bus').map(line => {
      const [, time, bus, id, data] = /^\((.*?)\) +(\S+) (\w+)#(\w*)$/.exec(line)!
      return { at: Number(time), bus: bus!, id: id!, data: data! }
    })
  }, SCENARIO_MS)

  afterAll(() => run[Symbol.dispose]())

  test('listens for a second, then closes the contactors with frames that count and add up', () => {
    const states = named('12D')
    for (const { data } of states) {
      const sum = Buffer.from(data, 'hex').reduce((total, byte) => total + byte, 0)
      expect(sum & 0xff).toBe(0xff)
    }
    const counters = states.map(({ data }) => Number.parseInt(data[12]!, 16))
    expect(counters).toEqual(counters.map((_, i) => i % 16))
    expect(states[0]!.data.slice(0, 12)).toBe('A02802A00C71') // told to close before told to drive
    const ready = states.find(({ data }) => data.startsWith('A02800220C31'))!
    expect(ready.at - states[0]!.at).toBeGreaterThan(1.1)
    expect(named('344').some(({ at, data }) => at < ready.at && Number.parseInt(data.slice(0, 2), 16) >= 0x80)).toBe(
      true,
    )
    expect(run.said('battery.err')).toMatch(/contactors precharging\n.*contactors closed\n/)
  })

  test('greets the inverter with what a Battery-Box says, and repeats the limits every 2 s', () => {
    const greeting = ['250', '290', '2D0', '3D0', '3D0', '3D0', '3D0', '110', '150', '1D0', '210', '190']
    const first = heard.findIndex(({ id }) => id === '250')
    const told = heard.slice(first).filter(({ bus, id }) => bus === 'vcan1' && greeting.includes(id))
    expect(told.slice(0, greeting.length).map(({ id }) => id)).toEqual(greeting)
    expect(told[0]!.data).toBe('03290066025C0209')
    const gaps = limits().map(({ at }, i, all) => at - (all[i - 1]?.at ?? at))
    expect(Math.max(...gaps)).toBeLessThan(2 + SLACK)
    expect(limits()[0]!.data).toMatch(/00000000$/) // it has not been well for 2 s yet
  })

  test('tells the inverter in time', () => {
    const hot = named('447').find(({ data }) => data === HOT)
    const full = named('446').find(({ data }) => data === FULL_CELL)
    const silences = named('345').map((frame, i, all) => [frame, (all[i + 1]?.at ?? frame.at) - frame.at] as const)
    const last = silences.find(([, gap]) => gap > 9)?.[0]
    const rows = [
      ['battery too hot: to 0 A', secondsTo('00000000', hot), 0.1],
      ['a cell is full: to 0 A of charge', secondsTo('00EC0000', full), 0.1],
      ['battery killed: to 0 A', secondsTo('00000000', last), 10.1],
    ] as const
    for (const [what, seconds, allowed] of rows) {
      console.info(`${what.padEnd(40)}${seconds.toFixed(3)} s, allowed ${allowed} s`)
      expect(seconds, what).toBeLessThan(allowed + SLACK)
    }
  })

  test('takes no notice of a frame whose checksum is wrong', () => {
    expect(run.said('bridge.err')).toMatch(/battery: checksum: 447: 1\n/)
    expect(run.said('bridge.err').match(/battery is too hot/g)).toHaveLength(1)
  })

  test('goes on when the battery is back, and leaves with 0 A', () => {
    expect(run.said('again.err')).toMatch(/contactors closed/)
    expect(limits().at(-1)!.data).toBe('11260EEC00000000')
    expect(
      limits()
        .slice(-4, -1)
        .some(({ data }) => !data.endsWith('00000000')),
    ).toBe(true)
    expect(run.status('bridge')).toBe(0)
  })

  test('never tells more than its ceilings', () => {
    for (const { data } of limits()) {
      expect(Number.parseInt(data.slice(8, 12), 16)).toBeLessThanOrEqual(236)
      expect(Number.parseInt(data.slice(12), 16)).toBeLessThanOrEqual(236)
    }
  })
})
