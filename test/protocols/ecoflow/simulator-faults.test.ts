import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/core/writer.ts'
import { FAULTS, type Fault } from '../../../src/protocols/ecoflow/simulator/faults.ts'
import { NoisyLog } from '../../../src/protocols/ecoflow/simulator/noisy-log.ts'
import { goodCrc8, goodCrc16, hex, type Log, padding, ratesOf, readLog, simulator } from './slow-reader.ts'

function textOf(seconds: number, faults: string): string {
  const blocks: Buffer[] = []
  const log = new NoisyLog(new ByteWriter(bytes => blocks.push(Buffer.from(bytes))), 1, ratesOf(faults))
  for (const frame of simulator(seconds, { scenario: 'home' }, faults).frames()) log.write(frame)
  log.end()
  return Buffer.concat(blocks).toString()
}

const clean = readLog(textOf(5, ''))
const with20Percent = (fault: Fault): Log => readLog(textOf(5, `${fault}=0.2`))

describe('the fault', () => {
  const inspected: Partial<Record<Fault, (log: Log) => void>> = {
    lost: log => {
      expect(log.problems).toContain('gap')
      expect(log.problems).toContain('orphan')
      expect(log.packets.filter(packet => !goodCrc16(packet)).length).toBeGreaterThan(20)
      expect(log.frames.length).toBeLessThan(clean.frames.length)
    },
    doubled: log => {
      const twice = log.frames.filter(
        (frame, i) => frame.id === log.frames[i - 1]?.id && frame.data.equals(log.frames[i - 1]!.data),
      )
      expect(twice.length).toBeGreaterThan(10)
      const seen = new Set<string>()
      const again = log.packets.filter(({ bytes, nid }) => {
        const key = nid + bytes.toString('hex')
        const known = seen.has(key)
        seen.add(key)
        return known && goodCrc16({ bytes } as never)
      })
      expect(again.length).toBeGreaterThan(10)
    },
    padded: log => {
      expect(log.problems).toEqual([])
      expect(log.packets.every(packet => goodCrc8(packet) && goodCrc16(packet))).toBe(true)
      expect(log.packets.filter(packet => packet.nid !== '50001' && padding(packet) > 0).length).toBeGreaterThan(20)
      expect(Math.max(...log.packets.map(padding))).toBeGreaterThan(8)
    },
    interleaved: log => {
      expect(log.problems).toContain('restarted')
      expect(log.problems).toContain('orphan')
      expect(log.frames.length).toBeGreaterThan(clean.frames.length)
    },
    corrupt: log => {
      expect(log.problems).toEqual([])
      expect(log.frames.length).toBe(clean.frames.length)
      const bad = log.packets.filter(packet => !goodCrc16(packet))
      expect(bad.length / log.packets.length).toBeGreaterThan(0.15)
      expect(bad.length / log.packets.length).toBeLessThan(0.25)
      expect(bad.every(goodCrc8)).toBe(true)
    },
    badlength: log => {
      expect(log.packets.every(goodCrc16)).toBe(true)
      const bad = log.packets.filter(packet => !goodCrc8(packet))
      expect(bad.filter(packet => padding(packet) === 0).length).toBeGreaterThan(20)
      expect(bad.filter(packet => padding(packet) !== 0).length).toBeGreaterThan(20)
    },
    orphan: log => {
      expect(new Set(log.problems)).toEqual(new Set(['orphan']))
      expect(log.packets.every(goodCrc16)).toBe(true)
      expect(log.packets.length).toBeLessThan(clean.packets.length * 0.85)
    },
    restart: log => {
      expect(new Set(log.problems)).toEqual(new Set(['restarted']))
      expect(log.packets.every(goodCrc16)).toBe(true)
      expect(log.packets.length).toBe(clean.packets.length)
    },
    truncate: log => {
      expect(log.strange.length).toBeLessThanOrEqual(1)
      expect(textOf(5, 'truncate')).not.toMatch(/\n$/)
      expect(textOf(5, '').startsWith(textOf(5, 'truncate'))).toBe(true)
    },
    noise: log => {
      const kinds = [/^#/, /^$/, /#[0-9a-f]*[a-f]/, /#[0-9A-F]* [RT]$/, / [0-9A-F]{3}#/, /#R$/, /##/]
      for (const kind of kinds)
        expect(
          log.strange.some(line => kind.test(line)),
          `${kind}`,
        ).toBe(true)
    },
  }

  test.each(Object.keys(FAULTS) as Fault[])('%s shows in the log', fault => {
    inspected[fault]!(with20Percent(fault))
  })

  test('leaves what the home does as it was', () => {
    const says = ({ packets }: Log) => packets.map(({ bytes }) => bytes.toString('hex'))
    expect(new Set(says(clean))).toEqual(new Set(says(with20Percent('restart'))))
  })
})

test('a list of faults gives rates, and a later entry wins', () => {
  expect([...ratesOf('lost, corrupt=0.25')]).toEqual([
    ['lost', 0.01],
    ['corrupt', 0.25],
  ])
  expect(ratesOf('all=0.5,noise=0').get('noise')).toBe(0)
  expect(ratesOf('all').size).toBe(Object.keys(FAULTS).length)
  expect(ratesOf('').size).toBe(0)
})

test('all faults at once give a log that is still mostly readable', () => {
  const log = readLog(textOf(5, 'all'))
  const good = log.packets.filter(packet => goodCrc16(packet) && goodCrc8(packet))
  expect(good.length / clean.packets.length).toBeGreaterThan(0.9)
  expect(new Set(good.map(({ bytes }) => hex(bytes[1]!)))).toEqual(new Set(['02', '03', '13']))
})
