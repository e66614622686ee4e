import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rangeText, sparkline } from '../../../../src/protocols/pylontech/view/curve.ts'
import { ASCII, UNICODE } from '../../../../src/protocols/pylontech/view/glyphs.ts'
import { History, type Sample } from '../../../../src/protocols/pylontech/view/history.ts'

const sample = (power: number | null): Sample => {
  return { power, current: null, voltage: null, SOC: null, spread: null, temperature: null }
}
const START = Date.UTC(2026, 2, 1, 10)
const curve = (history: History, now: number, change: Partial<Parameters<History['curve']>[1]> = {}) =>
  history.curve('2', { metric: 'power', window: 0, now, columns: 60, holdMs: 0, ...change })

describe('the history', () => {
  test('has in each column the mean of its time', () => {
    const history = new History()
    // 5 min in 60 columns are 5 s a column
    for (const [seconds, power] of [
      [0, 10],
      [1, 20],
      [4, 30],
      [5, 7],
    ] as const) {
      // biome-ignore format: pairs
      history.add('2', START + seconds * 1000, sample(power))
    }
    expect(curve(history, START + 9000).slice(-2)).toEqual([20, 7])
    expect(
      curve(history, START + 9000)
        .slice(0, -2)
        .every(value => value === null),
    ).toBe(true)
  })

  test('leaves gaps blank, and bridges what is shorter than a sample holds', () => {
    const history = new History()
    for (const seconds of [0, 10, 60]) history.add('2', START + seconds * 1000, sample(seconds))
    const shown = (holdMs: number) => curve(history, START + 64_000, { holdMs }).slice(-13)
    expect(shown(0)).toEqual([0, null, 10, null, null, null, null, null, null, null, null, null, 60])
    expect(shown(15_000)).toEqual([0, 0, 10, 10, 10, 10, null, null, null, null, null, null, 60])
  })

  test('has three windows, and in a long one the means of a short one', () => {
    const history = new History()
    for (let minute = 0; minute < 60; minute++) history.add('2', START + minute * 60_000, sample(minute))
    const hour = curve(history, START + 59 * 60_000, { window: 1, columns: 10 }) // 6 min a column
    expect(hour).toEqual([2.5, 8.5, 14.5, 20.5, 26.5, 32.5, 38.5, 44.5, 50.5, 56.5])
    const minutes = curve(history, START + 59 * 60_000, { columns: 5 }) // 1 min a column
    expect(minutes).toEqual([55, 56, 57, 58, 59])
  })

  test('keeps its shape while it moves', () => {
    const history = new History()
    for (let second = 0; second < 400; second++) history.add('2', START + second * 1000, sample((second * 7919) % 101))
    const before = curve(history, START + 395_000 - 1)
    const after = curve(history, START + 395_000) // one column further
    expect(after.slice(0, -1)).toEqual(before.slice(1))
  })

  test('never has more columns than there is room for, whatever the numbers', () => {
    const request = fc.record({
      columns: fc.integer({ min: 0, max: 400 }),
      window: fc.integer({ min: 0, max: 2 }),
      now: fc.integer({ min: 0, max: 4e12 }),
      holdMs: fc.integer({ min: 0, max: 1e6 }),
    })
    const samples = fc.array(fc.tuple(fc.integer({ min: -1e12, max: 4e12 }), fc.double()), { maxLength: 50 })
    fc.assert(
      fc.property(samples, request, (own, wanted) => {
        const history = new History()
        for (const [at, value] of own) history.add('2', at, sample(value))
        const values = curve(history, wanted.now, wanted)
        expect(values.length).toBeLessThanOrEqual(wanted.columns)
        expect([...sparkline(values, ASCII)]).toHaveLength(values.length)
      }),
    )
  })

  test('does not grow with time, nor with names that are made up', () => {
    const history = new History()
    for (let day = 0; day < 400; day++) history.add('2', START + day * 86_400_000, sample(day))
    for (let i = 0; i < 1000; i++) history.add(`x${i}`, START, sample(i))
    expect(Object.keys(history.save().series).length).toBeLessThanOrEqual(128)
    expect(JSON.stringify(history.save()).length).toBeLessThan(500_000)
  })

  test('goes on after a restart, and takes no nonsense', () => {
    const history = new History()
    for (let second = 0; second < 300; second++) history.add('2', START + second * 1000, sample(second))
    const loaded = new History()
    loaded.load(JSON.parse(JSON.stringify(history.save())))
    const now = START + 299_000
    expect(curve(loaded, now)).toEqual(curve(history, now))
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const other = new History()
        other.load(value)
        other.load({ slots: 300, series: value })
        other.load({ slots: 300, series: { 2: value } })
        other.load({ slots: 300, series: { 2: [value, [value], [[value, value]]] } })
        expect(curve(other, now).length).toBeLessThanOrEqual(60)
      }),
    )
  })

  test('survives a clock that is set back', () => {
    const history = new History()
    history.add('2', START + 3_600_000, sample(1))
    history.add('2', START, sample(2))
    expect(curve(history, START).at(-1)).toBe(2)
  })
})

describe('a sparkline', () => {
  test('goes from the lowest to the highest block, blank where nothing is known', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], UNICODE)).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline([-10, null, 10], UNICODE)).toBe('▁ █')
    expect(sparkline([5, 5, 5], UNICODE)).toBe('▄▄▄')
    expect(sparkline([null, null], UNICODE)).toBe('  ')
    expect(sparkline([0, 7], ASCII)).toMatch(/^[\x21-\x7e]{2}$/)
  })

  test('has its range behind it, with the unit', () => {
    expect(rangeText([-386.3, 120.9, null], 'power', ASCII)).toBe('-386..120W')
    expect(rangeText([49.5], 'voltage', ASCII)).toBe('49.50V')
    expect(rangeText([21.25, 22], 'temperature', UNICODE)).toBe('21.3..22.0°C')
    expect(rangeText([null], 'SOC', ASCII)).toBe('')
  })
})
