process.env.TZ = 'UTC'

import { describe, expect, test } from 'vitest'
import { a, announce, b, c, candump, everySecond } from './build-log.ts'
import { canlog } from './run.ts'

describe('--pivot', () => {
  const log = candump(
    [0, b()],
    [1, a()],
    [2, c()],
    [3, b({ payload: '' })],
    [40, b()],
    [41, b({ source: 4 })],
    [3600, b({ damage: 1 })],
    [3601, b()],
  )
  const pivot = async (text: string, ...args: string[]) => (await canlog(text, '--quiet', ...args)).file('cl-pivot.tsv')
  const tsv = (...rows: string[]) => ["'date\t'typ\tcount", ...rows].join('\n')

  test('writes a table of time, type and count, sorted, for spreadsheets', async () => {
    expect(await pivot(log, '--pivot')).toBe(
      tsv(
        "'2213\t'76:01\t1",
        "'2213\t'76:14:03\t1",
        "'2213\t'A0\t1",
        "'2213\t'DE:14:03\t1",
        "'2214\t'76:14:03\t1",
        "'2214\t'76:14:04\t1",
        "'2313\t'76:14:03\t1",
      ),
    )
  })

  test('takes as many digits of HHmmssSSS as it is told', async () => {
    expect(await pivot(log, '--pivot=2', '--chan=B')).toBe(
      tsv("'22\t'76:14:03\t2", "'22\t'76:14:04\t1", "'22\t'DE:14:03\t1", "'23\t'76:14:03\t1"),
    )
    expect(await pivot(everySecond(b()), '--pivot=9')).toBe(tsv("'221320000\t'76:14:03\t1"))
    expect(await pivot(everySecond(b()), '--pivot=6')).toBe(tsv("'221320\t'76:14:03\t1"))
  })

  test('counts what passes the filters, before scan and sampling on B and C, after scan on A', async () => {
    expect(await pivot(log, '--pivot', '--rty=76', '--sample')).toBe(
      tsv(
        "'2213\t'76:01\t1",
        "'2213\t'76:14:03\t1",
        "'2214\t'76:14:03\t1",
        "'2214\t'76:14:04\t1",
        "'2313\t'76:14:03\t1",
      ),
    )
    expect(await pivot(everySecond(a(), b(), c()), '--pivot', '--scan=200:201')).toBe(
      tsv("'2213\t'76:01\t1", "'2213\t'76:14:03\t1"),
    )
  })

  test('is only its head for an empty log, and rows of an object with --format json', async () => {
    expect(await pivot('', '--pivot')).toBe(tsv())
    const { out, io } = await canlog(everySecond(b(), b()), '--pivot', '--format=json')
    expect(JSON.parse(out)).toEqual({ pivot: [{ time: '2213', type: '76:14:03', count: 2 }] })
    expect(io.files.exists('cl-pivot.tsv')).toBe(false)
  })

  test('replaces the file that is there', async () => {
    const first = await canlog(everySecond(b()), '--pivot')
    first.io.files.writeText('cl-pivot.tsv', 'old')
    expect(await pivot(everySecond(b()), '--pivot')).not.toContain('old')
  })
})

describe('--stat', () => {
  const head = 'AA030800762C620100000B3C03140101032F'
  const data = '01 02 03 04 05 06 07 08'
  const stat = async (log: string, ...args: string[]) =>
    (await canlog(log, '--quiet', ...args)).file('cl-streams.tsv').split('\n')
  const unknown = '_'.repeat(16)

  test('writes a row per stream: share, length, first message', async () => {
    const rows = await stat(
      everySecond(b(), b({ payload: 'ff' }), b({ source: 4, flags: 0x0c, node: '02001' }), a()),
      '--stat',
    )
    expect(rows).toEqual([
      ['03-01-00', 'B', '03001', unknown, '50.00', '8', '0', 'Y', '', head, data].join('\t'),
      [
        '04-01-00',
        'B',
        '02001',
        unknown,
        '25.00',
        '8',
        '0',
        'N',
        '',
        head.replace('2C', '0C').replace('0B3C03', '0B3C04'),
        data,
      ].join('\t'),
    ])
  })

  test('has the time of streams of less than 0.1 % and the serial known at the first message', async () => {
    const many = Array.from({ length: 1100 }, () => b())
    const rows = await stat(everySecond(...many, announce('M999DEMO00000001', { source: 4 })), '--stat', '--rec=used')
    const cells = rows.map(row => row.split('\t'))
    expect(cells.map(([str, , , serial, share, length, used]) => [str, serial, share, length, used])).toEqual([
      ['03-01-00', unknown, '99.91', '8', '0'],
      ['04-01-00', 'M999DEMO00000001', '0.09', '32', '30'],
    ])
    expect(cells.map(row => row[8])).toEqual(['', '231114.223140.000'])
  })

  test('ignores the filters, counts the padding as length, and leaves it out of the data', async () => {
    const [row = ''] = await stat(everySecond(b({ padding: 4 })), '--stat', '--rty=FF')
    expect(row.split('\t')[5]).toBe('12')
    expect(row.split('\t').at(-1)).toBe(data)
  })

  test('counts decoded bytes of a padded message too', async () => {
    const [row = ''] = await stat(everySecond(announce('M999DEMO00000001', { padding: 4 })), '--stat', '--rec=used')
    expect(row.split('\t').slice(5, 7)).toEqual(['36', '30'])
  })

  test('skews with --compat the shares, because A counts twice', async () => {
    const [row = ''] = await stat(everySecond(b(), a()), '--stat', '--compat')
    expect(row.split('\t')[4]).toBe('33.33')
  })

  test('is a list of objects with --format json, and nothing for an empty log', async () => {
    const { out } = await canlog(everySecond(b()), '--stat', '--format=json')
    expect(JSON.parse(out).stat).toEqual([
      {
        str: '03-01-00',
        chan: 'B',
        nid: '03001',
        ser: unknown,
        freq: '100.00',
        len: 8,
        used: 0,
        xor: 'Y',
        time: '',
        head,
        data,
      },
    ])
    expect(await stat('', '--stat')).toEqual([''])
  })
})
