process.env.TZ = 'UTC'

import { describe, expect, test } from 'vitest'
import { a, announce, b, c, everySecond } from './build-log.ts'
import { A, at, B, C, timed } from './expected.ts'
import { canlog, run } from './run.ts'

const log = everySecond(a(), b(), c(), b({ source: 0x35 }), b({ sequence: 0x0a000162 }))
const saved = (streams: object) => JSON.stringify({ chan: { B: 3 }, str: streams })

/** Runs over the log with this `cl-counts.save`. */
const excluding = (save: string | undefined, ...args: string[]) =>
  run(['x.log', ...args], { files: { 'x.log': log, ...(save === undefined ? {} : { 'cl-counts.save': save }) } })

describe('--excl', () => {
  test.each(['--excl=str', '--excl'])('written %s leaves out the streams that were counted before', async option => {
    const { code, lines } = await excluding(saved({ '35-01-00': 1, '03-01-0A': 7 }), option)
    expect([code, lines]).toEqual([0, timed(A, B, C)])
  })

  test('has with --compat no effect without a value', async () => {
    const { code, lines } = await excluding(saved({ '35-01-00': 1 }), '--excl', '--compat')
    expect([code, lines.length]).toEqual([0, 5])
    expect((await excluding(saved({ '35-01-00': 1 }), '--excl=str', '--compat')).lines).toHaveLength(4)
  })

  test('takes what --count=save wrote', async () => {
    const counted = await canlog(everySecond(b()), '--count=save', '--quiet')
    const { lines } = await excluding(counted.file('cl-counts.save'), '--excl=str')
    expect(lines.map(line => line.slice(0, 17))).toEqual([0, 2, 3, 4].map(at))
  })

  test.each([
    [undefined, '--excl=str', 1, 'cl-counts.save: no such file'],
    [undefined, '--excl', 1, 'cl-counts.save: no such file'],
    ['{', '--excl=str', 2, 'cl-counts.save is not what canlog --count=save writes'],
    ['null', '--excl=str', 2, 'cl-counts.save is not what canlog --count=save writes'],
    [saved({}), '--excl=nid', 2, '--excl takes =str or nothing, not "nid"'],
  ])('says in one line what is wrong with %s and %s', async (save, option, code, text) => {
    const result = await excluding(save, option)
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toMatch(/^wattzup: [^\n]*\n$/)
    expect(result.err).toContain(text)
  })
})

describe('--count=save', () => {
  test('writes the counters as JSON with four blanks, and prints them', async () => {
    const result = await canlog(everySecond(announce('M999DEMO00000001'), a()), '--count=save', '--quiet')
    const want = {
      chan: { B: 5 + 2, A: 3 },
      nid: { '03001': 7, '31403': 3 },
      dev: { '03001-03-01': 1 },
      rrf: { '2C': 1 },
      rty: { '70': 1, A0: 1 },
      typ: { '70:14': 1, A0: 1 },
      ser: { '03-01-00': 'M999DEMO00000001' },
      str: { '03-01-00': 1 },
      smo: { '03-01': 1 },
    }
    expect(result.file('cl-counts.save')).toBe(JSON.stringify(want, undefined, 4))
    expect(result.out).toContain("ser: { '03-01-00': 'M999DEMO00000001' }")
  })
})
