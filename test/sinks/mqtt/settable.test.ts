import { describe, expect, test } from 'vitest'
import { parseCommand, type Settable } from '../../../src/sinks/mqtt/settable.ts'

const percent: Settable = { platform: 'number', min: 10, max: 100, step: 5 }
const volts: Settable = { platform: 'number', min: 40, max: 60, step: 0.1 }
const choice: Settable = { platform: 'select', options: ['a', 'b'] }
const time: Settable = { platform: 'text', maxLength: 5, pattern: '\\d\\d:\\d\\d' }

describe('a command', () => {
  test.each([
    [percent, '10', 10],
    [percent, '100', 100],
    [percent, '55.0', 55],
    [volts, '53.3', 53.3],
    [volts, '53.300000001', 53.300000001],
    [{ platform: 'switch' }, 'ON', true],
    [{ platform: 'switch' }, 'OFF', false],
    [choice, 'b', 'b'],
    [time, '23:59', '23:59'],
  ] as const)('for %o may be %s', (settable, payload, value) => {
    expect(parseCommand(settable, payload)).toEqual({ value })
  })

  test.each([
    [percent, '9'],
    [percent, '101'],
    [percent, '12'],
    [percent, ''],
    [percent, ' 50'],
    [percent, '0x32'],
    [percent, '5e1'],
    [percent, 'NaN'],
    [percent, '-50'],
    [percent, '50;reboot'],
    [volts, '53.35'],
    [{ platform: 'switch' }, 'on'],
    [{ platform: 'switch' }, '1'],
    [choice, 'c'],
    [choice, ''],
    [time, '1:00'],
    [time, '23:590'],
    [time, 'x23:59'],
  ] as const)('for %o must not be %s', (settable, payload) => {
    expect(parseCommand(settable, payload)).toEqual({ error: expect.stringMatching(/^it must/) })
  })
})
