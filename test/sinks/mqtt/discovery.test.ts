import { describe, expect, test } from 'vitest'
import type { DeviceInfo } from '../../../src/core/device-info.ts'
import type { Reading } from '../../../src/core/reading.ts'
import { Devices } from '../../../src/sinks/mqtt/devices.ts'
import { type DiscoveryOptions, discoveryMessages } from '../../../src/sinks/mqtt/home-assistant/discovery.ts'
import { StateLayout } from '../../../src/sinks/mqtt/layout.ts'
import { KEPT, type MqttMessage } from '../../../src/sinks/mqtt/message.ts'
import type { Settable } from '../../../src/sinks/mqtt/settable.ts'
import { lxpReadings, myenergiReadings, pylontechReadings } from './recorded.ts'
import { field, reading, VOLTAGE } from './setup.ts'

/** The triples of device class, units and state classes that Home Assistant takes: the table in docs/mqtt.md. */
const ACCEPTED: Readonly<Record<string, readonly [units: readonly string[], states: readonly string[]]>> = {
  voltage: [['V', 'mV', 'µV', 'kV', 'MV'], ['measurement']],
  current: [['A', 'mA'], ['measurement']],
  power: [['mW', 'W', 'kW', 'MW', 'GW', 'TW', 'BTU/h'], ['measurement']],
  apparent_power: [['VA'], ['measurement']],
  reactive_power: [['var'], ['measurement']],
  power_factor: [['%', ''], ['measurement']],
  energy: [
    ['J', 'kJ', 'MJ', 'GJ', 'mWh', 'Wh', 'kWh', 'MWh'],
    ['total', 'total_increasing'],
  ],
  energy_storage: [['J', 'kJ', 'MJ', 'GJ', 'mWh', 'Wh', 'kWh', 'MWh'], ['measurement']],
  battery: [['%'], ['measurement']],
  temperature: [['°C', '°F', 'K'], ['measurement']],
  frequency: [['Hz', 'kHz', 'MHz', 'GHz'], ['measurement']],
  duration: [
    ['d', 'h', 'min', 's', 'ms'],
    ['measurement', 'total', 'total_increasing'],
  ],
  irradiance: [['W/m²'], ['measurement']],
  humidity: [['%'], ['measurement']],
  signal_strength: [['dB', 'dBm'], ['measurement']],
}

interface Component {
  readonly platform: string
  readonly unique_id: string
  readonly default_entity_id: string
  readonly name: string | null
  readonly state_topic?: string
  readonly value_template: string
  readonly device_class?: string
  readonly state_class?: string
  readonly unit_of_measurement?: string
  readonly options?: readonly string[]
  readonly [key: string]: unknown
}

interface Announced {
  readonly topic: string
  readonly device: { readonly identifiers: readonly string[]; readonly name: string }
  readonly origin: unknown
  readonly availability: unknown
  readonly state_topic: string
  readonly components: Readonly<Record<string, Component>>
}

const DEVICE: DiscoveryOptions = { prefix: 'homeassistant', style: 'device', version: '1.0.0', guesses: false }
const TREE = { root: 'wattzup', intervalMs: 120_000, settable: new Map<string, Settable>() }

/** All that is said of the devices of some readings, and all their states; the first one of each topic. */
function announce(readings: readonly Reading[], more: Partial<DiscoveryOptions> = {}, group?: (r: Reading) => string) {
  const devices = new Devices()
  const layout = new StateLayout('wattzup', KEPT)
  const states: MqttMessage[] = []
  for (const each of readings) {
    const device = devices.of(each)!
    device.take(each, group?.(each) ?? '')
    states.push(...layout.messages(each, device.view(group?.(each) ?? '')))
  }
  const messages = devices.all.flatMap(device =>
    discoveryMessages(device, { name: `Inverter ${device.name}` }, { ...DEVICE, ...more }, TREE),
  )
  return { messages, states, devices }
}

function announced(messages: readonly MqttMessage[]): Announced[] {
  return messages.map(({ topic, payload }) => ({ topic, ...(JSON.parse(payload) as Omit<Announced, 'topic'>) }))
}

/** The components of one reading of an invented device. */
function components(
  each: Reading,
  info: DeviceInfo = { name: 'Demo' },
  tree = TREE,
): Readonly<Record<string, Component>> {
  const devices = new Devices()
  const device = devices.of(each)!
  device.take(each, '')
  return announced(discoveryMessages(device, info, DEVICE, tree))[0]!.components
}

/** What a template of ours refers to, evaluated: the keys behind `value_json`. */
function lookUp(template: string, state: unknown): unknown {
  const path = /value_json((?:\.\w+|\['(?:[^'\\]|\\.)*'\]|\[\d+\])+)/.exec(template)![1]!
  const steps = [...path.matchAll(/\.(\w+)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]/g)]
  return steps.reduce((at: unknown, [, name, quoted, index]) => {
    const step = index === undefined ? (name ?? quoted!.replaceAll(/\\(.)/g, '$1')) : Number(index)
    return (at as Record<string | number, unknown>)[step]
  }, state)
}

const sources = {
  lxp: await lxpReadings(),
  pylontech: await pylontechReadings(),
  myenergi: await myenergiReadings(),
}

describe.each(Object.entries(sources))('what is said of recorded %s devices', (family, readings) => {
  const { messages, states } = announce(readings)
  const devices = announced(messages)
  const all = devices.flatMap(({ state_topic, components: each }) =>
    Object.values(each).map(component => ({ state_topic, ...component })),
  )

  test('is something', () => {
    expect(all.length).toBeGreaterThan(5)
  })

  test('goes to topics that Home Assistant looks at, kept, with QoS 1', () => {
    for (const { topic, qos, retain } of messages) {
      expect(topic).toMatch(/^homeassistant\/(\w+)\/(?:([a-zA-Z0-9_-]+)\/)?([a-zA-Z0-9_-]+)\/config$/)
      expect({ qos, retain }).toEqual({ qos: 1, retain: true })
    }
  })

  test('has a device, an origin and components with IDs that nothing else has', () => {
    for (const each of devices) {
      expect(each.device.identifiers).toHaveLength(1)
      expect(each.origin).toEqual({ name: 'wattzup', sw_version: '1.0.0' })
      const id = each.topic.split('/')[2]
      expect(each.availability).toEqual([{ topic: 'wattzup/status' }, { topic: `wattzup/${id}/availability` }])
    }
    for (const { platform, unique_id, default_entity_id } of all) {
      expect(['sensor', 'binary_sensor']).toContain(platform)
      expect(unique_id).toMatch(new RegExp(`^wattzup_${family}_\\w+$`))
      expect(default_entity_id).toMatch(new RegExp(`^${platform}\\.[a-z0-9_]+$`))
    }
    expect(new Set(all.map(({ unique_id }) => unique_id)).size).toBe(all.length)
    expect(new Set(all.map(({ default_entity_id }) => default_entity_id)).size).toBe(all.length)
  })

  test('has only classes, units and states that go together', () => {
    for (const { platform, device_class, unit_of_measurement: unit, state_class, options, unique_id } of all) {
      expect(unit, unique_id).not.toBe('')
      if (device_class === 'enum') {
        expect([unit, state_class], unique_id).toEqual([undefined, undefined])
        expect(options!.at(-1), unique_id).toBe('unknown')
        continue
      }
      expect(options, unique_id).toBe(undefined)
      if (state_class !== undefined)
        expect(['measurement', 'total', 'total_increasing'], unique_id).toContain(state_class)
      if (platform === 'binary_sensor' || device_class === undefined) continue
      const [units, states_] = ACCEPTED[device_class]!
      expect(units, unique_id).toContain(unit ?? '')
      if (state_class !== undefined) expect(states_, unique_id).toContain(state_class)
    }
  })

  test('finds each of its values in every state that follows', () => {
    const last = new Map(states.map(({ topic, payload }) => [topic, JSON.parse(payload) as object]))
    for (const { value_template, state_topic } of all) {
      const value = lookUp(value_template, last.get(state_topic))
      expect(value, value_template).not.toBe(undefined)
    }
  })

  test('does not repeat the device in the names', () => {
    for (const { device, components: each } of devices) {
      for (const { name } of Object.values(each)) expect((name ?? '').startsWith(device.name)).toBe(false)
    }
  })

  test('has no object_id but in the old style', () => {
    expect(messages.some(({ payload }) => payload.includes('object_id'))).toBe(false)
    const old = announce(readings, { style: 'legacy' }).messages
    expect(old).toHaveLength(all.length)
    for (const { topic, payload } of old) {
      const { unique_id, object_id, device, origin } = JSON.parse(payload)
      expect(topic).toMatch(new RegExp(`^homeassistant/(binary_)?sensor/${unique_id}/config$`))
      expect(object_id).toMatch(/^[a-z0-9_]+$/)
      expect([device, origin]).not.toContain(undefined)
    }
  })

  test('are states of clean numbers: no NaN, no more decimals than the field has', () => {
    for (const { payload } of states) {
      expect(payload).not.toMatch(/NaN|Infinity|\d\.\d{7}/)
      expect(JSON.parse(payload)).toBeTypeOf('object')
    }
  })
})

test('every state holds what all discovery before it declares, from the first one on', () => {
  const devices = new Devices()
  const layout = new StateLayout('wattzup', KEPT)
  for (const each of sources.lxp) {
    const device = devices.of(each)!
    device.take(each, '')
    const [state] = layout.messages(each, device.view(''))
    const said = announced(discoveryMessages(device, { name: 'X' }, DEVICE, TREE))
    for (const { value_template } of said.flatMap(({ components: declared }) => Object.values(declared))) {
      expect(lookUp(value_template, JSON.parse(state!.payload)), value_template).not.toBe(undefined)
    }
  }
})

test('an EG4 inverter is announced as the documentation shows it', () => {
  const fields = [
    field('soc', { label: 'Battery state of charge', unit: '%', kind: 'battery' }),
    field('battery_voltage', { label: 'Battery voltage', unit: 'V', kind: 'voltage', decimals: 1 }),
    field('pv_energy_today', {
      ...{ label: 'PV energy today', unit: 'kWh', kind: 'energy', state: 'total_increasing', decimals: 1 },
    }),
    field('inverter_status', { label: 'Inverter status', type: 'enum', names: ['standby', 'fault'] }),
    field('fault', { label: 'Fault', type: 'boolean', kind: 'problem', category: 'diagnostic' }),
  ]
  const values = { soc: 87, battery_voltage: 53.2, pv_energy_today: 3.4, inverter_status: 'standby', fault: false }
  const devices = new Devices()
  const each = { ...reading(values, fields, '4434380123'), family: 'lxp' }
  const device = devices.of(each)!
  device.take(each, '')
  const info = {
    ...{ name: 'EG4 6000XP', manufacturer: 'EG4 Electronics', model: '6000XP', serial: '4434380123' },
    ...{ swVersion: 'CCAA-1B0F', configurationUrl: 'http://192.168.1.50', viaDevice: 'BJ 1' },
  }
  const [message] = discoveryMessages(device, info, DEVICE, TREE)
  expect(message!.topic).toBe('homeassistant/device/lxp_4434380123/config')
  expect(JSON.parse(message!.payload)).toEqual({
    device: {
      identifiers: ['wattzup_lxp_4434380123'],
      name: 'EG4 6000XP',
      manufacturer: 'EG4 Electronics',
      model: '6000XP',
      serial_number: '4434380123',
      sw_version: 'CCAA-1B0F',
      configuration_url: 'http://192.168.1.50',
      via_device: 'wattzup_lxp_bj_1',
    },
    origin: { name: 'wattzup', sw_version: '1.0.0' },
    availability: [{ topic: 'wattzup/status' }, { topic: 'wattzup/lxp_4434380123/availability' }],
    availability_mode: 'all',
    state_topic: 'wattzup/lxp_4434380123/state',
    components: {
      soc: {
        platform: 'sensor',
        unique_id: 'wattzup_lxp_4434380123_soc',
        default_entity_id: 'sensor.lxp_4434380123_soc',
        name: 'Battery state of charge',
        device_class: 'battery',
        state_class: 'measurement',
        unit_of_measurement: '%',
        suggested_display_precision: 0,
        expire_after: 360,
        value_template: '{{ value_json.soc }}',
      },
      battery_voltage: {
        platform: 'sensor',
        unique_id: 'wattzup_lxp_4434380123_battery_voltage',
        default_entity_id: 'sensor.lxp_4434380123_battery_voltage',
        name: 'Battery voltage',
        device_class: 'voltage',
        state_class: 'measurement',
        unit_of_measurement: 'V',
        suggested_display_precision: 1,
        expire_after: 360,
        value_template: '{{ value_json.battery_voltage }}',
      },
      pv_energy_today: {
        platform: 'sensor',
        unique_id: 'wattzup_lxp_4434380123_pv_energy_today',
        default_entity_id: 'sensor.lxp_4434380123_pv_energy_today',
        name: 'PV energy today',
        device_class: 'energy',
        state_class: 'total_increasing',
        unit_of_measurement: 'kWh',
        suggested_display_precision: 1,
        value_template: '{{ value_json.pv_energy_today }}',
      },
      inverter_status: {
        platform: 'sensor',
        unique_id: 'wattzup_lxp_4434380123_inverter_status',
        default_entity_id: 'sensor.lxp_4434380123_inverter_status',
        name: 'Inverter status',
        device_class: 'enum',
        options: ['standby', 'fault', 'unknown'],
        value_template: "{{ value_json.inverter_status if value_json.inverter_status is string else 'unknown' }}",
      },
      fault: {
        platform: 'binary_sensor',
        unique_id: 'wattzup_lxp_4434380123_fault',
        default_entity_id: 'binary_sensor.lxp_4434380123_fault',
        name: 'Fault',
        device_class: 'problem',
        entity_category: 'diagnostic',
        value_template: "{{ None if value_json.fault is none else 'ON' if value_json.fault else 'OFF' }}",
      },
    },
  })
})

describe('an entity', () => {
  test.each([
    ['volts', { unit: 'V', kind: 'voltage' }, { device_class: 'voltage', state_class: 'measurement' }],
    ['energy', { unit: 'kWh', kind: 'energy' }, { device_class: 'energy', state_class: 'total_increasing' }],
    [
      'energy that is stored',
      { unit: 'kWh', kind: 'energy_storage' },
      { device_class: 'energy_storage', state_class: 'measurement' },
    ],
    [
      'energy that only measures',
      { unit: 'Wh', kind: 'energy', state: 'measurement' },
      { device_class: 'energy_storage', state_class: 'measurement' },
    ],
    ['a share', { unit: '%' }, { device_class: undefined, state_class: 'measurement' }],
    ['a capacity', { unit: 'Ah' }, { device_class: undefined, state_class: 'measurement' }],
    ['a plain number', {}, { device_class: undefined, state_class: undefined }],
    ['a counter', { state: 'total_increasing' }, { device_class: undefined, state_class: 'total_increasing' }],
    ['a power factor', { kind: 'power_factor' }, { device_class: 'power_factor', state_class: 'measurement' }],
    [
      'a runtime',
      { unit: 's', kind: 'duration', state: 'total_increasing' },
      { device_class: 'duration', state_class: 'total_increasing' },
    ],
    ['a kind with a unit it cannot have', { unit: 'kΩ', kind: 'voltage' }, { device_class: undefined }],
    ['a kind that sensors do not have', { unit: 'KiB', kind: 'data_size' }, { device_class: undefined }],
    [
      'a state that its class cannot have',
      { unit: 'W', kind: 'power', state: 'total' },
      { state_class: 'measurement' },
    ],
    [
      'a setting',
      { unit: 'V', kind: 'voltage', category: 'config' },
      { state_class: undefined, entity_category: 'diagnostic', enabled_by_default: false, expire_after: undefined },
    ],
    ['a text', { type: 'text' }, { device_class: undefined, value_template: '{{ value_json.x }}' }],
    ['flags', { type: 'flags' }, { value_template: "{{ ((value_json.x or []) | join(', ') or 'none')[:255] }}" }],
  ] as const)('of %s is told by its field', (_name, more, expected) => {
    const { x } = components(reading({ x: 1 }, [field('x', more)]))
    for (const [key, value] of Object.entries(expected)) expect(x![key], key).toEqual(value)
  })

  test('is made of every element of a list, and of every field of an object', () => {
    const fields = [
      field('cell_voltages', { label: 'Cell voltages', unit: 'V', kind: 'voltage', decimals: 3, array: true }),
      field('packs', {
        ...{ label: 'packs', type: 'object', array: true },
        fields: [VOLTAGE, field('temps', { label: 'Temperatures', unit: '°C', kind: 'temperature', array: true })],
      }),
    ]
    const values = { cell_voltages: [3.3, 3.4], packs: [{ voltage: 50, temps: [20] }] }
    const made = components(reading(values, fields))
    expect(Object.entries(made).map(([key, { name, value_template }]) => [key, name, value_template])).toEqual([
      ['cell_voltage_01', 'Cell voltage 01', '{{ value_json.cell_voltages[0] }}'],
      ['cell_voltage_02', 'Cell voltage 02', '{{ value_json.cell_voltages[1] }}'],
      ['pack_01_voltage', 'Pack 01 Voltage', '{{ value_json.packs[0].voltage }}'],
      ['pack_01_temp_01', 'Pack 01 Temperature 01', '{{ value_json.packs[0].temps[0] }}'],
    ])
    expect(made['cell_voltage_01']!['suggested_display_precision']).toBe(3)
  })

  test('finds values whose names Jinja would misread', () => {
    const names = ['items', 'soc(%)', '0x36/v9', "it's", 'back\\slash', 'ok']
    const made = components(
      reading(
        Object.fromEntries(names.map(name => [name, 1])),
        names.map(name => field(name)),
      ),
    )
    expect(Object.values(made).map(({ value_template }) => value_template)).toEqual([
      "{{ value_json['items'] }}",
      "{{ value_json['soc(%)'] }}",
      "{{ value_json['0x36/v9'] }}",
      "{{ value_json['it\\'s'] }}",
      "{{ value_json['back\\\\slash'] }}",
      '{{ value_json.ok }}',
    ])
    expect(Object.keys(made)).toEqual(['items', 'soc___', '0x36_v9', 'it_s', 'back_slash', 'ok'])
  })

  test('keeps its own key where two names come to the same', () => {
    expect(Object.keys(components(reading({ 'a b': 1, a_b: 2 }, [field('a b'), field('a_b')])))).toEqual([
      'a_b',
      'a_b_2',
    ])
  })

  test('of a guess is there only when asked for', () => {
    const each = reading({ a: 1, b: 2 }, [field('a', { confidence: 'guess' }), field('b')])
    const { devices } = announce([each])
    const of = (guesses: boolean) =>
      announced(discoveryMessages(devices.all[0]!, { name: 'X' }, { ...DEVICE, guesses }, TREE))[0]!.components
    expect(Object.keys(of(false))).toEqual(['b'])
    expect(Object.keys(of(true))).toEqual(['a', 'b'])
  })

  test('does not have the name of its device before its own', () => {
    const made = components(
      reading({ a: 1, b: 2 }, [field('a', { label: 'Demo power' }), field('b', { label: 'demo' })]),
    )
    expect(Object.values(made).map(({ name }) => name)).toEqual(['power', null])
  })

  test('of a number without unit is no number for Home Assistant, which would group the digits of a serial', () => {
    expect(components(reading({ serial: 10203045 }, [field('serial')]))['serial']).not.toHaveProperty(
      'suggested_display_precision',
    )
  })

  test('of a floating-point number has no precision that would cut it', () => {
    const made = components(reading({ f: 3.25, i: 3 }, [field('f', { unit: 'V' }), field('i', { unit: 'V' })]))
    expect(made['f']).not.toHaveProperty('suggested_display_precision')
    expect(made['i']!['suggested_display_precision']).toBe(0)
  })

  test('of an unsafe address of the device is not made: Home Assistant would refuse the device', () => {
    const { devices } = announce([reading({ voltage: 1 })])
    const info = { name: 'X', configurationUrl: 'javascript:alert(1)' }
    const [message] = discoveryMessages(devices.all[0]!, info, DEVICE, TREE)
    expect(message!.payload).not.toContain('configuration_url')
  })
})

describe('a setting that may be changed', () => {
  const fields = [
    field('limit', { label: 'AC charge SOC limit', unit: '%', category: 'config' }),
    field('on', { type: 'boolean', category: 'config' }),
    field('mode', { type: 'enum', category: 'config', names: ['a', 'b', 'c'] }),
    field('window', { type: 'text', category: 'config' }),
    field('reading', { unit: '%' }),
  ]
  const settable = new Map<string, Settable>([
    ['limit', { platform: 'number', min: 10, max: 100, step: 1 }],
    ['on', { platform: 'switch' }],
    ['mode', { platform: 'select', options: ['a', 'b'] }],
    ['window', { platform: 'text', maxLength: 5, pattern: '\\d\\d:\\d\\d' }],
    ['reading', { platform: 'number', min: 0, max: 1, step: 1 }],
  ])
  const values = { limit: 90, on: true, mode: 'a', window: '01:00', reading: 5 }
  const made = components(reading(values, fields), { name: 'Demo' }, { ...TREE, settable })

  test('is a number, as the documentation shows it', () => {
    expect(made['limit']).toEqual({
      platform: 'number',
      unique_id: 'wattzup_demo_a_1_limit',
      default_entity_id: 'number.demo_a_1_limit',
      name: 'AC charge SOC limit',
      value_template: '{{ value_json.limit }}',
      command_topic: 'wattzup/demo_a_1/cmd/limit/set',
      min: 10,
      max: 100,
      step: 1,
      mode: 'box',
      unit_of_measurement: '%',
      entity_category: 'config',
    })
  })

  test('is a switch, a choice or a text', () => {
    expect(made['on']).toMatchObject({ platform: 'switch', payload_on: 'ON', payload_off: 'OFF' })
    expect(made['mode']).toMatchObject({ platform: 'select', options: ['a', 'b'] })
    expect(made['window']).toMatchObject({ platform: 'text', max: 5, pattern: '\\d\\d:\\d\\d' })
  })

  test('is a setting: what is only measured is not, whatever the list says', () => {
    expect(made['reading']).toMatchObject({ platform: 'sensor' })
  })
})

describe('groups', () => {
  test('have states of their own, and names that do not meet', () => {
    const readings = [
      { ...reading({ voltage: 1 }), message: 'analog' },
      { ...reading({ voltage: 2 }), message: 'alarm' },
    ]
    const { messages, states } = announce(readings, {}, each => each.message)
    expect(states.map(({ topic }) => topic)).toEqual(['wattzup/demo_a_1/analog/state', 'wattzup/demo_a_1/alarm/state'])
    const [{ state_topic: usual, components: made }] = announced(messages) as [Announced]
    expect(Object.entries(made).map(([key, { state_topic = usual }]) => [key, state_topic])).toEqual([
      ['analog_voltage', 'wattzup/demo_a_1/analog/state'],
      ['alarm_voltage', 'wattzup/demo_a_1/alarm/state'],
    ])
  })
})
