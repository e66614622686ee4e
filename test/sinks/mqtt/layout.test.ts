import { describe, expect, test } from 'vitest'
import type { Values } from '../../../src/core/values.ts'
import { Devices } from '../../../src/sinks/mqtt/devices.ts'
import { StateLayout, ValuesLayout } from '../../../src/sinks/mqtt/layout.ts'
import { isTopic, matches } from '../../../src/sinks/mqtt/topics.ts'
import { field, reading, VOLTAGE } from './setup.ts'

const delivery = { qos: 0, retain: true } as const

/** The messages of the last of some readings of one device. */
function messages(layout: StateLayout | ValuesLayout, ...all: readonly Values[]) {
  const devices = new Devices()
  const fields = [VOLTAGE, field('cells', { array: true })]
  const last = all
    .map(values => reading(values, fields))
    .map(each => {
      devices.of(each)!.take(each, '')
      return each
    })
  const each = last.at(-1)!
  return layout.messages(each, devices.of(each)!.view(''))
}

describe('the state of a device', () => {
  test('is one JSON object with the newest of all values', () => {
    const layout = new StateLayout('home/solar', delivery)
    const [message] = messages(layout, { voltage: 52.9, status: 'ok' }, { voltage: 53.2 })
    expect([{ ...message }]).toEqual([
      {
        topic: 'home/solar/demo_a_1/state',
        payload: '{"ts":"2026-03-01T10:00:00.000Z","voltage":53.2,"status":"ok"}',
        qos: 0,
        retain: true,
      },
    ])
  })

  test('has only what JSON has: null for what is not available, a text for a long integer', () => {
    const layout = new StateLayout('wattzup', delivery)
    const values = { voltage: null, nan: Number.NaN, inf: Number.POSITIVE_INFINITY, big: 2n ** 63n, yes: true }
    const { payload } = messages(layout, values)[0]!
    expect(payload).toBe(
      '{"ts":"2026-03-01T10:00:00.000Z","voltage":null,"nan":null,"inf":null,"big":"9223372036854775808","yes":true}',
    )
  })

  test('keeps the length of lists that were longer once', () => {
    const { payload } = messages(new StateLayout('wattzup', delivery), { cells: [1, 2, 3] }, { cells: [4] })[0]!
    expect(JSON.parse(payload).cells).toEqual([4, null, null])
  })
})

test('a state that had to wait has all that was declared since', () => {
  const layout = new StateLayout('wattzup', delivery)
  const devices = new Devices()
  const first = reading({ voltage: 1 }, [VOLTAGE, field('later')])
  const device = devices.of(first)!
  device.take(first, '')
  const [message] = layout.messages(first, device.view(''))
  device.take({ ...first, values: { voltage: 2, later: 3 } }, '')
  expect(message!.payload).toBe('{"ts":"2026-03-01T10:00:00.000Z","voltage":1,"later":null}')
})

describe('single values', () => {
  test('have a topic each: only those of the reading, lists and objects in levels', () => {
    const layout = new ValuesLayout('wattzup', delivery)
    const values = { cells: [3.3, null], 'a/b': 1, 'c+#': 'text', pack: { soc: 50 }, big: 2n ** 63n, nan: Number.NaN }
    expect(messages(layout, { voltage: 1 }, values).map(({ topic, payload }) => [topic, payload])).toEqual([
      ['wattzup/demo_a_1/value/cells/1', '3.3'],
      ['wattzup/demo_a_1/value/cells/2', 'null'],
      ['wattzup/demo_a_1/value/a/b', '1'],
      ['wattzup/demo_a_1/value/c__', 'text'],
      ['wattzup/demo_a_1/value/pack/soc', '50'],
      ['wattzup/demo_a_1/value/big', '9223372036854775808'],
      ['wattzup/demo_a_1/value/nan', 'null'],
    ])
  })
})

describe('devices', () => {
  const idOf = (devices: Devices, device: string) => devices.of(reading({}, [], device))?.id

  test('are called by family and serial number, in letters that every topic may have', () => {
    const devices = new Devices()
    expect(['4434380123', '192.168.1.40', 'Ä/+#', ''].map(device => idOf(devices, device))).toEqual([
      'demo_4434380123',
      'demo_192_168_1_40',
      'demo',
      expect.stringMatching(/^demo_[0-9a-f]{8}$/),
    ])
  })

  test('never share a name, and keep theirs', () => {
    const devices = new Devices()
    const ids = ['a.1', 'a-1', 'A 1', 'a.1'].map(device => idOf(devices, device))
    expect(new Set(ids).size).toBe(3)
    expect(ids[3]).toBe(ids[0])
    expect(ids[1]).toMatch(/^demo_a_1_[0-9a-f]{8}$/)
  })

  test('are so many at most, and the readings of others are counted', () => {
    const devices = new Devices()
    for (let n = 0; n < 1005; n++) idOf(devices, `x${n}`)
    expect(devices.all).toHaveLength(1000)
    expect(idOf(devices, 'x0')).toBe('demo_x0')
    expect(devices.problems()).toEqual(['readings dropped because there are more than 1000 devices: 5'])
  })
})

describe('topics', () => {
  test.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['+/b', 'a/b', true],
    ['a/#', 'a/b/c', true],
    ['a/#', 'a', true],
    ['a/+/c', 'a/b', false],
    ['a', 'a/b', false],
  ])('%s takes %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected)
  })

  test('have no wildcards', () => {
    expect(['a/b', 'ü', ' ', 'a//b'].filter(text => !isTopic(text))).toEqual([])
    expect(['', 'a/#', '+', 'a\u0000'].filter(isTopic)).toEqual([])
  })
})
