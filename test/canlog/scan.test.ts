process.env.TZ = 'UTC'

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { crc8 } from '../protocols/ecoflow/slow-reader.ts'
import { a, b, c, everySecond, hex } from './build-log.ts'
import { at, B, timed } from './expected.ts'
import { canlog } from './run.ts'

/** The places that a scan counted, of one B message with this payload. */
async function places(payload: string | Uint8Array, ...args: string[]): Promise<Record<string, number>> {
  const { code, out, err } = await canlog(everySecond(b({ payload })), '--quiet', ...args)
  expect(code, err).toBe(0)
  const places = Object.fromEntries([...out.matchAll(/'(\w+_\d{3})': (\d+)/g)].map(([, key, n]) => [key, Number(n)]))
  return places
}

const float = (value: number, big = false) => {
  const bytes = Buffer.alloc(4)
  if (big) bytes.writeFloatBE(value)
  else bytes.writeFloatLE(value)
  return bytes
}

describe('--scan', () => {
  test('keeps messages that hold a value of the range at any offset', async () => {
    const log = everySecond(
      b(),
      b({ payload: 'ffffff' }),
      a({ payload: '0500' }),
      c({ payload: 'ff' }),
      b({ payload: '' }),
    )
    const { lines } = await canlog(log, '--scan=5')
    expect(lines.slice(0, 2)).toEqual([`${at(0)} ${B}`, expect.stringMatching(` A 31403 `)])
    const rty = hex(crc8(Buffer.from([0xaa, 2, 2, 0])), 2) // version 2, two bytes of payload
    const scan = { '76:14': { '1_004': 1 }, [`A-31403-${rty}`]: { '1_000': 1, '2_000': 1 } }
    expect(lines.slice(2).join('\n')).toBe(inspect({ scan }))
  })

  test.each([
    ['--scan=200', 'c8', { '1_000': 1 }],
    ['--scan', 'c8', { '1_000': 1 }],
    ['--scan=256', '0001', { '2_000': 1 }], // 256 is no byte
    ['--scan=513:514', '00010202', { '2_001': 1, '2_002': 1 }], // 0x0201 and 0x0202
    ['--scan=67305985', '01020304', { '4_000': 1 }], // 0x04030201
    ['--scan=1:1', '0101', { '1_000': 1, '1_001': 1 }],
    ['--scan=-1', 'ff', {}],
    ['--scan=-1 --signed', 'ff', { '1_000': 1 }],
    ['--scan=-2:-1 --signed', 'feff', { '1_000': 1, '1_001': 1, '2_000': 1 }],
    ['--scan=-70000:-60000 --signed', '90eefeff', { '4_000': 1 }], // -70000
    ['--scan=255 --signed', 'ff', {}],
    ['--scan=-256:255', '07', { '1_000': 1 }],
    ['--scan=-257:255', '07', {}],
    ['--scan=0:256', '07', {}],
  ])('%s finds in %s its places', async (args, payload, want) => {
    const words = args === '--scan' ? ['--scan', '200'] : args.split(' ')
    expect(await places(payload, ...words)).toEqual(want)
  })

  test('finds floats of both byte orders, little-endian ones twice where their floor is in range', async () => {
    expect(await places(float(300.5), '--scan=300:301')).toEqual({ '4f_000': 2 })
    expect(await places(float(300.5, true), '--scan=300:301')).toEqual({ '4F_000': 1 })
    expect(await places(float(300.5), '--scan=300')).toEqual({ '4f_000': 1 })
  })

  test('has places in the order of their first hit: bytes, words, then long ones offset by offset', async () => {
    const payload = Buffer.concat([Buffer.from('0500000005', 'hex'), float(5)])
    const { out } = await canlog(everySecond(b({ payload })), '--scan=5', '--quiet', '--format=json')
    const [counted] = Object.values(JSON.parse(out).scan as Record<string, object>)
    expect(Object.keys(counted!)).toEqual(['1_000', '1_004', '2_000', '2_004', '4_000', '4f_005'])
  })

  test('sums up over messages, by type; A and C with their node', async () => {
    const one = '09'
    const log = everySecond(
      b({ payload: one }),
      b({ payload: one, source: 7 }),
      c({ payload: one }),
      c({ payload: one, node: '12002' }),
    )
    const { out } = await canlog(log, '--scan=9', '--quiet', '--format=json')
    expect(JSON.parse(out)).toEqual({
      scan: { 'CB:14': { '1_000': 2 }, 'C-12001-CB:01': { '1_000': 1 }, 'C-12002-CB:01': { '1_000': 1 } },
    })
  })

  test('searches only what passes the filters', async () => {
    const { lines } = await canlog(everySecond(b(), b({ flags: 0x2d })), '--scan=5', '--rrf=2C')
    expect(lines).toEqual([...timed(B), inspect({ scan: { '76:14': { '1_004': 1 } } })])
  })

  test('prints an empty object for an empty log', async () => {
    expect((await canlog('', '--scan=1')).out).toBe('{ scan: {} }\n')
  })
})

describe('--scanf', () => {
  test('takes fractions, and one value for a range of one', async () => {
    expect(await places(float(25.5), '--scanf=25.4:25.6')).toEqual({ '4f_000': 1 })
    expect(await places(float(25.5), '--scanf=25.5')).toEqual({ '4f_000': 1 })
    expect(await places(float(25.5), '--scanf=25:26')).toEqual({ '4f_000': 2 })
    expect(await places(float(-2.25, true), '--scanf=-2.5:-2')).toEqual({ '4F_000': 1 })
  })

  test('looks at single bytes always', async () => {
    expect(await places('07', '--scanf=6.5:300')).toEqual({ '1_000': 1 })
  })

  test('matches nothing with --compat when it has one value', async () => {
    const { lines } = await canlog(everySecond(b()), '--scanf=5', '--compat')
    expect(lines).toEqual(['{ scan: {} }'])
  })

  test('must be met as well as --scan when both are given', async () => {
    const log = everySecond(b({ payload: '05' }), b({ payload: '0509' }))
    const { lines } = await canlog(log, '--scan=5', '--scanf=8.5:9.5')
    expect(lines.filter(line => line.includes(' B '))).toEqual([expect.stringContaining(at(1))])
  })
})

test.each(['--scan', '--scan=', '--scan=a', '--scan=1:2:3', '--scan=:', '--scan=1:', '--scanf=', '--scanf=x:1'])(
  '%s is wrong usage',
  async option => {
    const { code, err, out } = await canlog(everySecond(b()), option)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(
      /^wattzup: (--scanf? needs LOW or LOW:HIGH, not "|option '--scan <lo\[:hi\]>' argument missing)/,
    )
  },
)
