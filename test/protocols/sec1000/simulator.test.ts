import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { doubts } from '../../../src/protocols/sec1000/plausible.ts'
import { LIMIT, POWER } from '../../../src/protocols/sec1000/sec1000.ts'
import { SimulatedController } from '../../../src/protocols/sec1000/simulator/controller.ts'
import { PlantDay } from '../../../src/protocols/sec1000/simulator/day.ts'
import type { ControllerFault, FaultRates } from '../../../src/protocols/sec1000/simulator/faults.ts'
import { RequestReader } from '../../../src/protocols/sec1000/simulator/request-reader.ts'
import { cutAt } from '../../framing/capture-bytes.ts'
import { decoded, statusReply } from './replies.ts'

const MIDNIGHT = Date.UTC(2026, 5, 1)
const HOUR = 3_600_000
const ASK_POWER = POWER.request.subarray(2, -2)
const ASK_LIMIT = LIMIT.request.subarray(2, -2)

function controller(faults: FaultRates = new Map(), { seed = 1, start = MIDNIGHT } = {}): SimulatedController {
  return new SimulatedController({ seed, start, faults })
}

const only = (fault: ControllerFault) => new Map([[fault, 1]])

/** All bytes of the answer. */
function bytesOf(one: SimulatedController, at: number, content = ASK_POWER): Buffer {
  return Buffer.concat(one.answer(content, at).parts.map(({ bytes }) => bytes))
}

describe('a day', () => {
  const one = controller()
  const times = Array.from({ length: 24 * 120 }, (_, i) => MIDNIGHT + i * 30_000)
  const replies = times.map(at => ({ at, bytes: bytesOf(one, at), state: one.state }))

  test('is told in replies that say what the house is like', () => {
    for (const { bytes, state } of replies) {
      expect(Object.values(decoded(bytes))).toEqual([
        ...state.voltages.map(value => value / 10),
        ...state.currents.map(value => value / 100),
        ...state.powers.map(value => value / 1000),
        state.meter / 1000,
        state.inverters / 1000,
      ])
    }
  })

  test('is plausible at every moment', () => {
    expect(replies.flatMap(({ bytes }) => doubts(decoded(bytes)))).toEqual([])
  })

  test('has sun, clouds, a night, import, export up to the limit and a car that is charged', () => {
    const watts = replies.map(({ state }) => state.inverters)
    const meters = replies.map(({ state }) => state.meter)
    expect(Math.max(...watts)).toBeGreaterThan(8000)
    expect(watts[0]).toBe(0)
    expect(Math.max(...meters)).toBeGreaterThan(3000)
    expect(Math.max(...meters)).toBeLessThanOrEqual(10_001)
    expect(Math.min(...meters)).toBeLessThan(-9000)
  })

  test('is the same for the same seed and another for another one', () => {
    const noon = MIDNIGHT + 12 * HOUR
    const at = (seed: number) => bytesOf(controller(new Map(), { seed, start: noon }), noon + 60_000).toString('hex')
    expect(at(7)).toBe(at(7))
    expect(at(7)).not.toBe(at(8))
  })

  test('does not depend on how often it is looked at', () => {
    const [often, once] = [new PlantDay(1, MIDNIGHT, 10_000), new PlantDay(1, MIDNIGHT, 10_000)]
    for (let at = MIDNIGHT; at < MIDNIGHT + 6 * HOUR; at += 7000) often.at(at)
    expect(often.at(MIDNIGHT + 6 * HOUR)).toEqual(once.at(MIDNIGHT + 6 * HOUR))
  })

  test('may be any time from now, or one that is over', () => {
    const plant = new PlantDay(1, MIDNIGHT, 10_000)
    expect(plant.at(MIDNIGHT + 3650 * 24 * HOUR)).toEqual(plant.at(MIDNIGHT))
  })
})

test('the power of the inverters is refreshed every 30 s, that of the grid sooner', () => {
  const one = controller(new Map(), { start: MIDNIGHT + 10 * HOUR })
  const states = Array.from({ length: 12 }, (_, i) => {
    one.answer(ASK_POWER, MIDNIGHT + 10 * HOUR + i * 10_000)
    return one.state
  })
  const changes = states.flatMap(({ inverters }, i) => (i > 0 && inverters !== states[i - 1]!.inverters ? [i] : []))
  expect(changes).toEqual([3, 6, 9])
  expect(new Set(states.map(({ meter }) => meter)).size).toBeGreaterThan(8)
})

test('the limit is told, and what would change something is refused', () => {
  const one = controller()
  const limit = bytesOf(one, MIDNIGHT, ASK_LIMIT)
  expect([limit[10], limit.readInt32BE(11), limit.readInt32BE(19)]).toEqual([3, 20_000, 10_000])
  const off = bytesOf(one, MIDNIGHT, Uint8Array.of(1, 1, 0x40, 2))
  expect([...off.subarray(7, 11)]).toEqual([1, 1, 0x40, 0x15])
  expect(one.answer(Uint8Array.of(2, 1, 0x0b), MIDNIGHT)).toEqual({ parts: [], end: 'open' })
})

test('requests that come too soon are counted, and may be the end of it', () => {
  const patient = controller()
  const ends = controller(only('hang'))
  for (const [i, after] of [0, 5000, 9999, 14_999, 15_000].entries()) {
    patient.answer(ASK_POWER, MIDNIGHT + after)
    const { parts } = ends.answer(ASK_POWER, MIDNIGHT + after)
    expect(parts).toHaveLength(i < 2 ? 1 : 0)
  }
  expect([patient.requests, patient.hasty]).toEqual([5, 2])
  expect(ends.answer(ASK_POWER, MIDNIGHT + 24 * HOUR).parts).toEqual([])
})

describe('a fault', () => {
  const noon = MIDNIGHT + 12 * HOUR
  const right = bytesOf(controller(new Map(), { start: noon }), noon)
  const spoiled = (fault: ControllerFault, seed = 1) => {
    const one = controller(only(fault), { start: noon, seed })
    return { ...one.answer(ASK_POWER, noon), made: one.made }
  }
  const sumOf = (bytes: Buffer) => bytes.subarray(7, -2).reduce((sum, byte) => sum + byte, 0) & 0xffff

  test('is counted, and leaves the house as it is', () => {
    const { made } = spoiled('split')
    expect(made).toEqual(new Map([['split', 1]]))
    expect(Buffer.concat(spoiled('split').parts.map(({ bytes }) => bytes))).toEqual(right)
    expect(spoiled('slow').parts).toEqual([{ waitMs: 3000, bytes: new Uint8Array(right) }])
    expect(spoiled('trickle').parts.map(({ waitMs }) => waitMs)).toEqual(new Array(56).fill(1000))
  })

  test('glitch: no power of the inverters, and all else as it was', () => {
    const [reply, wanted] = [spoiled('glitch').parts[0]!.bytes, decoded(right)]
    expect(decoded(reply)).toEqual({ ...wanted, inverters_power: 0 })
  })

  test.each<[ControllerFault, (bytes: Buffer, sound: Buffer) => boolean]>([
    ['status', bytes => bytes.equals(statusReply(6)) || bytes.equals(statusReply(0x15))],
    ['blank', bytes => Object.values(decoded(bytes)).every(value => value === 0) && sumOf(bytes) === 13],
    ['strange', bytes => doubts(decoded(bytes)).length > 0 && sumOf(bytes) === bytes.readUInt16BE(54)],
    ['checksum', (bytes, sound) => bytes.subarray(0, 10).equals(sound.subarray(0, 10)) && !bytes.equals(sound)],
    ['prefix', (bytes, sound) => bytes.subarray(5).equals(sound.subarray(5)) && !bytes.equals(sound)],
    ['length', bytes => bytes.readUInt16BE(5) !== 49],
    ['command', bytes => bytes[9] === 0x43 && bytes.length === 25],
    ['cut', (bytes, sound) => bytes.length < 56 && sound.subarray(0, bytes.length).equals(bytes)],
    ['junk', (bytes, sound) => bytes.subarray(0, 56).equals(sound) && bytes.length > 56],
  ])('%s is what it is said to be', (fault, holds) => {
    for (let seed = 0; seed < 20; seed++) {
      const sound = bytesOf(controller(new Map(), { start: noon, seed }), noon)
      expect(holds(Buffer.concat(spoiled(fault, seed).parts.map(({ bytes }) => bytes)), sound)).toBe(true)
    }
  })

  test.each<[ControllerFault, string]>([
    ['cut', 'close'],
    ['closed', 'close'],
    ['reset', 'reset'],
    ['silent', 'open'],
  ])('%s: then the connection is: %s', (fault, end) => {
    expect(spoiled(fault).end).toBe(end)
    if (fault !== 'cut') expect(spoiled(fault).parts).toEqual([])
  })

  test('happens as often as was wanted, one at most for a reply', () => {
    const rates = new Map<ControllerFault, number>([
      ['status', 0.2],
      ['checksum', 0.1],
    ])
    const one = controller(rates)
    for (let i = 0; i < 5000; i++) one.answer(ASK_POWER, MIDNIGHT + i * 5000)
    expect(one.made.get('status')! / 5000).toBeCloseTo(0.2, 1)
    expect(one.made.get('checksum')! / 5000).toBeCloseTo(0.1, 1)
  })
})

describe('requests', () => {
  test('are found however they are cut; those with a wrong checksum are not', () => {
    const bad = Uint8Array.from(POWER.request)
    bad[6]! ^= 1
    const stream = Buffer.concat([POWER.request, bad, LIMIT.request])
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 10 }), cuts => {
        const reader = new RequestReader()
        const contents = cutAt(stream, cuts).flatMap(part => reader.push(part))
        expect(contents).toEqual([new Uint8Array(ASK_POWER), new Uint8Array(ASK_LIMIT)])
        expect(reader.broken).toBe(false)
      }),
    )
  })

  test('end with a length that cannot be; random bytes never throw', () => {
    const reader = new RequestReader()
    expect(reader.push(Buffer.from('GET / HTTP/1.1\r\n'))).toEqual([])
    expect(reader.broken).toBe(true)
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), parts => {
        const other = new RequestReader()
        for (const part of parts) other.push(part)
      }),
    )
  })
})
