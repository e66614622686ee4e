process.env.TZ = 'UTC'

import { describe, expect, test } from 'vitest'
import { a, b, everySecond } from './build-log.ts'
import { A, at, B, HEX, timed } from './expected.ts'
import { linesOf, run } from './run.ts'

/** A B line with another sequence number, as its columns show it. */
const line = (seq: string) => B.replace('016200', seq)

describe('--dup', () => {
  test('prints a message again with a star when its sequence number comes again, then counts', async () => {
    const log = everySecond(b(), b(), b(), b({ sequence: 0x163 }), b())
    const [one, , three, four, five] = [0, 1, 2, 3, 4].map(at)
    expect(await linesOf(log, '--dup')).toEqual([
      `${one} ${B}`,
      `${one} ${B} *`,
      `${at(1)} ${B} 1`,
      `${three} ${B} 2`,
      `${four} ${line('016300')}`,
      `${five} ${B} 3`,
    ])
  })

  test('leaves with --quiet the starred line and what follows it', async () => {
    expect(await linesOf(everySecond(b(), b(), b()), '--dup', '--quiet')).toEqual([
      `${at(0)} ${B} *`,
      `${at(1)} ${B} 1`,
      `${at(2)} ${B} 2`,
    ])
  })

  test('counts the 24 bits that the column shows, in channels A and B together', async () => {
    const log = everySecond(a(), b({ sequence: 0x0100_0162 }), b({ sequence: 0x0200_0162 }))
    expect(await linesOf(log, '--dup')).toEqual(
      timed(A, `${B.replace('016200 00', '016200 01')} 1`, `${B.replace('016200 00', '016200 02')} 2`),
    )
  })

  test('counts only what passes the filters', async () => {
    const log = everySecond(b({ flags: 0x2d }), b())
    expect(await linesOf(log, '--dup', '--rrf=2c')).toEqual([`${at(1)} ${B}`])
  })

  test('puts the count before the field and after everything else', async () => {
    const log = everySecond(b({ payload: '0100' }), b({ payload: '0100' }))
    const [, , last] = await linesOf(log, '--dup', '--seq', '--hex', '--rec', '--field=Set_PVIn1')
    expect(last).toMatch(/032F 01 00 \{ Set_PVIn1: 1, Set_PVIn2: 0 } 0 1 1$/)
  })
})

describe('--seq', () => {
  const log = everySecond(
    b({ sequence: 0x1ff }),
    b({ sequence: 5, source: 4 }),
    b({ sequence: 0x200 }),
    b({ sequence: 3, source: 4 }),
  )
  const deltas = (lines: readonly string[]) => lines.map(line => Number(line.split(' ').at(-1)))

  test('is the step of the sequence number within a stream', async () => {
    expect(deltas(await linesOf(log, '--seq'))).toEqual([0, 0, 1, -2])
  })

  test('is with --compat the step between any two messages, of the bytes in the order 7, 6, 8', async () => {
    const shown = [0x01ff00, 0x000500, 0x020000, 0x000300]
    expect(deltas(await linesOf(log, '--seq', '--compat'))).toEqual([
      0,
      ...shown.slice(1).map((value, i) => value - shown[i]!),
    ])
  })
})

describe('--hex=diff', () => {
  const log = everySecond(
    b(),
    b({ source: 4, payload: '0102' }),
    b({ payload: '01ff0304050607ff' }),
    b({ source: 4, payload: '0103' }),
    b({ payload: '01' }),
  )
  const [red, blue, magenta] = [31, 34, 35].map(code => (text: string) => `\u001b[${code}m${text}\u001b[39m`)

  const hexOf = async (...args: string[]) => {
    const { lines } = await run(['x.log', '--hex=diff', '--color=always', ...args], { files: { 'x.log': log } })
    return lines.map(line => line.slice(line.indexOf('032F') + '032F\u001b[39m '.length))
  }

  test('has the text of --hex', async () => {
    expect(await linesOf(log, '--hex=diff')).toEqual(await linesOf(log, '--hex'))
  })

  test('paints what changed since the last message of the stream red, the rest blue, new lengths magenta', async () => {
    const first = `${blue!('01')} `
    const same = ['03', '04', '05', '06', '07'].map(byte => `${blue!(byte)} `).join('')
    expect(await hexOf()).toEqual([
      magenta!(HEX),
      magenta!('01 02'),
      `${first}${red!('ff')} ${same}${red!('ff')}`,
      `${first}${red!('03')}`,
      magenta!('01'),
    ])
  })

  test('compares with --compat any two messages', async () => {
    expect(await hexOf('--compat')).toEqual(
      [HEX, '01 02', '01 ff 03 04 05 06 07 ff', '01 03', '01'].map(text => magenta!(text)),
    )
  })
})
