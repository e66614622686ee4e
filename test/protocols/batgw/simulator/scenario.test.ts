import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWattzupError } from '../../../../src/core/errors.ts'
import { BATTERIES } from '../../../../src/protocols/batgw/batteries/batteries.ts'
import { INVERTERS } from '../../../../src/protocols/batgw/inverters/inverters.ts'
import { parseScenario, readScenario } from '../../../../src/protocols/batgw/simulator/scenario.ts'
import {
  builtInScenario,
  SCENARIO_NAMES,
  scenarioText,
} from '../../../../src/protocols/batgw/simulator/scenarios/scenarios.ts'
import { Timeline } from '../../../../src/protocols/batgw/simulator/timeline.ts'

const [byd] = BATTERIES

/** What is said of a file with one event, or of a whole file. */
function said(file: unknown): string {
  try {
    const { parts } = readScenario(file, 'my.json')
    new Timeline(byd!.simulator, parts.battery)
    return 'nothing'
  } catch (error) {
    if (!isWattzupError(error)) throw error
    return error.message
  }
}

function ofEvent(event: unknown): string {
  return said({ title: 'x', battery: { events: [{ at: 1, silent: true }, event] } })
}

function ofText(text: string): string {
  try {
    parseScenario(text, 'my.json')
    return 'nothing'
  } catch (error) {
    if (!isWattzupError(error)) throw error
    return error.message
  }
}

describe('the built-in scenarios', () => {
  test('fit every kind of battery and of inverter', () => {
    for (const name of SCENARIO_NAMES) {
      const { parts } = builtInScenario(name)
      for (const { simulator } of BATTERIES) expect(() => new Timeline(simulator, parts.battery), name).not.toThrow()
      for (const { simulator } of INVERTERS) expect(() => new Timeline(simulator, parts.inverter), name).not.toThrow()
    }
  })

  test('are printed as files that mean the same', () => {
    for (const name of SCENARIO_NAMES) expect(parseScenario(scenarioText(name), name)).toEqual(builtInScenario(name))
  })
})

describe('a file that is not understood is refused with the place', () => {
  test.each([
    [[], 'my.json: expected an object, { ... }, found a list'],
    [null, 'my.json: expected an object, { ... }, found null'],
    [{}, 'my.json: title: expected a line of text, found nothing'],
    [{ title: 5 }, 'my.json: title: expected a line of text, found 5'],
    [{ title: '' }, 'my.json: title: expected a line of text, found ""'],
    [{ title: 'a\nb' }, 'my.json: title: expected a line of text, found "a\\nb"'],
    [{ title: '\u001b[2J' }, 'my.json: title: expected a line of text, found "\\u001b[2J"'],
    [{ title: 'x', batery: {} }, 'my.json: "batery" is unknown; did you mean "battery"?'],
    [{ title: 'x', sun: {} }, 'my.json: "sun" is unknown; expected title, battery, inverter'],
    [{ title: 'x', battery: 5 }, 'my.json: battery: expected an object, { ... }, found 5'],
    [{ title: 'x', battery: { stat: {} } }, 'my.json: battery: "stat" is unknown; did you mean "state"?'],
    [{ title: 'x', battery: { state: null } }, 'my.json: battery.state: expected an object, { ... }, found null'],
    [
      { title: 'x', battery: { state: { soc: true } } },
      'my.json: battery.state.soc: expected a number or a text, found true',
    ],
    [
      { title: 'x', battery: { state: { soc: 101 } } },
      'my.json: battery.state: soc: 101 does not fit; expected 0 to 100 %',
    ],
    [
      { title: 'x', battery: { state: { soc: '50' } } },
      'my.json: battery.state: soc: "50" does not fit; expected 0 to 100 %',
    ],
    [
      { title: 'x', battery: { state: { sock: 1 } } },
      'my.json: battery.state: this device has no setting "sock"; did you mean "soc"?',
    ],
    [
      { title: 'x', battery: { state: { contactors: 'shut' } } },
      'my.json: battery.state: contactors: "shut" does not fit; expected obey, stay open, stay closed',
    ],
    [{ title: 'x', battery: { events: {} } }, 'my.json: battery.events: expected a list, found an object'],
  ])('%j', (file, text) => {
    expect(said(file)).toBe(text)
  })

  test.each([
    ['silent', 'my.json: battery.events[1]: expected an object, { ... }, found "silent"'],
    [{ at: 5 }, 'my.json: battery.events[1]: expected one of set, silent, corrupt, restart, found none'],
    [
      { at: 5, restart: 1, silent: true },
      'my.json: battery.events[1]: expected one of set, silent, corrupt, restart, found silent and restart',
    ],
    [{ restart: 5 }, 'my.json: battery.events[1].at: expected seconds, 0 to 1000000000, found nothing'],
    [{ at: -1, restart: 5 }, 'my.json: battery.events[1].at: expected seconds, 0 to 1000000000, found -1'],
    [{ at: 1e10, restart: 5 }, 'my.json: battery.events[1].at: expected seconds, 0 to 1000000000, found 10000000000'],
    [{ at: Number.NaN, restart: 5 }, 'my.json: battery.events[1].at: expected seconds, 0 to 1000000000, found NaN'],
    [{ at: 5, restart: true }, 'my.json: battery.events[1].restart: expected seconds, 0 to 1000000000, found true'],
    [{ at: 5, restat: 5 }, 'my.json: battery.events[1]: "restat" is unknown; did you mean "restart"?'],
    [{ at: 5, set: { soc: 1 }, for: 3 }, 'my.json: battery.events[1].for: goes with silent and corrupt, not with set'],
    [{ at: 5, silent: true, over: 3 }, 'my.json: battery.events[1].over: goes with set, not with silent'],
    [{ at: 5, set: { soc: -1 } }, 'my.json: battery.events[1].set: soc: -1 does not fit; expected 0 to 100 %'],
    [{ at: 5, silent: false }, 'my.json: battery.events[1].silent: expected true, or a list of messages, found false'],
    [
      { at: 5, silent: ['cells', 3] },
      'my.json: battery.events[1].silent: expected true, or a list of messages, found a list',
    ],
    [
      { at: 5, corrupt: ['cell'] },
      'my.json: battery.events[1].corrupt: this device has no message "cell"; did you mean "cells"?',
    ],
  ])('%j', (event, text) => {
    expect(ofEvent(event)).toBe(text)
  })

  test('names that every object has are names like others', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const state = JSON.parse(`{ "${name}": 5 }`) as object
      expect(said({ title: 'x', battery: { state } })).toContain(`this device has no setting "${name}"; `)
      expect(ofEvent(JSON.parse(`{ "at": 1, "silent": ["${name}"] }`))).toContain(
        `this device has no message "${name}"; `,
      )
      expect(ofText(`{ "title": "x", "${name}": {} }`)).toContain(`"${name}" is unknown`)
    }
  })

  test('says line and column of what is no JSON, and of keys that stand twice', () => {
    expect(ofText('{\n  "title": "x",\n}')).toBe(
      'my.json:3:1: there is "}" where a name in double quotes should be; remove the comma before it',
    )
    expect(ofText('{ "title": "x",\n "title": "y" }')).toMatch(/^my\.json:2:2: "title" stands here a second time; /)
    expect(ofText('')).toMatch(/^my\.json:1:1: the file ends where a value should be/)
    expect(ofText('{ "title": "x", "battery": { "state": { "soc": 1e999 } } }')).toContain(
      'my.json:1:48: 1e999 is too large a number',
    )
  })

  test('is not shown whole where it is huge, and does not take the program along where it is deep', () => {
    expect(ofText('['.repeat(500_000)).length).toBeLessThan(200)
    expect(ofText(`{ "title": "${'x'.repeat(900_000)}" }`).length).toBeLessThan(200)
    expect(said({ title: 'x', [`a${'b'.repeat(900_000)}`]: 1 }).length).toBeLessThan(200)
    expect(said({ title: 'x', battery: { state: { contactors: 'x'.repeat(900_000) } } }).length).toBeLessThan(200)
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(ofEvent({ at: deep, restart: 1 })).toBe(
      'my.json: battery.events[1].at: expected seconds, 0 to 1000000000, found a list',
    )
    const events = Array.from({ length: 1001 }, (_, at) => ({ at, silent: true }))
    expect(said({ title: 'x', battery: { events } })).toBe(
      'my.json: battery.events: expected a list of at most 1000, found 1001',
    )
  })

  test('every message is one line without control characters, whatever the file holds', () => {
    const keys = fc.constantFrom(
      'title',
      'battery',
      'inverter',
      'state',
      'events',
      'at',
      'set',
      'silent',
      'restart',
      'for',
      'a\u009bb\n',
    )
    const value = fc.letrec(tie => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue(),
        fc.string(),
        fc.dictionary(keys, tie('any')),
        fc.array(tie('any')),
      ),
    })).any
    fc.assert(
      fc.property(value, file => {
        for (const content of [file, { title: 'x', battery: file }, { title: 'x', battery: { events: [file] } }]) {
          expect(said(content)).toMatch(/^\P{Cc}+$/u)
        }
      }),
    )
  })
})
