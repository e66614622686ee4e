import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { timeOfName } from '../../../../src/protocols/lxp/packet-name.ts'
import { recordedPushes } from '../../../../src/protocols/lxp/simulator/pushes.ts'
import { RecordedRegisters } from '../../../../src/protocols/lxp/simulator/recorded-registers.ts'
import {
  frameOfLine,
  identityOf,
  inOrder,
  type RecordedFrame,
} from '../../../../src/protocols/lxp/simulator/recording.ts'
import { block, bytesOf, DATALOG, heartbeat, INVERTER } from '../build-frame.ts'
import { CAPTURES, captureText, framesOf, hasCaptures } from '../captures.ts'

const T = Date.UTC(2026, 2, 1, 10)
const identity = { protocol: 5, datalog: DATALOG, inverter: INVERTER }
const recorded = (at: number, bytes: Uint8Array): RecordedFrame => ({ at, bytes })

describe('a line of a recording', () => {
  test('is a frame of the journal with its time', () => {
    const bytes = block(4, 0, [1, 2, 3])
    const line = `{"time":"2026-03-01T10:00:00.000Z","to":"192.0.2.7:1","hex":"${bytes.toString('hex')}"}`
    expect(frameOfLine(line)).toEqual({ at: T, bytes })
  })

  test('is a block of words with the high byte first, as eg4-bridge logs it', () => {
    const row = { utc_timestamp: T / 1000, datalog: DATALOG, serial: INVERTER, register_type: 'input', start: 40 }
    const found = frameOfLine(JSON.stringify({ ...row, words_hex: '01020a0b' }))
    expect(found?.at).toBe(T)
    expect(framesOf(found!.bytes).frames[0]).toMatchObject({ type: 'input', register: 40, inverter: INVERTER })
    expect([...framesOf(found!.bytes).frames[0]!.data]).toEqual([2, 1, 0x0b, 0x0a])
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['no object', '3'],
    ['no frame', '{"hex":"a11a"}'],
    ['half a digit', '{"hex":"a1f"}'],
    ['a frame with something behind it', `{"hex":"${heartbeat().toString('hex')}00"}`],
    ['a frame with a wrong checksum', `{"hex":"${block(4, 0, [1]).toString('hex').slice(0, -4)}0000"}`],
    [
      'too many words',
      JSON.stringify({
        datalog: DATALOG,
        serial: INVERTER,
        register_type: 'hold',
        start: 0,
        words_hex: '00'.repeat(256),
      }),
    ],
  ])('is nothing where it holds %s', (_, line) => {
    expect(frameOfLine(line)).toBeUndefined()
  })
})

test('frames come in the order of their times; those without one follow the one before', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map(word => block(4, 0, [word]))
  const ordered = inOrder([recorded(T + 5000, a!), recorded(Number.NaN, b!), recorded(T, c!), recorded(Number.NaN, d!)])
  expect(ordered.map(({ bytes }) => bytes)).toEqual([c, d, a, b])
  expect(() => inOrder([])).toThrow('no good frame')
})

test('who is heard is told by the first frame of an inverter', () => {
  expect(identityOf([recorded(T, heartbeat()), recorded(T, block(3, 0, [1], { protocol: 2 }))])).toEqual({
    ...identity,
    protocol: 2,
  })
  expect(() => identityOf([recorded(T, heartbeat())])).toThrow('heartbeats only')
})

test('frames within a second or so are one burst, with the time of its first frame', () => {
  const at = [0, 300, 1300, 120_000, 121_000, 300_000]
  const taken: Uint8Array[] = []
  const recording = at.map((ms, i) => recorded(T + ms, block(4, 0, [i])))
  const pushes = [...recordedPushes(recording, frame => taken.push(frame))]
  expect(pushes.map(push => push.at - T)).toEqual([0, 120_000, 300_000])
  expect(taken).toEqual([])
  expect(pushes.map(({ frames }) => frames().length)).toEqual([3, 2, 1])
  expect(taken).toEqual(recording.map(({ bytes }) => bytes))
})

describe('the registers of a recording', () => {
  const recording = [block(4, 0, [10, 11, 12]), block(4, 2, [22, 23]), block(3, 5, [35])].map(bytes =>
    recorded(T, bytes),
  )

  test('begin with what it says first, and follow it', () => {
    const registers = new RecordedRegisters(identity, recording)
    expect([...registers.read('input', 0, 4)!]).toEqual(bytesOf([10, 11, 12, 23]))
    registers.take(recording[1]!.bytes)
    expect([...registers.read('input', 1, 3)!]).toEqual(bytesOf([11, 22, 23]))
  })

  test('that are not in it are 0 beside others, and nothing alone', () => {
    const registers = new RecordedRegisters(identity, recording)
    expect([...registers.read('hold', 4, 3)!]).toEqual(bytesOf([0, 35, 0]))
    expect(registers.read('hold', 6, 3)).toBeUndefined()
  })

  test('of other inverters are not taken', () => {
    const registers = new RecordedRegisters(identity, recording)
    registers.take(block(4, 0, [99], { inverter: 'OTHER00001' }))
    expect([...registers.read('input', 0, 1)!]).toEqual(bytesOf([10]))
  })
})

describe.skipIf(!hasCaptures)('a day of a real 12kPV', () => {
  const lines = hasCaptures ? captureText('12kpv_datalog_part1.jsonl').trim().split('\n') : []
  const recording = lines.map(line => frameOfLine(line)!)

  test('is read whole, and its bursts come as far apart as they did', () => {
    expect(recording).not.toContain(undefined)
    expect(recording).toHaveLength(259)
    const pushes = [...recordedPushes(inOrder(recording), () => {})]
    expect(pushes).toHaveLength(87)
    expect(pushes.slice(1).every(({ frames }) => frames().length === 3)).toBe(true)
    expect(identityOf(recording)).toEqual({ protocol: 5, datalog: 'BJ00000001', inverter: '4300000001' })
  })

  test('has frames that equal those that were made of it by hand', () => {
    const folder = join(CAPTURES, 'frames')
    const names = readdirSync(folder).filter(name => name.endsWith('.bin'))
    expect(names.length).toBeGreaterThan(10)
    const plain = (bytes: Uint8Array) => {
      const copy = Buffer.from(bytes)
      copy[20] = 0 // the address, which may be 0 or 1, and so the checksum
      return copy.subarray(0, -2).toString('hex')
    }
    for (const name of names) {
      const same = recording
        .filter(({ at }) => Math.abs(at - timeOfName(name, 0)) < 2000)
        .map(({ bytes }) => plain(bytes))
      expect(same).toContain(plain(readFileSync(join(folder, name))))
    }
  })
})
