process.env.TZ = 'UTC'

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { b, c, candump, type Entry, type Frame, lengthOfType, single } from './build-log.ts'
import { canlog } from './run.ts'

/** Which of the log's messages were printed, by their place in it. */
async function passing(entries: readonly Entry[], ...args: string[]): Promise<number[]> {
  const { code, lines } = await canlog(candump(...entries), ...args)
  expect(code).toBe(0)
  return lines.map(line => {
    const [, hours, minutes, seconds] = /^\d{6}\.(\d\d)(\d\d)(\d\d\.\d{3}) /.exec(line)!
    const time = (Number(hours) - 22) * 3600 + (Number(minutes) - 13) * 60 + Number(seconds) - 20
    return entries.findLastIndex(([begin]) => begin <= time + 1e-9)
  })
}

const counted = (count: number, frames: readonly Frame[], step = 0.01): Entry[] =>
  Array.from({ length: count }, (_, i) => [i * step, frames])

/** Record 28:21 says one of 10, record 76 only what changed, record CB one of 100. */
const ofTen = b({ payload: new Uint8Array(lengthOfType('28', 60)), destination: 0x21 })

describe('--sample', () => {
  test('lets one of N messages pass, the first and then each after N more', async () => {
    expect(await passing(counted(35, ofTen), '--sample')).toEqual([0, 10, 20, 30])
  })

  test('takes nothing away without the option', async () => {
    expect(await passing(counted(12, ofTen))).toHaveLength(12)
  })

  test('begins anew with the minute, unless it is --sample=1', async () => {
    // the log begins at 20 s: message 40 is the first of the next minute
    const log = counted(45, ofTen, 1)
    expect(await passing(log, '--sample')).toEqual([0, 10, 20, 30, 40])
    const odd = counted(46, ofTen, 1.5) // the next minute begins with message 27
    expect(await passing(odd, '--sample')).toEqual([0, 10, 20, 27, 37])
    expect(await passing(odd, '--sample=1')).toEqual([0, 10, 20, 30, 40])
  })

  test('lets with N = 1 only what differs from the last that passed', async () => {
    const payloads = ['01', '01', '02', '02', '01', '01', '03'].map(byte => byte.repeat(8))
    const log = payloads.map((payload, i): Entry => [i, b({ payload })])
    expect(await passing(log, '--sample')).toEqual([0, 2, 4, 6])
    expect(await passing([...log, [41, b({ payload: '03'.repeat(8) })]], '--sample')).toEqual([0, 2, 4, 6, 7])
    expect(await passing([...log, [41, b({ payload: '03'.repeat(8) })]], '--sample=1')).toEqual([0, 2, 4, 6])
  })

  test('counts each stream by itself', async () => {
    const log: Entry[] = [
      [0, b()],
      [1, b({ source: 4 })],
      [2, b({ sourceDynamic: 9 })],
      [3, b()],
      [4, b({ source: 4 })],
    ]
    expect(await passing(log, '--sample')).toEqual([0, 1, 2])
  })

  test('thins channel C by its own definitions', async () => {
    const log: Entry[] = [
      [0, c()],
      [1, c()],
      [2, c({ payload: 'ff'.repeat(8) })],
      [3, c({ source: 9, payload: 'ff'.repeat(8) })],
      [4, c({ destinationDynamic: 9, payload: 'ff'.repeat(8) })],
    ]
    expect(await passing(log, '--sample')).toEqual([0, 2, 4])
  })

  test('thins frames of channel D to one of a hundred, and none of E', async () => {
    const d = counted(202, single('10603001', '41'))
    expect(await passing(d, '--sample', '--106')).toEqual([0, 100, 200])
    expect(await passing(counted(5, single('10A03130', '41')), '--sample', '--10A')).toHaveLength(5)
  })

  test('leaves messages alone that a filter has taken away', async () => {
    const log: Entry[] = [
      [0, b({ flags: 0x2d })],
      [1, b()],
      [2, b()],
    ]
    expect(await passing(log, '--sample', '--rrf=2C')).toEqual([1])
  })

  test('is counted in --sum as dropped, and its windows are shown by --count', async () => {
    const log = candump(...counted(23, ofTen), [1, b()])
    const { out } = await canlog(log, '--sample', '--sum', '--quiet', '--format', 'json')
    expect(JSON.parse(out).sum).toMatchObject({ dropped: 20, recs: 24 })
    const { out: text } = await canlog(log, '--sample', '--count', '--quiet')
    const data = Array(lengthOfType('28', 60)).fill('00').join(',')
    const samples = {
      '28:21_03-01-00': { ydhm: '231114.2213', count: 3, data },
      '76:14_03-01-00': { ydhm: '231114.2213', count: 1, data: '01,02,03,04,05,06,07,08' },
    }
    expect(text.slice(text.indexOf('{\n  samples'))).toBe(`${inspect({ samples })}\n`)
  })

  test('shows the frames of channel D in its windows as the log has them', async () => {
    const log = candump(...counted(3, single('10603001', '4142')))
    const { out } = await canlog(log, '--sample', '--count', '--quiet')
    expect(out).toContain(`{ '03001:106': { ydhm: '231114.2213', count: 3, data: '4142' } }`)
  })
})
