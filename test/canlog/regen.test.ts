import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FakeIo } from '../fake-io.ts'
import { a, b, c, candump, type Entry, everySecond, type Frame, savvycan, single, stampOf } from './build-log.ts'
import { at, B, timed } from './expected.ts'
import { canlog, run } from './run.ts'

beforeEach(() => {
  process.env['TZ'] = 'UTC'
})
afterEach(() => {
  process.env['TZ'] = 'UTC'
})

/** Files that a run wrote, without the log. */
const written = (io: FakeIo) =>
  Object.fromEntries(
    [...io.files.contents].filter(([path]) => path !== 'x.log').map(([path, bytes]) => [path, bytes.toString()]),
  )

async function files(log: string, ...args: string[]) {
  const { code, io, out } = await canlog(log, '--quiet', ...args)
  expect([code, out]).toEqual([0, ''])
  return written(io)
}

const PATH = 'regen.out/23/1114/2213.can'

describe('--regen', () => {
  test('writes every message and every single frame as it was, to a file per minute', async () => {
    const log = candump(
      [0, a()],
      [1, b()],
      [2, c()],
      [3, single('10603001', '4142')],
      [4, single('10A03130', '43')],
      [5, single('1FF03130', '44')],
      [40, b()],
      [41, a()],
    )
    const lines = log.split(/(?<=\n)/)
    const first = lines.findIndex(line => line.startsWith('(1700000040'))
    expect(await files(log, '--regen')).toEqual({
      [PATH]: lines.slice(0, first).join(''),
      'regen.out/23/1114/2214.can': lines.slice(first).join(''),
    })
  })

  test('puts the frames of a message together again that came between others', async () => {
    const [one, other] = [b().map((frame, i) => [i * 0.002, [frame]] as const), b({ node: '03002' })]
    const mixed = candump(...one.flatMap((entry, i): Entry[] => [entry, [i * 0.002 + 0.001, [other[i]!]]]))
    const lines = mixed.split(/(?<=\n)/)
    const ofNode = (node: string) => lines.filter(line => line.includes(`${node}#`)).join('')
    expect(await files(mixed, '--regen')).toEqual({ [PATH]: ofNode('03001') + ofNode('03002') })
  })

  test('leaves A out with --compat', async () => {
    expect(await files(everySecond(a(), b()), '--regen', '--compat')).toEqual({ [PATH]: candump([1, b()]) })
  })

  test('writes only what passes checks, filters and thinning, but single frames always', async () => {
    const d = single('10603001', '4142')
    const log = everySecond(b({ damage: 1 }), b(), b(), b({ flags: 0x2d }), d, d)
    expect(await files(log, '--regen', '--rrf=2C', '--reduce')).toEqual({ [PATH]: candump([1, b()], [4, d]) })
    expect(await files(log, '--regen', '--sample')).toEqual({ [PATH]: candump([1, b()], [4, d]) })
  })

  test('keeps stamps and interface as the log has them', async () => {
    const log = candump([0, b()]).replaceAll(/\((\d+\.\d{3})\d{3}\) can0/g, '($1) vcan7')
    expect(await files(log, '--regen')).toEqual({ [PATH]: log })
  })

  test('gives rows of a CSV log the form of candump', async () => {
    const log = savvycan([[0, b()]], 0)
    expect(await files(log, '--regen')).toEqual({ [PATH]: candump([0, b()]) })
  })

  test.each([
    ['out/YYYY-MM-DD/HH.mm.ss', 'out/2023-11-14/22.13.20'],
    ['/data/MM/YY/MMDD/HHmm', '/data/MM/23/1114/2213'],
    ['DDmm', '1413'],
    ['a/b/c', 'a/b/c'],
    ['Das/Ha/{HH}', 'Das/Ha/22'],
    ['MM/mm/{YYYY}MM/HH/DD/x', 'MM/mm/2023MM/22/14/x'],
    ['{YY}{MM}{DD}-DD/x/y/z/{', '231114-DD/x/y/z/{'],
    ['s-YYYYMMDD', 's-20231114'],
  ])('expands %s in its last three parts and in braces', async (pattern, path) => {
    expect(Object.keys(await files(everySecond(b()), `--regen=${pattern}`))).toEqual([`${path}.can`])
  })

  test.each([
    ['out/YYYY-MM-DD/HHmmss', 'out/2023-11-14/221320'],
    ['/data/MM/YY/MMDD/HHmm', '/2pmtpm/11/23/1114/2213'],
    ['[data]/D/M/H/h/m/s/SSS', 'data/14/11/22/10/13/20/000'],
    ['x[a]/A/YY', 'xa/PM/23'],
    ['x/Z/ZZ', 'x/+00:00/+0000'],
  ])('expands %s with --compat in every part', async (pattern, path) => {
    expect(Object.keys(await files(everySecond(b()), `--regen=${pattern}`, '--compat'))).toEqual([`${path}.can`])
  })

  test('names files by the local time of the first frame, times --tf', async () => {
    process.env['TZ'] = 'Asia/Kolkata'
    expect(Object.keys(await files(everySecond(b()), '--regen'))).toEqual(['regen.out/23/1115/0343.can'])
    process.env['TZ'] = 'UTC'
    const frames = b().map((frame, i): Entry => [39.999 + i * 0.001, [frame]])
    expect(Object.keys(await files(candump(...frames), '--regen'))).toEqual([PATH])
    const small = candump([0, b()]).replaceAll(/\([\d.]+\)/g, '(1700000.000000)')
    expect(Object.keys(await files(small, '--regen', '--tf=1000'))).toEqual([PATH])
  })

  test('adds to files that are there', async () => {
    const { io } = await run(['x.log', '--regen', '--quiet'], {
      files: { 'x.log': everySecond(b()), [PATH]: 'before\n' },
    })
    expect(written(io)).toEqual({ [PATH]: `before\n${candump([0, b()])}` })
  })

  test('prints the lines of the messages as well', async () => {
    expect((await canlog(everySecond(b()), '--regen')).lines).toEqual(timed(B))
  })

  test('begins and ends sampling at a new file, when sample.on or sample.off is there', async () => {
    const log = candump([0, b()], [1, b()], [40, b()], [41, b()])
    const on = await run(['x.log', '--regen', '--quiet'], { files: { 'x.log': log, 'sample.on': '' } })
    expect(on.err).toBe('wattzup: enabling sampling\n')
    const { 'sample.on': _, ...thinned } = written(on.io)
    // the first message opened its file before sampling began: it opened no window
    expect(thinned).toEqual({
      [PATH]: candump([0, b()], [1, b()]),
      'regen.out/23/1114/2214.can': candump([40, b()]),
    })
    const off = await run(['x.log', '--regen', '--sample', '--quiet'], { files: { 'x.log': log, 'sample.off': '' } })
    expect(off.err).toBe('wattzup: disabling sampling\n')
    const { 'sample.off': __, ...all } = written(off.io)
    expect(Object.values(all).join('')).toBe(log)
  })
})

describe('--pick', () => {
  const frames = (second: number, message: readonly Frame[]) =>
    candump([second, message]).replaceAll(' can0 ', ' can1 ').trimEnd().split('\n')

  test('prints the frames of B messages as can1 before their line, and writes no file', async () => {
    const log = everySecond(a(), b(), c(), b())
    const { lines, io } = await canlog(log, '--regen', '--pick', '--chan=B')
    expect(lines).toEqual([...frames(1, b()), `${at(1)} ${B}`, ...frames(3, b()), `${at(3)} ${B}`])
    expect(written(io)).toEqual({})
    expect((await canlog(log, '--pick', '--quiet')).lines).toEqual([...frames(1, b()), ...frames(3, b())])
  })

  test('prints with a time only the message of that time', async () => {
    const log = everySecond(b(), b(), b())
    expect((await canlog(log, '--regen', `--pick=${at(1)}`, '--quiet')).lines).toEqual(frames(1, b()))
    expect((await canlog(log, '--regen', '--pick=231114.221321', '--quiet')).lines).toEqual([])
  })

  test('needs --regen with --compat', async () => {
    const log = everySecond(b())
    expect((await canlog(log, '--pick', '--quiet', '--compat')).out).toBe('')
    expect((await canlog(log, '--pick', '--regen', '--quiet', '--compat')).lines).toEqual(frames(0, b()))
  })

  test('prints nothing of what does not pass', async () => {
    const log = everySecond(b({ damage: 1 }), b({ flags: 0x2d }), b())
    expect((await canlog(log, '--regen', '--pick', '--quiet', '--rrf=2C')).lines).toEqual(frames(2, b()))
  })

  test('keeps the stamps of the log', () => {
    expect(stampOf(1_700_000_000_000_100)).toBe('1700000000.000100')
  })
})
