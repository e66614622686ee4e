import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlausibleSink } from '../../src/plausible-sink.ts'
import type { Protocol } from '../../src/protocols/protocol.ts'
import { field, ListSink, reading } from '../readings.ts'

const energy = field('energy', { unit: 'kWh', decimals: 1, state: 'total_increasing' })
const power = field('power', { unit: 'W', state: 'measurement' })

/** Says of values above 1000 that they cannot be. */
const protocol = {
  implausible: (_: string, values: Record<string, unknown>) =>
    Object.keys(values).filter(name => name === 'power' && Number(values[name]) > 1000),
} as Partial<Protocol> as Protocol

function published(...counts: readonly number[]): { values: unknown[]; problems: readonly string[] } {
  const sink = new ListSink()
  const plausible = new PlausibleSink(protocol, sink)
  for (const count of counts) plausible.write(reading({ energy: count }, { fields: [energy] }))
  return { values: sink.values.map(values => values['energy']), problems: plausible.problems() }
}

describe('a counter', () => {
  test('that falls once is held back, and counted', () => {
    expect(published(100, 0, 101)).toEqual({
      values: [100, undefined, 101],
      problems: ['held back, counters that fell: 1 energy; --no-filter shows them'],
    })
  })

  test('that stays low is believed with the next value', () => {
    expect(published(100, 0, 0.1, 0.2).values).toEqual([100, undefined, 0.1, 0.2])
    expect(published(100, 3, 3, 4).values).toEqual([100, undefined, 3, 4])
  })

  test('that falls further needs another confirmation', () => {
    expect(published(100, 50, 20, 20).values).toEqual([100, undefined, undefined, 20])
  })

  test('that came back is not confirmed by a fall long ago', () => {
    expect(published(100, 50, 101, 50, 51).values).toEqual([100, undefined, 101, undefined, 51])
  })

  test('never shows a single fall, wherever it is', () => {
    const rising = fc.array(fc.nat(1000), { minLength: 3, maxLength: 30 }).map(list => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(rising, fc.nat(), (values, place) => {
        const at = 1 + (place % (values.length - 1))
        const glitched = [...values.slice(0, at), -1, ...values.slice(at)]
        expect(published(...glitched).values).toEqual([...values.slice(0, at), undefined, ...values.slice(at)])
      }),
    )
  })

  test('of one device says nothing about that of another', () => {
    const sink = new ListSink()
    const plausible = new PlausibleSink(protocol, sink)
    plausible.write(reading({ energy: 100 }, { fields: [energy] }))
    plausible.write(reading({ energy: 5 }, { fields: [energy], device: 'd2' }))
    expect(sink.values).toEqual([{ energy: 100 }, { energy: 5 }])
  })
})

describe('a value that cannot be', () => {
  test('is left out, its neighbours are not, and it is counted', () => {
    const sink = new ListSink()
    const plausible = new PlausibleSink(protocol, sink)
    plausible.write(reading({ power: 2000, energy: 1 }, { fields: [power, energy] }))
    plausible.write(reading({ power: 200, energy: 2 }, { fields: [power, energy] }))
    expect(sink.values).toEqual([{ energy: 1 }, { power: 200, energy: 2 }])
    expect(plausible.problems()).toEqual(['held back, implausible: 1 power; --no-filter shows them'])
  })

  test('leaves the rest of a measurement that falls alone', () => {
    const sink = new ListSink()
    const plausible = new PlausibleSink(protocol, sink)
    for (const value of [5, 3, 4]) plausible.write(reading({ power: value }, { fields: [power] }))
    expect(sink.values).toEqual([{ power: 5 }, { power: 3 }, { power: 4 }])
  })
})
