import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readScenario } from '../../../../src/protocols/batgw/simulator/scenario.ts'
import type { SettingValue } from '../../../../src/protocols/batgw/simulator/setting.ts'
import { Timeline } from '../../../../src/protocols/batgw/simulator/timeline.ts'

const ROLE = {
  settings: {
    level: { type: 'number', help: '', unit: 'V', low: -1000, high: 1000, initial: 10 },
    free: { type: 'number', help: '', unit: 'V', low: 0, high: 1000 },
    mode: { type: 'choice', help: '', choices: ['calm', 'wild'], initial: 'calm' },
  },
  messages: ['first', 'second'],
} as const

function timeline(part: object, own: Record<string, SettingValue> = {}): Timeline {
  return new Timeline(ROLE, readScenario({ title: 'x', battery: part }, 'x.json').parts.battery, own)
}

function levels(line: Timeline, ...times: number[]): (number | undefined)[] {
  return times.map(at => line.number('level', at))
}

describe('a setting over time', () => {
  test('has its initial value, that of the scenario before it, and that of the user before both', () => {
    expect(levels(timeline({}), 0, 1e9)).toEqual([10, 10])
    expect(levels(timeline({ state: { level: 20 } }), 0, 1e9)).toEqual([20, 20])
    expect(levels(timeline({ state: { level: 20 } }, { level: 30 }), 0, 1e9)).toEqual([30, 30])
    expect(timeline({}).number('free', 5)).toBeUndefined()
  })

  test('jumps where no time is given, and goes steadily where one is', () => {
    const line = timeline({
      events: [
        { at: 10, set: { level: 20 } },
        { at: 20, over: 10, set: { level: -20 } },
      ],
    })
    expect(levels(line, 9.999, 10, 20, 22.5, 25, 30, 100)).toEqual([10, 20, 20, 10, 0, -20, -20])
  })

  test('changes words at once, however long that is said to take', () => {
    const line = timeline({ events: [{ at: 10, over: 10, set: { mode: 'wild' } }] })
    expect([9.9, 10, 15].map(at => line.text('mode', at))).toEqual(['calm', 'wild', 'wild'])
  })

  test('leaves a change that is under way where another one begins', () => {
    const line = timeline({
      events: [
        { at: 15, over: 10, set: { level: 0 } },
        { at: 10, over: 10, set: { level: 30 } }, // the order of the file does not matter
      ],
    })
    expect(levels(line, 10, 15, 20, 25, 26)).toEqual([10, 20, 10, 0, 0])
  })

  test('takes the later one of two changes at one moment', () => {
    const line = timeline({
      events: [
        { at: 10, set: { level: 30 } },
        { at: 10, over: 10, set: { level: 50 } },
      ],
    })
    expect(levels(line, 10, 15, 20)).toEqual([30, 40, 50])
  })

  test('cannot go steadily from nothing', () => {
    const events = [{ at: 10, over: 10, set: { free: 5 } }]
    expect(() => timeline({ events })).toThrow(
      'x.json: battery: free changes at 10 s from nothing; give it a value in state',
    )
    expect(timeline({ state: { free: 3 }, events }).number('free', 15)).toBe(4)
    expect(timeline({ events }, { free: 3 }).number('free', 15)).toBe(4)
  })

  test('is at any time between the values that are set', () => {
    const value = fc.double({ min: -1000, max: 1000, noNaN: true })
    const event = fc.record({
      at: fc.double({ min: 0, max: 100, noNaN: true }),
      over: fc.constantFrom(0, 0.1, 7, 1e9),
      level: value,
    })
    const times = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), times, (events, at) => {
        const line = timeline({ events: events.map(({ level, ...rest }) => ({ ...rest, set: { level } })) })
        const all = [10, ...events.map(({ level }) => level)]
        for (const found of levels(line, ...at)) {
          expect(found).toBeGreaterThanOrEqual(Math.min(...all))
          expect(found).toBeLessThanOrEqual(Math.max(...all))
        }
      }),
    )
  })
})

describe('what happens to messages and to the device', () => {
  test('holds for the messages that are named, from its moment on, for its time', () => {
    const line = timeline({
      events: [
        { at: 10, silent: ['first'], for: 5 },
        { at: 12, silent: true, for: 1 },
        { at: 20, corrupt: ['second'] },
      ],
    })
    const silent = [9.99, 10, 12, 12.99, 13, 14.99, 15]
    expect(silent.map(at => line.isSilent('first', at))).toEqual([false, true, true, true, true, true, false])
    expect(silent.map(at => line.isSilent('second', at))).toEqual([false, false, true, true, false, false, false])
    expect([19, 20, 1e9].map(at => line.isCorrupt('second', at))).toEqual([false, true, true])
    expect(line.isCorrupt('first', 1e9)).toBe(false)
  })

  test('is off while it restarts, and on since the end of that', () => {
    const line = timeline({
      events: [
        { at: 40, restart: 10 },
        { at: 20, restart: 5 },
      ],
    })
    expect([0, 19.9, 20, 24.9, 25, 39, 40, 50, 99].map(at => line.onSince(at))).toEqual([
      ...[0, 0, undefined, undefined, 25, 25, undefined, 50, 50],
    ])
  })

  test('stays off for the longest where restarts overlap', () => {
    const line = timeline({
      events: [
        { at: 10, restart: 30 },
        { at: 20, restart: 5 },
      ],
    })
    expect([19, 22, 30, 40].map(at => line.onSince(at))).toEqual([undefined, undefined, undefined, 40])
  })

  test('may begin switched off, and stay so for as good as ever', () => {
    const line = timeline({ events: [{ at: 0, restart: 1e9 }] })
    expect([0, 1e8].map(at => line.onSince(at))).toEqual([undefined, undefined])
  })
})
