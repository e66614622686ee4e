import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ConfigResult, readConfig } from '../../../src/protocols/batgw/config/config.ts'
import { mqttSettings } from '../../../src/protocols/batgw/config/mqtt-options.ts'
import { optionValue } from '../../../src/protocols/batgw/config/option.ts'
import { parseMacroArgument } from '../../../src/protocols/batgw/config/parse.ts'
import { printConfig } from '../../../src/protocols/batgw/config/print.ts'
import { CHARGE_LIMIT, DISCHARGE_LIMIT } from '../../../src/protocols/batgw/config/side-options.ts'
import { KINDS } from './rig.ts'

interface Extra {
  readonly files?: Readonly<Record<string, string>>
  readonly macros?: Readonly<Record<string, string>>
}

function read(text: string, { files = {}, macros = {} }: Extra = {}): ConfigResult {
  const readFile = (name: string) => {
    const found = files[name]
    if (found === undefined) throw new Error('no such file')
    return { name, text: found }
  }
  return readConfig({ name: 'batgw.conf', text, read: readFile, macros: new Map(Object.entries(macros)) }, KINDS)
}

const SIDES = 'battery { protocol byd interface can0 }\ninverter { protocol byd interface can1 }\n'

function problems(text: string, extra?: Extra): readonly string[] {
  return read(text, extra).problems
}

/** The single problem of a configuration. */
function problem(text: string): string {
  const all = problems(text)
  expect(all).toHaveLength(1)
  return all[0]!
}

function good(text: string, extra?: Extra) {
  const { config, problems: found } = read(text, extra)
  expect(found).toEqual([])
  return config!
}

const battery = (options: string) =>
  `battery { protocol byd interface can0 ${options} }\ninverter { protocol byd interface can1 }\n`
const mqtt = (options: string) => `mqtt { host broker ${options} }\n${SIDES}`

describe('a configuration', () => {
  test('as in the readme of the original is understood, also where its comments are taken away', () => {
    const text = [
      '# the mqtt config is optional',
      'mqtt {',
      '\t# ipv4|ipv6',
      '\thost "mqtt.local"',
      '\tport "1883"',
      '\tuser "mqttuser" pass "secret"',
      '\tclient id "mqtt-clientid"',
      '\ttopic "battery-gateway"',
      '\tteleperiod 300',
      '\tkeep alive 30',
      '\treconnect 60',
      '}',
      '',
      'battery {',
      '\tprotocol byd',
      '\tinterface can0',
      '}',
      '',
      'inverter {',
      '\tprotocol byd',
      '\tinterface can1',
      '}',
    ].join('\n')
    expect(mqttSettings(good(text).mqtt!)).toEqual({
      host: 'mqtt.local',
      port: 1883,
      encrypted: false,
      family: undefined,
      login: { username: 'mqttuser', password: 'secret' },
      clientId: 'mqtt-clientid',
      topic: 'battery-gateway',
      teleperiodS: 300,
      keepAliveS: 30,
      reconnectS: 60,
    })
  })

  test('may lack the newline at its end, share lines, and say iface, inet6, port without quotes', () => {
    const config = good(
      'mqtt { host h port 8883 inet6 keep alive off }\nbattery { iface "can0" protocol "byd" charge limit 4000 max 6000 }\ninverter { protocol byd interface slcan:/dev/ttyACM0@500000 }',
    )
    expect(mqttSettings(config.mqtt!)).toMatchObject({ port: 8883, encrypted: false, family: 6, keepAliveS: 'off' })
    expect(optionValue(config.battery.options, CHARGE_LIMIT)).toEqual({ limitW: 4000, maxW: 6000 })
    expect(config.inverter.interface).toBe('slcan:/dev/ttyACM0@500000')
  })

  test('names the port of a broker by its service, which says whether it is encrypted', () => {
    const settings = (options: string) => mqttSettings(good(mqtt(options)).mqtt!)
    expect(settings('port "mqtt"')).toMatchObject({ port: 1883, encrypted: false })
    expect(settings('port secure-mqtt')).toMatchObject({ port: 8883, encrypted: true })
    expect(settings('ipv4')).toMatchObject({ port: 1883, family: 4 })
    expect(settings('inet')).toMatchObject({ family: 4 })
    expect(settings('ipv6')).toMatchObject({ family: 6 })
    expect(good(`mqtt { host "::1" inet6 }\n${SIDES}`).mqtt!.size).toBe(2)
  })

  test('has 10 kW both ways by default, and 0 means 0', () => {
    const { options } = good(battery('charge limit 0')).battery
    expect(optionValue(options, CHARGE_LIMIT)).toEqual({ limitW: 0, maxW: 0 })
    expect(optionValue(options, DISCHARGE_LIMIT)).toEqual({ limitW: 10_000, maxW: 10_000 })
  })

  test('continues lines, and takes both quotes and their escapes', () => {
    const config = good(
      `mqtt { host \\\n 'a b' username "q\\"x" \\\n password 'it\\'s' client id "one\ntwo" }\n${SIDES}`,
    )
    expect(mqttSettings(config.mqtt!)).toMatchObject({
      host: 'a b',
      login: { username: 'q"x', password: "it's" },
      clientId: 'onetwo',
    })
  })
})

describe('macros', () => {
  test('stand for texts, numbers and words', () => {
    const text =
      'bus = "can0"\nwatts = 4000 "max" 6000\nbattery { protocol byd interface $bus charge limit $watts }\ninverter { protocol byd interface can1 }\n'
    const { battery: side } = good(text)
    expect(side.interface).toBe('can0')
    expect(problems(text.replace('4000 "max" 6000', '"4000 max 6000"'))).toEqual([])
    expect(optionValue(side.options, CHARGE_LIMIT).maxW).toBe(6000)
  })

  test('of the command line go before those of the file', () => {
    const text = 'bus = "can0"\nbattery { protocol byd interface $bus }\ninverter { protocol byd interface can1 }\n'
    expect(good(text, { macros: { bus: 'can7' } }).battery.interface).toBe('can7')
  })

  test('as arguments of a command are cut at the last equals sign', () => {
    expect(parseMacroArgument('bus=can0')).toEqual(['bus', 'can0'])
    expect(parseMacroArgument('bus=')).toEqual(['bus', ''])
    for (const text of ['foo', 'a=b=c', '=x', 'a b=c']) expect(parseMacroArgument(text)).toBeUndefined()
  })

  test('that are not defined are named with their line', () => {
    expect(problem(`\n${battery('charge limit $watts')}`)).toMatch(
      /^batgw\.conf:2: macro 'watts' not defined; expected/,
    )
  })
})

describe('included files', () => {
  test('are read in their places, and their problems bear their names', () => {
    expect(good('include "sides.conf"\n', { files: { 'sides.conf': SIDES } }).battery.interface).toBe('can0')
    const bad = problems(`include 'more.conf'\n${SIDES}`, { files: { 'more.conf': '\nmqtt { hots x }\n' } })
    expect(bad[0]).toMatch(/^more\.conf:2: found "hots" in mqtt, expected host, .*did you mean "host"\?$/)
  })

  test('that are not there, or include themselves, are problems', () => {
    expect(problem(`include "gone.conf"\n${SIDES}`)).toBe(
      'batgw.conf:1: failed to include file gone.conf: no such file',
    )
    const circle = problems('include "a.conf"\n', { files: { 'a.conf': 'include "a.conf"\n' } })
    expect(circle[0]).toContain('a.conf:1: files include each other more than 16 deep')
  })
})

describe('every problem', () => {
  const cases: readonly (readonly [text: string, line: RegExp])[] = [
    ['', /^batgw\.conf:1: battery has not been configured; expected battery/],
    [
      'battery { interface can0 }\n',
      /^batgw\.conf:1: battery protocol is not configured; expected protocol "byd" or "mg4"/,
    ],
    [
      '\nbattery { protocol foo interface can0 }\n',
      /^batgw\.conf:2: battery protocol "foo": unknown; expected "byd" or "mg4"/,
    ],
    ['battery { protocol byd }\n', /^batgw\.conf:1: byd battery: interface not configured; expected interface/],
    [
      'battery { protocol byd interface can0 }\ninverter { protocol growatt interface can1 }\n',
      /^batgw\.conf:2: inverter protocol "growatt": unknown; expected "byd" or "pylon"/,
    ],
    [
      'battery { protocol byd interface can0 }\ninverter { protocol byd interface can0 }\n',
      /^batgw\.conf:2: battery and inverter are both on "can0"; expected two buses/,
    ],
    [battery('charge limit -5'), /^batgw\.conf:1: battery charge limit is too low; expected 0 to 10000 W/],
    [battery('charge limit 20000'), /^batgw\.conf:1: battery charge limit is too high; expected 0 to 10000 W/],
    [battery('charge limit 1 max 10001'), /battery charge limit max is too high; expected 0 to 10000 W/],
    [battery('charge limit 1 max 0'), /max limit is too low; expected 1 to 10000 W/],
    [battery('discharge limit 5000 max 4000'), /battery discharge limit above max: 5000 is more than 4000/],
    [battery('charge limit 1 charge limit 2'), /battery charge limit is already configured, at batgw\.conf:1/],
    [battery('charge limit lots'), /found "lots", expected the limit, 0 to 10000 W/],
    [battery('charge current 31'), /battery charge current is too high; expected 0 to 30, not 31/],
    [battery('charge 4000'), /found "4000", expected "limit" or "current" behind charge/],
    [battery('pack huge'), /"huge" is unknown; expected "extended" or "standard"/],
    [battery('contactors "sometimes"'), /"sometimes" is unknown; expected "always" or "managed" or "never"/],
    [battery('accept "no-cell-data"'), /battery accept has no meaning for protocol "byd"; expected protocol "mg4"/],
    [
      'battery { protocol mg4 interface can0 }\ninverter { protocol byd interface can1 }\n',
      /^batgw\.conf:1: mg4 battery: .* expected accept "no-cell-data"/,
    ],
    [
      'battery { protocol mg4 accept "no-cell-data" contactors never interface can0 }\ninverter { protocol byd interface can1 }\n',
      /battery contactors has no meaning for protocol "mg4"/,
    ],
    [
      'battery { protocol byd interface can0 }\ninverter { protocol pylon dialect low-voltage interface can1 }\n',
      /cannot say 441\.0 V, which this pack can have; expected voltage resolution "0\.1"/,
    ],
    [
      'battery { protocol byd interface can0 }\ninverter { protocol pylon voltage resolution 0.1 interface can1 }\n',
      /inverter voltage resolution has no meaning in this dialect/,
    ],
    [
      'battery { protocol byd interface can0 }\ninverter { protocol byd dialect vendor interface can1 }\n',
      /inverter dialect has no meaning for protocol "byd"; expected protocol "pylon"/,
    ],
    [`mqtt { port 1883 }\n${SIDES}`, /^batgw\.conf:1: mqtt host not specified; expected host/],
    [mqtt('username x'), /mqtt username and password not configured together; expected "password"/],
    [mqtt('topic "a b"'), /mqtt topic: invalid character; expected a topic of 1 to 64 letters, digits, _ - \//],
    [mqtt('topic ""'), /mqtt topic: too short/],
    [mqtt(`topic ${'x'.repeat(65)}`), /mqtt topic: too long/],
    [mqtt('port 70000'), /mqtt port: "70000" is none; expected a port, 1 to 65535/],
    [mqtt('port amqp'), /mqtt port: "amqp" is none; expected a port, 1 to 65535, "mqtt" or "secure-mqtt"/],
    [mqtt('port mqtt'), /"mqtt" is a keyword where a port, .* should be; put it in quotes/],
    [
      `mqtt { host 192.0.2.1 inet6 }\n${SIDES}`,
      /mqtt host "192\.0\.2\.1" is no address of inet6; expected another host/,
    ],
    [`mqtt { host "2001:db8::1" ipv4 }\n${SIDES}`, /mqtt host "2001:db8::1" is no address of ipv4/],
    [mqtt('teleperiod 3'), /mqtt teleperiod is too short; expected 4 to 3600, not 3/],
    [mqtt('teleperiod 3601'), /mqtt teleperiod is too long/],
    [mqtt('keep alive 0'), /mqtt keep alive is too low; expected 1 to 65535, not 0/],
    [mqtt('keep alive 65536'), /mqtt keep alive is too high/],
    [mqtt('reconnect 1'), /mqtt reconnect is too short/],
    [mqtt('reconnect 301'), /mqtt reconnect is too long/],
    [mqtt('ipv4 ipv6'), /mqtt ipv4 is already configured/],
    [mqtt('client x'), /found "x", expected "id" behind client/],
    [mqtt('client id topic'), /"topic" is a keyword where a client id should be; put it in quotes/],
    [
      `${SIDES}battery { protocol byd interface can2 }\n`,
      /^batgw\.conf:3: battery is already configured, at batgw\.conf:1/,
    ],
    [
      `${SIDES}solar { }\n`,
      /^batgw\.conf:3: found "\{", expected mqtt, battery, inverter or include before it, or "=" behind the name of a macro/,
    ],
    [`${SIDES}}\n`, /^batgw\.conf:3: found "\}", expected mqtt, battery, inverter, include, or a macro/],
    [`${SIDES}mqtt { host x\n`, /^batgw\.conf:4: found the end of the file, expected "\}" at the end of mqtt/],
    [`${SIDES}mqtt { host "x }\n`, /^batgw\.conf:3: reached end of file while parsing quoted string/],
    [
      'battery { protocol byd interface can0 } inverter { protocol byd interface can1 }\n',
      /^batgw\.conf:1: found "inverter", expected a new line/,
    ],
  ]

  test.each(cases)('of %j is told with file, line and what was expected', (text, line) => {
    const { config, problems: found } = read(text)
    expect(config).toBeUndefined()
    expect(found.filter(each => line.test(each))).toHaveLength(1)
  })

  test('is told, not only the first', () => {
    const text =
      'mqtt {\n\thost\n\tteleperiod 1\n\tcolour red\n}\nbattery {\n\tprotocol byd\n\tinterface can0\n\tpack huge\n}\n'
    expect(problems(text).map(line => line.split(':')[1])).toEqual(['2', '3', '4', '9', '1', '11'])
  })

  test('of random text is a line, and never an exception', () => {
    const word = fc.constantFrom(
      'battery',
      'inverter',
      'mqtt',
      '{',
      '}',
      '=',
      '"',
      "'",
      '$x',
      '\n',
      '\\',
      '#',
      'limit',
      'charge',
      '-1',
      'include',
      'x',
      'protocol',
      'byd',
      'interface',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), words => {
        for (const line of problems(words.join(' '))) expect(line).toMatch(/^batgw\.conf:\d+: .+$/)
      }),
    )
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void problems(text)))
  })
})

/** Any configuration that can be written, as text. */
const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
const some = (arbitrary: fc.Arbitrary<string>) => fc.option(arbitrary, { nil: '' })
const anyText = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab 1"\'\\#{}=$,\t') })
const power = (name: string) =>
  fc.tuple(fc.nat(10_000), fc.option(fc.nat(10_000))).map(([a, b]) => {
    if (b === null || Math.max(a, b) === 0) return `${name} limit ${a}`
    return `${name} limit ${Math.min(a, b)} max ${Math.max(a, b)}`
  })
const anyMqtt = fc
  .tuple(
    some(fc.nat({ max: 65_534 }).map(port => `port ${port + 1}`)),
    some(fc.constantFrom('ipv4', 'ipv6', 'inet', 'inet6')),
    some(fc.tuple(anyText, anyText).map(([user, pass]) => `user ${quoted(user)} pass ${quoted(pass)}`)),
    some(anyText.map(id => `client id ${quoted(id)}`)),
    some(fc.constantFrom('topic a/b_c-d')),
    some(fc.integer({ min: 4, max: 3600 }).map(n => `teleperiod ${n}`)),
    some(fc.constantFrom('keep alive off', 'keep alive 1', 'keep alive 65535')),
    some(fc.integer({ min: 2, max: 300 }).map(n => `reconnect ${n}`)),
  )
  .map(options => `mqtt { host h ${options.join(' ')} }\n`)
const anyBattery = fc
  .tuple(
    some(power('charge')),
    some(power('discharge')),
    some(fc.nat(30).map(n => `charge current ${n}`)),
    some(fc.constantFrom('pack standard', 'pack extended')),
    some(fc.constantFrom('contactors always', 'contactors managed', 'contactors never')),
  )
  .map(options => `battery { protocol byd interface can0 ${options.join(' ')} }\n`)
const anyInverter = fc.constantFrom(
  'inverter { protocol byd interface can1 }\n',
  'inverter { protocol byd soc override interface can1 }\n',
  'inverter { protocol pylon interface can1 dialect legacy address 1 manufacturer "Deye" invert current }\n',
  'inverter { protocol pylon interface can1 byte order big current offset "off" }\n',
)
const anyConfig = fc.tuple(some(anyMqtt), anyBattery, anyInverter).map(parts => parts.join(''))

describe('printing', () => {
  test('has the form of the original', () => {
    expect(printConfig(good(SIDES), KINDS, { defaults: false, secrets: false })).toBe(
      'battery {\n\tprotocol "byd"\n\tinterface "can0"\n}\n\ninverter {\n\tprotocol "byd"\n\tinterface "can1"\n}\n',
    )
  })

  test('with defaults says what holds', () => {
    const text = printConfig(good(`mqtt { host h }\n${SIDES}`), KINDS, { defaults: true, secrets: false })
    for (const line of [
      'charge limit 10000 max 10000',
      'pack "extended"',
      'contactors "always"',
      'teleperiod 300',
      'port "1883"',
    ]) {
      expect(text).toContain(`\t${line}\n`)
    }
    expect(text).not.toContain('accept')
  })

  test('covers the password', () => {
    const config = good(mqtt('user me pass "hunter2"'))
    expect(printConfig(config, KINDS, { defaults: true, secrets: false })).not.toContain('hunter2')
  })

  test.each([false, true])('gives what reads back to the same, with defaults: %s', defaults => {
    fc.assert(
      fc.property(anyConfig, text => {
        const printed = printConfig(good(text), KINDS, { defaults, secrets: true })
        expect(printConfig(good(printed), KINDS, { defaults, secrets: true })).toBe(printed)
        const values = (from: string) => {
          const { mqtt: options, battery: one, inverter: other } = good(from)
          return [options, one.options, other.options].map(given =>
            [...(given ?? [])].map(([name, { value }]) => [name, value]),
          )
        }
        if (!defaults)
          expect(new Set(values(printed).flat().map(String))).toEqual(new Set(values(text).flat().map(String)))
      }),
    )
  })
})
