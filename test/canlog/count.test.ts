process.env.TZ = 'UTC'

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { a, announce, b, c, candump, everySecond, single } from './build-log.ts'
import { timed } from './expected.ts'
import { canlog, linesOf } from './run.ts'

const json = async (log: string, ...args: string[]) => {
  const { code, out, err } = await canlog(log, '--format=json', ...args)
  expect(code, err).toBe(0)
  return JSON.parse(out)
}

describe('--count', () => {
  const log = everySecond(
    a(),
    announce('M999DEMO00000001', { source: 0x35, flags: 0x2d }),
    b(),
    b(),
    c(),
    single('10603001', '41'),
    single('1FF03001', '41'),
  )
  const counts = {
    chan: { A: 3, B: 7 + 4 + 4, C: 4, D: 1, '1FF': 1 },
    nid: { '31403': 3, '03001': 7 + 4 + 4 + 1 + 1, '12001': 4 },
    dev: { '03001-35-01': 1, '03001-03-01': 2 },
    rrf: { '2D': 1, '2C': 2 },
    rty: { A0: 1, '70': 1, '76': 3 },
    typ: { A0: 1, '70:14': 1, '76:14': 2, '76:01': 1 },
    ser: { '35-01-00': 'M999DEMO00000001' },
    str: { '35-01-00': 1, '03-01-00': 2 },
    smo: { '35-01': 1, '03-01': 2 },
  }

  test('prints after the lines what it counted, sorted, and the samples', async () => {
    const { lines } = await canlog(log, '--count')
    expect(lines.slice(5).join('\n')).toBe(`${inspect(counts, { sorted: true })}\n{ samples: {} }`)
  })

  test('is the same object with --format json, without the samples', async () => {
    expect(await json(log, '--count')).toEqual({ count: counts })
    expect(await json(log, '--count', '--json')).toEqual({ count: counts })
  })

  test('counts what passes the filters, frames of filtered messages and all serials', async () => {
    const { count } = await json(log, '--count', '--rrf=2C', '--chan=B')
    expect(count).toEqual({
      ...counts,
      chan: { B: 15, '1FF': 1 },
      dev: { '03001-03-01': 2 },
      rrf: { '2C': 2 },
      rty: { '76': 2 },
      typ: { '76:14': 2 },
      str: { '03-01-00': 2 },
      smo: { '03-01': 2 },
    })
  })

  test('shows a map that was never counted into as undefined', async () => {
    const names = ['chan', 'nid', 'dev', 'rrf', 'rty', 'typ', 'str', 'smo']
    const nothing = { ...Object.fromEntries(names.map(name => [name, undefined])), ser: {} }
    expect((await canlog('', '--count')).out).toBe(`${inspect(nothing, { sorted: true })}\n{ samples: {} }\n`)
    expect(await json('', '--count')).toEqual({ count: { ser: {} } })
  })

  test('knows a serial only in the form that real ones have; with --compat it takes any text', async () => {
    const odd = everySecond(announce('M999DEMO0000000\u0001'), announce('M999demo00000001'))
    expect((await json(odd, '--count')).count.ser).toEqual({})
    expect((await json(odd, '--count', '--compat')).count.ser).toEqual({ '03-01-00': 'M999DEMO0000000\u0001' })
  })
})

describe('--sum', () => {
  test('tells how many different ones there were, and what became of all', async () => {
    const log = everySecond(
      a(),
      b({ sequence: 1 }),
      b({ sequence: 2, source: 4, flags: 0x2d }),
      c({ sequence: 3 }),
      b({ damage: 1 }),
      a({ damage: 1 }),
      single('10603001', '41'),
      single('10A03130', '41'),
      single('1FF03001', '41'),
    )
    const { lines } = await canlog(`${log}\nnonsense\n`, '--sum', '--quiet')
    const sum = {
      chan: 6,
      dev: 2,
      rty: 2,
      typ: 3,
      seq: 3,
      ser: 0,
      str: 2,
      smo: 2,
      scan: 1,
      dropped: 2,
      lines: 3 + 4 + 4 + 4 + 4 + 3 + 1 + 1 + 1 + 2,
      recs: 8,
      dup: { list: 0, add: 0, del: 0, dup: 0 },
    }
    expect(lines.join('\n')).toBe(inspect(sum))
    expect(await json(`${log}\nnonsense\n`, '--sum')).toEqual({ sum })
  })

  test('counts minutes of all frames, whatever the filters', async () => {
    const log = candump([0, b()], [40, b({ node: '09999' })], [100, b({ node: '09999' })])
    expect((await json(log, '--sum', '--node=03001')).sum).toMatchObject({ scan: 3, str: 1 })
  })

  test('is all zeros for an empty log', async () => {
    const { code, out } = await canlog('', '--sum')
    const names = ['chan', 'dev', 'rty', 'typ', 'seq', 'ser', 'str', 'smo', 'scan', 'dropped', 'lines', 'recs']
    const zeros = Object.fromEntries(names.map(name => [name, 0]))
    expect([code, out]).toEqual([0, `${inspect({ ...zeros, dup: { list: 0, add: 0, del: 0, dup: 0 } })}\n`])
  })

  test('has with --compat no lines, and every A message twice', async () => {
    const { out } = await canlog(
      everySecond(a(), b(), a({ payload: new Uint8Array(100) })),
      '--sum',
      '--compat',
      '--quiet',
    )
    expect(out).toContain('  lines: undefined,\n  recs: 5,\n')
    // the original looks at the start command between the two counts
    const flagged = await canlog(
      everySecond(a(), a({ payload: new Uint8Array(100) })),
      '--sum',
      '--compat',
      '--flg=005',
    )
    expect(flagged.out).toContain('  recs: 3,\n')
  })

  test('counts sequence numbers of A and B that pass the filters', async () => {
    const log = everySecond(a({ sequence: 5 }), b({ sequence: 5 }), b({ sequence: 6, flags: 0x2d }), c({ sequence: 7 }))
    expect((await json(log, '--sum')).sum.seq).toBe(2)
    expect((await json(log, '--sum', '--rrf=2C')).sum.seq).toBe(1)
  })
})

describe('--hist', () => {
  const log = everySecond(a(), b(), b({ flags: 0x2d }), b({ flags: 0x2d, damage: 1 }), c())

  test('has a line for each byte of the header: how many values, and which', async () => {
    expect(await linesOf(log, '--hist', '--quiet')).toEqual([
      `[00]   1 { ' AA': 3 }`,
      `[01]   2 { ' 02': 1, ' 03': 2 }`,
      `[02]   2 { ' 01': 1, ' 08': 2 }`,
      `[03]   1 { ' 00': 3 }`,
      `[04]   2 { ' A0': 1, ' 76': 2 }`,
      `[05]   2 { ' 2C': 2, ' 2D': 1 }`,
      '[06]   0 undefined',
      '[07]   0 undefined',
      `[08]   1 { ' 00': 1 }`,
      `[09]   1 { ' 00': 3 }`,
      `[10]   2 { ' 01': 1, ' 0B': 2 }`,
      `[11]   2 { ' 4B': 1, ' 3C': 2 }`,
      `[12]   2 { ' 14': 1, ' 03': 2 }`,
      `[13]   2 { ' 03': 1, ' 14': 2 }`,
      `[14]   1 { ' 01': 3 }`,
      `[15]   2 { ' 50': 1, ' 01': 2 }`,
      `[16]   1 { ' 03': 2 }`,
      `[17]   1 { ' 2F': 2 }`,
    ])
  })

  test('counts B before the filters and A after them', async () => {
    const { lines } = await canlog(log, '--hist', '--quiet', '--rty=FF')
    expect(lines[0]).toBe(`[00]   1 { ' AA': 2 }`)
  })

  test('joins its parts by TAB with --tab, and is a list with --format json', async () => {
    expect((await canlog(log, '--hist', '--quiet', '--tab')).lines[0]).toBe(`[00]\t  1\t{ ' AA': 3 }`)
    const { hist } = await json(log, '--hist')
    expect(hist.slice(0, 7)).toEqual([
      { AA: 3 },
      { '02': 1, '03': 2 },
      { '01': 1, '08': 2 },
      { '00': 3 },
      { A0: 1, '76': 2 },
      { '2C': 2, '2D': 1 },
      {},
    ])
  })

  test('prints zeros for an empty log', async () => {
    const lines = Array.from({ length: 18 }, (_, i) => `[${String(i).padStart(2, '0')}]   0 undefined`)
    expect(await linesOf('', '--hist')).toEqual(lines)
  })
})

test('several reports come in the order of the page, after the lines', async () => {
  const log = everySecond(b())
  const { lines, io } = await canlog(log, '--pmm', '--stat', '--scan=1:1', '--pivot', '--hist', '--sum', '--count')
  const heads = lines.filter(line => /^({|\[00]|{ scan|{ samples|231114.2213 |231114.221320)/.test(line))
  expect(heads.map(line => line.slice(0, 11))).toEqual([
    '231114.2213',
    '{',
    '{ samples: ',
    '{',
    '[00]   1 { ',
    "{ scan: { '",
    '231114.2213',
  ])
  expect(lines.slice(0, 1)).toEqual(timed('B 03001 AA03 0008 76 2C 016200 00 0B 3C 03 14 01 01 032F'))
  expect(io.files.exists('cl-pivot.tsv') && io.files.exists('cl-streams.tsv')).toBe(true)
})
