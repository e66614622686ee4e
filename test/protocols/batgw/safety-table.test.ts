import { afterAll, describe, expect, test } from 'vitest'
import { TransportError } from '../../../src/core/errors.ts'
import { answer, broadcasts, type PackState, withChecksum } from './pack.ts'
import { Rig } from './rig.ts'

// From each fault to 0 A on the inverter's bus: how long it takes, and what is allowed. Printed as a table at the end.

interface Row {
  readonly fault: string
  readonly measuredMs: number
  readonly allowedMs: number
}

const table: Row[] = []
afterAll(() => {
  const lines = table.map(
    ({ fault, measuredMs, allowedMs }) =>
      `${fault.padEnd(58)} ${(measuredMs / 1000).toFixed(3).padStart(7)} ${(allowedMs / 1000).toFixed(1).padStart(8)}`,
  )
  console.log([`${'fault'.padEnd(58)}  to 0 A  allowed  (s)`, ...lines].join('\n'))
})

/** Answers by UDS that say the same as the broadcasts of a pack at rest. */
const UDS: Readonly<Record<string, readonly string[]>> = {
  soc: [answer(0x0005, 95, 1)],
  temperatures: [answer(0x002f, 62, 1), answer(0x0031, 63, 1)],
  cells: [answer(0x002b, 3324, 2), answer(0x002d, 3328, 2)],
  voltage: [answer(0x0008, 422, 2)],
  powers: [answer(0x000a, 506, 2), answer(0x000e, 211, 2)],
}

/** What a pack says ten times a second: broadcasts but for some, and some answers. */
function says(
  without: readonly string[] = [],
  answers: readonly string[] = [],
  change: Partial<PackState> = {},
): string[] {
  const all = broadcasts(change)
  return [
    ...Object.keys(all).flatMap(id => (without.includes(id) ? [] : [all[id]!])),
    ...answers.flatMap(name => UDS[name]!),
  ]
}

/** A gateway that lets 23.6 A flow both ways. */
function flowing(frames: readonly string[]): Rig {
  const rig = new Rig()
  rig.inverter('151#0100000000000000')
  rig.advance(7000, () => {
    rig.battery(...frames)
    rig.inverter('091#1082FFFE01020000')
  })
  expect(rig.take('inverter').findLast(({ text }) => text.startsWith('110'))!.text).toBe('110#11260EEC00EC00EC')
  return rig
}

/** When the first 110 after `from` went out whose last eight digits are these. */
function toldAt(rig: Rig, from: number, limits: RegExp): number {
  const told = rig.sent.find(({ at, text }) => at >= from && text.startsWith('110') && limits.test(text.slice(-8)))
  return told?.at ?? Number.POSITIVE_INFINITY
}

function measure(fault: string, rig: Rig, from: number, allowedMs: number, limits = /^0{8}$/): void {
  const measuredMs = toldAt(rig, from, limits) - from
  table.push({ fault, measuredMs, allowedMs })
  expect(measuredMs).toBeLessThanOrEqual(allowedMs)
}

/** Once it is told, 0 stays told. */
function staysAtZero(rig: Rig, from: number): void {
  const at = toldAt(rig, from, /^0{8}$/)
  const later = rig.sent.filter(frame => frame.at >= at && frame.text.startsWith('110'))
  expect(later.filter(({ text }) => !text.endsWith('00000000'))).toEqual([])
}

const AT_ONCE_MS = 100
const TOO_OLD_MS = 10_100

interface Silence {
  readonly value: string
  /** What the pack says before, and then no more. */
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const silences: readonly Silence[] = [
  { value: 'cell voltages (446)', before: says(), after: says(['446']) },
  { value: 'cell voltages (002B, 002D)', before: says(['446'], ['cells']), after: says(['446']) },
  { value: 'cell temperatures (447)', before: says([], ['soc']), after: says(['447'], ['soc']) },
  {
    value: 'cell temperatures (002F, 0031)',
    before: says(['447'], ['soc', 'temperatures']),
    after: says(['447'], ['soc']),
  },
  { value: 'state of charge (447)', before: says([], ['temperatures']), after: says(['447'], ['temperatures']) },
  {
    value: 'state of charge (0005)',
    before: says(['447'], ['soc', 'temperatures']),
    after: says(['447'], ['temperatures']),
  },
  { value: 'pack voltage (438, 444)', before: says(), after: says(['438', '444']) },
  { value: 'pack voltage (0008)', before: says(['438', '444'], ['voltage']), after: says(['438', '444']) },
  { value: 'allowed powers (345)', before: says(), after: says(['345']) },
  { value: 'allowed powers (000A, 000E)', before: says(['345'], ['powers']), after: says(['345']) },
  { value: 'contactor feedback (344)', before: says(), after: says(['344']) },
  { value: 'everything: the battery is silent', before: says(), after: [] },
]

describe('a value that comes no more', () => {
  test.each(silences)('$value', ({ value, before, after }) => {
    const rig = flowing(before)
    rig.advance(37)
    rig.battery(...before)
    const from = rig.at
    rig.advance(30_000, () => rig.battery(...after))
    measure(`no more ${value}`, rig, from, TOO_OLD_MS)
    expect(toldAt(rig, from, /^0{8}$/) - from).toBeGreaterThanOrEqual(10_000)
    staysAtZero(rig, from)
  })
})

describe('a wrong checksum on', () => {
  test.each(['344', '345', '438 444', '446', '447'])('%s', ids => {
    const wrong = says().map(text =>
      ids.includes(text.slice(0, 3)) ? `${text.slice(0, -2)}${text.endsWith('00') ? '01' : '00'}` : text,
    )
    const rig = flowing(says())
    rig.advance(37)
    rig.battery(...says())
    const from = rig.at
    rig.advance(30_000, () => rig.battery(...wrong))
    measure(`wrong checksum: ${ids}`, rig, from, TOO_OLD_MS)
    staysAtZero(rig, from)
  })
})

describe('a value out of its range', () => {
  const ranges: readonly (readonly [string, Partial<PackState>])[] = [
    ['cell of 999 mV', { minMv: 999 }],
    ['cell of 4501 mV', { maxMv: 4501 & 0xfff }],
    ['cell not available', { maxMv: 4095 }],
    ['temperature of 101 °C', { maxC: 101 }],
    ['state of charge of 100.1 %', { soc: 100.1 }],
    ['pack voltage of 99.9 V', { volts: 99.9 }],
    ['pack voltage of 1000.1 V', { volts: 1001 }],
    ['allowed power of 200.1 kW', { chargeW: 200_100, dischargeW: 200_100 }],
  ]
  test.each(ranges)('%s', (what, change) => {
    const rig = flowing(says())
    rig.advance(37)
    rig.battery(...says())
    const from = rig.at
    rig.advance(30_000, () => rig.battery(...says([], [], change)))
    measure(`out of range: ${what}`, rig, from, TOO_OLD_MS)
    staysAtZero(rig, from)
  })
})

describe('a value beyond its limit', () => {
  const limits: readonly (readonly [what: string, change: Partial<PackState>, frame?: RegExp])[] = [
    ['51 °C', { minC: 50, maxC: 51 }],
    ['-26 °C', { minC: -26, maxC: -25 }],
    ['temperatures 15 K apart', { minC: 20, maxC: 35 }],
    ['lowest temperature above highest', { minC: 24, maxC: 23 }],
    ['lowest cell above highest', { minMv: 3330, maxMv: 3329 }],
    ['cells 230 mV apart', { minMv: 3100, maxMv: 3330 }],
    ['cell at 3750 mV', { maxMv: 3750 }],
    ['cell at 2700 mV', { minMv: 2700 }],
    ['contactors open', { closed: false }],
    ['cell at 3650 mV: charging', { minMv: 3640, maxMv: 3650 }, /0000$/],
    ['cell at 2800 mV: discharging', { minMv: 2800, maxMv: 2810 }, /^0000/],
    ['441.1 V: charging', { volts: 441.1 }, /0000$/],
    ['379.9 V: discharging', { volts: 379.9 }, /^0000/],
    ['100 %: charging', { soc: 100 }, /0000$/],
    ['0 %: discharging', { soc: 0 }, /^0000/],
    ['battery allows 0 W: charging', { chargeW: 0 }, /0000$/],
    ['battery allows 0 W: discharging', { dischargeW: 0 }, /^0000/],
  ]
  const cases = limits.map(([what, change, frame = /^0{8}$/]) => ({ what, change, frame }))

  test.each(cases)('$what', ({ what, change, frame }) => {
    const rig = flowing(says())
    rig.advance(777, () => rig.battery(...says()))
    const from = rig.at
    rig.battery(...says([], [], change))
    rig.advance(150)
    measure(`limit: ${what}`, rig, from, AT_ONCE_MS, frame)
  })

  test('the other variant of the pack', () => {
    const rig = flowing(says())
    const from = rig.at
    rig.battery(withChecksum('43D', [34, 0xfe, 0x0c, 0xfe, 0x0c, 0xff, 0x0f]))
    measure('limit: pack is not the configured variant', rig, from, AT_ONCE_MS)
    expect(rig.reasons['unsafe']).toBe('pack is not the configured variant')
  })
})

describe('what happens to buses, to the program and to the clock', () => {
  const lost = { type: 'down', error: new TransportError('bus-off') } as const

  test('the battery bus is lost', () => {
    const rig = flowing(says())
    rig.advance(777, () => rig.battery(...says()))
    const from = rig.at
    rig.gateway.bus('battery', lost, rig.at)
    measure('battery bus lost', rig, from, AT_ONCE_MS)
    expect(rig.reasons['unsafe']).toBe('battery is not running')
    rig.gateway.bus('battery', { type: 'up' }, rig.at)
    const up = rig.at
    rig.advance(5000, () => rig.battery(...says()))
    expect(toldAt(rig, up, /^00EC00EC$/) - up).toBeGreaterThanOrEqual(2000)
  })

  test('the inverter bus is lost and comes back: the first word is 0 A', () => {
    const rig = flowing(says())
    rig.gateway.bus('inverter', lost, rig.at)
    rig.take('inverter')
    rig.advance(5000, () => rig.battery(...says()))
    expect(rig.take('inverter')).toEqual([])
    const from = rig.at
    rig.gateway.bus('inverter', { type: 'up' }, rig.at)
    measure('inverter bus lost: from its return', rig, from, AT_ONCE_MS)
    rig.advance(1900, () => rig.battery(...says()))
    staysAtZero(rig, from)
  })

  test('the inverter bus takes nothing for a while: the fall to 0 is told when it does again', () => {
    const rig = flowing(says())
    rig.blocked.add('inverter')
    rig.battery(...says([], [], { minC: 50, maxC: 51 }))
    rig.advance(3000, () => rig.battery(...says([], [], { minC: 50, maxC: 51 })))
    rig.take('inverter')
    const from = rig.at
    rig.blocked.clear()
    rig.advance(150, () => rig.battery(...says([], [], { minC: 50, maxC: 51 })))
    measure('inverter bus congested: from its first room', rig, from, AT_ONCE_MS)
  })

  test('the process was stopped for 20 s, and old frames wait for it', () => {
    const rig = flowing(says())
    rig.take('inverter')
    rig.at += 20_000
    const from = rig.at
    rig.gateway.tick(rig.at)
    for (let i = 0; i < 100; i++) rig.battery(...says())
    rig.advance(9000)
    measure('process stopped for 20 s: from its going on', rig, from, AT_ONCE_MS)
    staysAtZero(rig, from) // nothing new came: what had waited does not count
  })

  test('the process was stopped for 2 s: 0 A until fresh values have been safe for 2 s', () => {
    const rig = flowing(says())
    rig.at += 2000
    const from = rig.at
    rig.battery(...says())
    measure('process stopped for 2 s: from its going on', rig, from, AT_ONCE_MS)
    rig.advance(8000, () => rig.battery(...says()))
    expect(toldAt(rig, from, /^00EC00EC$/) - from).toBeGreaterThanOrEqual(2000)
  })

  test('the monotonic clock falls, which it must not', () => {
    const rig = flowing(says())
    rig.take('inverter')
    rig.at -= 5000
    rig.gateway.tick(rig.at)
    measure('monotonic clock falls by 5 s', rig, rig.at, AT_ONCE_MS)
  })

  test('charging is switched off, the limit set to 0', () => {
    const rig = flowing(says())
    rig.gateway.turn('charge', false, rig.at)
    measure('charging switched off', rig, rig.at, AT_ONCE_MS, /0000$/)
    rig.gateway.limit('discharge', 0, rig.at)
    measure('discharge limit set to 0 W', rig, rig.at, AT_ONCE_MS)
    expect(rig.gateway.limit('charge', 10_001, rig.at)).toBe(false)
    expect(rig.gateway.limit('charge', -1, rig.at)).toBe(false)
    expect(rig.gateway.limit('charge', 1.5, rig.at)).toBe(false)
  })

  test('the program is told to stop', () => {
    const rig = flowing(says())
    rig.take('inverter')
    const from = rig.at
    rig.gateway.stop(rig.at)
    measure('SIGTERM, SIGINT', rig, from, AT_ONCE_MS)
    expect(rig.gateway.finished(rig.at)).toBe(true)
    rig.gateway.farewell()
    expect(rig.take('inverter').map(({ text }) => text)).toEqual(['110#11260EEC00000000'])
  })

  test('another gateway is on a bus while this one listens', () => {
    for (const [side, frame, id] of [
      ['battery', '12D#A02802A00C71CF49', '12D'],
      ['battery', '7E7#0322000500000000', '7E7'],
      ['inverter', '110#11260EEC00EC00EC', '110'],
    ] as const) {
      const rig = new Rig()
      rig.advance(500)
      rig[side](frame)
      rig.advance(2000)
      expect(rig.gateway.refusal).toBe(
        `another gateway is on ${side === 'battery' ? 'can0' : 'can1'}: it sends ${id}; stop it first`,
      )
      expect(rig.sent).toEqual([])
    }
  })

  test('with a configuration that is not understood there is nothing that could send', () => {
    expect(() => new Rig({ config: 'battery { protocol byd interface can0 charge limit 1O000 }\n' })).toThrow(
      'test.conf:1',
    )
    expect(
      () => new Rig({ config: 'battery { protocol byd interface can0 }\ninverter { protocol sma interface can1 }\n' }),
    ).toThrow('unknown')
  })
})
