import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { realPart } from '../real/real-part.ts'
import { readLogFrames } from './read-frames.ts'
import { writeLog } from './write-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattzup-can-utils-'))
afterAll(() => rmSync(folder, { recursive: true }))

const log2asc = realPart('log2asc', 'can-utils')
const asc2log = realPart('asc2log', 'can-utils')
const log2long = realPart('log2long', 'can-utils')

const LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]

/** A log of every kind of frame that can-utils know; `errors`: with error frames. */
function randomLog(seed: number, errors: boolean): string {
  const random = new Random(seed)
  const below = (n: number) => Math.floor(random.unit() * n)
  const bytes = (n: number) =>
    Array.from({ length: n }, () => below(256).toString(16).toUpperCase().padStart(2, '0')).join('')
  const lines = ['(1700000000.000000) can0 001#00 R']
  for (let i = 0, micros = 0; i < 1500; i++) {
    micros += below(5000)
    const time = `17000000${String(Math.floor(micros / 1e6)).padStart(2, '0')}.${String(micros % 1e6).padStart(6, '0')}`
    const id = below(2) ? below(0x800).toString(16).padStart(3, '0') : below(0x20000000).toString(16).padStart(8, '0')
    const content = [
      () => `#${bytes(below(9))}`,
      () => `#R${below(9) || ''}`,
      () => `##${below(4)}${bytes(LENGTHS[below(LENGTHS.length)]!)}`,
      () => `#${bytes(8)}`,
    ][below(4)]!()
    const text = errors && below(20) === 0 ? `200000${bytes(1)}#${bytes(8)}` : `${id.toUpperCase()}${content}`
    lines.push(`(${time}) can${below(2)} ${text} ${below(3) === 0 ? 'T' : 'R'}`)
  }
  return `${lines.join('\n')}\n`
}

function run(program: string, input: string, ...args: readonly string[]): string {
  const { stdout, status, stderr } = spawnSync(program, args, {
    input,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  })
  expect([status, stderr.includes('fault')]).toEqual([0, false])
  return stdout
}

/** Events of an ASC file. Versions of log2asc differ in the blanks of CAN FD lines. */
function events(asc: string): string[] {
  const lines = asc.split('\n').filter(line => /^ *\d+\.\d+ (\d|CANFD)/.test(line))
  return lines.map(line => (line.includes('CANFD') ? line.replaceAll(/ +/g, ' ') : line))
}

const seeds = [1, 2, 3]

describe.skipIf(log2asc.missing)(`ASC is that of log2asc${log2asc.reason}`, () => {
  test.each(seeds)('line by line, log %i', seed => {
    const log = randomLog(seed, true)
    const file = join(folder, `${seed}.log`)
    writeFileSync(file, log)
    const theirs = run('log2asc', '', '-I', file, 'can0', 'can1')
    const ours = writeLog(log, 'asc').text
    expect(events(ours)).toEqual(events(theirs))
    expect(ours.split('\n')[0]!.replace('.000', '')).toBe(theirs.split('\n')[0])
    expect(readLogFrames(theirs).frames).toEqual(readLogFrames(ours).frames)
  })

  test('its form in which every frame is in the layout of CAN FD gives the same frames', () => {
    const log = randomLog(4, false)
    const file = join(folder, 'fd.log')
    writeFileSync(file, log)
    const theirs = run('log2asc', '', '-f', '-I', file, 'can0', 'can1')
    expect(readLogFrames(theirs).frames).toEqual(readLogFrames(log).frames)
  })
})

describe.skipIf(asc2log.missing)(`asc2log reads our ASC${asc2log.reason}`, () => {
  test.each(seeds)('as the log that it was, log %i', seed => {
    const log = randomLog(seed, false)
    // without a German or American locale asc2log does not know the date
    const frames = (text: string) => text.split('\n').map(line => line.split(' ').slice(1).join(' '))
    expect(frames(run('asc2log', writeLog(log, 'asc').text))).toEqual(frames(log))
  })
})

describe.skipIf(log2long.missing)(`the screen form is that of log2long${log2long.reason}`, () => {
  test.each(seeds)('line by line, log %i', seed => {
    const log = randomLog(seed, true)
    // log2long adds the data as text, shows no direction, and indents standard IDs from the first line on
    const theirs = run('log2long', log)
      .replaceAll(/ +'.*$/gm, '')
      .replaceAll(/ +$/gm, '')
    const ours = writeLog(`(1700000000.000000) can0 00000000#\n${log}`, 'candump-screen')
      .text.replaceAll(/^ |(?<=can\d) {2}[RT]X [B-] [E-]/gm, '')
      .replaceAll(/ +$/gm, '')
    expect(ours.split('\n').slice(1)).toEqual(theirs.split('\n'))
  })
})
