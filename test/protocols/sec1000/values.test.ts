import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/core/reading.ts'
import type { Message } from '../../../src/protocols/protocol.ts'
import { annotated } from '../../../src/protocols/sec1000/annotate.ts'
import { Sec1000Framer } from '../../../src/protocols/sec1000/framer.ts'
import { doubts, isBlank } from '../../../src/protocols/sec1000/plausible.ts'
import { Publisher } from '../../../src/protocols/sec1000/publisher.ts'
import { sec1000 } from '../../../src/protocols/sec1000/sec1000.ts'
import { ORIGINAL_RULE, ZeroCache } from '../../../src/protocols/sec1000/zero-cache.ts'
import { ReadingStream } from '../../../src/reading-stream.ts'
import { ListSink } from '../../readings.ts'
import { AFTERNOON, decoded, LIMIT_REPLY, powerReply, withInverters } from './replies.ts'
import { SEC1000 } from './structs.ts'

const protocol = sec1000(SEC1000)
const ELEVEN = 'v1 v2 v3 i1 i2 i3 p1 p2 p3 meters_power inverters_power'.split(' ')

/** What the pipeline makes of replies. */
async function readingsOf(...replies: readonly Uint8Array[]): Promise<Reading[]> {
  const sink = new ListSink()
  const stream = new ReadingStream(protocol, sink, { guesses: false })
  for (const [i, data] of replies.entries()) await stream.push({ data, at: 1000 * (i + 1), origin: 'it' })
  return sink.readings
}

const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff })

test('values are those that a second decoder finds, whatever the numbers are', async () => {
  const words = fc.array(fc.oneof(int32, fc.constantFrom(0, -1, 1, 481, -351)), { minLength: 11, maxLength: 11 })
  await fc.assert(
    fc.asyncProperty(words, async eleven => {
      const bytes = powerReply(eleven)
      const [reading] = await readingsOf(bytes)
      const values = Object.fromEntries(ELEVEN.map(name => [name, reading!.values[name]]))
      expect(values).toEqual(decoded(bytes))
      expect(Object.values(reading!.values).some(value => Object.is(value, -0))).toBe(false)
    }),
  )
})

test('the eleven keys come first and in the order of the original, then import and export', async () => {
  const [reading] = await readingsOf(powerReply(AFTERNOON))
  expect(Object.keys(reading!.values)).toEqual([...ELEVEN, 'grid_import_kw', 'grid_export_kw'])
})

test.each([
  [2611, 0, 2.611],
  [-17_241, 17.241, 0],
  [0, 0, 0],
])('a meter at %i W is an import of %d kW and an export of %d kW', async (watts, bought, sold) => {
  const [reading] = await readingsOf(powerReply(AFTERNOON.with(9, watts)))
  expect(reading!.values).toMatchObject({ grid_import_kw: bought, grid_export_kw: sold })
})

describe('what is published', () => {
  const publish = async (options: Partial<ConstructorParameters<typeof Publisher>[0]>, ...watts: readonly number[]) => {
    const publisher = new Publisher({ derived: false, compat: false, ...options })
    return (await readingsOf(...watts.map(withInverters))).map(reading => publisher.publish(reading))
  }
  const caching = () => ({ cache: new ZeroCache(ORIGINAL_RULE) })

  test('tells what the controller said beside what is believed', async () => {
    const [first, second] = await publish({ ...caching(), derived: true }, 4873, 0)
    const extra = ['grid_import_kw', 'grid_export_kw', 'inverters_power_raw', 'substituted', 'load_power']
    expect(Object.keys(first!.values)).toEqual([...ELEVEN, ...extra])
    expect(first!.values).toMatchObject({ inverters_power: 4.873, inverters_power_raw: 4.873, substituted: false })
    expect(second!.values).toMatchObject({ inverters_power: 4.873, inverters_power_raw: 0, substituted: true })
    expect(second!.values['load_power']).toBe(2.262) // 4.873 - 2.611, what is believed less the export
  })

  test('is what the controller said where nothing is remembered', async () => {
    const [, second] = await publish({}, 4873, 0)
    expect(second!.values).toMatchObject({ inverters_power: 0, inverters_power_raw: 0, substituted: false })
    expect(second!.values).not.toHaveProperty('load_power')
  })

  test('is the original eleven where that is wanted', async () => {
    const [, second] = await publish({ ...caching(), compat: true, derived: true }, 4873, 0)
    expect(Object.keys(second!.values)).toEqual(ELEVEN)
    expect(second!.values['inverters_power']).toBe(4.873)
    expect(second!.fields.map(({ name }) => name)).toEqual(ELEVEN)
  })

  test('is described, value by value', async () => {
    const [reading] = await publish(caching(), 4873)
    expect(reading!.fields.map(({ name }) => name)).toEqual(Object.keys(reading!.values))
    const kinds = Object.fromEntries(reading!.fields.map(({ name, unit, type }) => [name, `${type} ${unit}`]))
    expect(kinds).toMatchObject({ v1: 'number V', grid_import_kw: 'number kW', substituted: 'boolean ' })
  })

  test('of other messages is all of them', async () => {
    const [limit] = await readingsOf(LIMIT_REPLY)
    expect(new Publisher({ ...caching(), derived: true, compat: true }).publish(limit!)).toBe(limit)
  })
})

describe('doubts', () => {
  const of = (words: readonly number[]) => doubts(decoded(powerReply(words))).map(({ reason }) => reason)

  test.each<[string, readonly number[], readonly string[]]>([
    ['an afternoon', AFTERNOON.with(9, 2610), []],
    ['a meter 5 W off', AFTERNOON.with(9, 2615), []],
    ['a meter 6 W off', AFTERNOON.with(9, 2616), ['sum']],
    ['300 V', AFTERNOON.with(0, 3000), []],
    ['300.1 V', AFTERNOON.with(0, 3001), ['voltage']],
    ['a phase without voltage', AFTERNOON.with(2, 0), []],
    ['a voltage below 0', AFTERNOON.with(2, -1), ['voltage']],
    ['2000 A', AFTERNOON.with(4, 200_000), []],
    ['more than 2000 A', AFTERNOON.with(4, 200_001), ['current']],
    ['less than -2000 A', AFTERNOON.with(4, -200_001), ['current']],
    ['inverters without power', AFTERNOON.with(9, 2610).with(10, 0), []],
    [
      'the extremes of 32 bits',
      [0x7fffffff, -0x80000000, -1, 1, 10, 100, 999, -999, 12345, -0x80000000, 0x7fffffff],
      ['voltage', 'sum'],
    ],
  ])('%s', (_, words, reasons) => {
    expect(of(words)).toEqual(reasons)
  })

  test('name what is strange', () => {
    const values = decoded(powerReply(AFTERNOON.with(1, 4000).with(9, 3111)))
    expect(doubts(values).map(({ text }) => text)).toEqual([
      'no voltage of a phase: v2 400',
      'the phases add up to 2.61 kW, the meter shows 3.111 kW',
    ])
  })

  test('blank is only what is 0 throughout', () => {
    const zeros = new Array(11).fill(0)
    expect(isBlank(decoded(powerReply(zeros)))).toBe(true)
    for (let i = 0; i < 11; i++) expect(isBlank(decoded(powerReply(zeros.with(i, 1))))).toBe(false)
  })
})

describe('the parts of a reply', () => {
  const partsOf = (bytes: Uint8Array) => {
    const messages: Message[] = []
    new Sec1000Framer(() => {}).push(
      { data: bytes, at: 0, origin: 'it' },
      message => messages.push(message),
      () => {},
    )
    return annotated(messages[0]!, protocol)
  }

  test('are all its bytes, in order', () => {
    const bytes = powerReply(AFTERNOON)
    const parts = partsOf(bytes)
    expect(parts.map(part => part.bytes).join('')).toBe(bytes.toString('hex'))
    expect(parts.map(({ at }) => at)).toEqual([0, 5, 7, ...ELEVEN.map((_, i) => 10 + 4 * i), 54])
    expect(parts.find(({ name }) => name === 'p2')).toMatchObject({
      bytes: 'fffffd42',
      raw: '-702',
      value: '-0.702 kW',
    })
    expect(parts.at(-1)).toMatchObject({ name: 'checksum', note: 'right' })
  })

  test('say what is wrong with them', () => {
    const bytes = powerReply(AFTERNOON)
    bytes[0] = 5
    bytes[55]! ^= 1
    const parts = partsOf(bytes)
    const sum = bytes.readUInt16BE(54) ^ 1
    expect(parts[0]!.note).toBe('wrong')
    expect(parts.at(-1)!.note).toBe(`wrong: computed ${sum.toString(16).padStart(4, '0')}`)
  })

  test('of a limit begin behind the command, too', () => {
    const mode = partsOf(LIMIT_REPLY).find(({ name }) => name === 'export_limit_kw')
    expect(mode).toMatchObject({ at: 19, bytes: '00001d4c', raw: '7500', value: '7.5 kW' })
  })
})
