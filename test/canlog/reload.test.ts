process.env.TZ = 'UTC'

import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { ChunkedInput } from '../chunked-input.ts'
import { FakeClock, type FakeIo, fakeIo } from '../fake-io.ts'
import { a, b, candump, everySecond } from './build-log.ts'
import { run } from './run.ts'

let folder = ''
let saved = 0
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-structs-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Writes a definition file, each time with a later date. */
function save(name: string, content: object | string): string {
  const path = join(folder, `${name}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  saved++
  utimesSync(path, 1_700_000_000 + saved, 1_700_000_000 + saved)
  return path
}

/** A message without an example has to say why. */
const NOTE = { note: 'made for a test' }

const records = (fields: object, more: object = {}) => ({
  family: 'ecoflow-records',
  endian: 'little',
  messages: { '76': { match: '76', ...NOTE, fields }, ...more },
})

const log = everySecond(b(), b({ payload: '0001', command: '0506' }))
const recordsOf = (lines: readonly string[]) => lines.map(line => line.replace(/^[^{]*/, ''))

describe('--structs', () => {
  test("adds the user's records to the built-in ones, and over them", async () => {
    save(
      'ecoflow-records',
      records({ first: [0, 'u8'], word: [1, 'u16'] }, { mine: { match: '[A] A0', ...NOTE, fields: { b: [0, 'u8'] } } }),
    )
    const { lines, err } = await run(['x.log', '--rec', `--structs=${folder}`], {
      files: { 'x.log': log + candump([2, a()]) },
    })
    expect(err).toBe('')
    // the payload of b() is 01 02 03 and on, that of a() 2A
    expect(recordsOf(lines)).toEqual([
      `{ first: 1, word: ${0x0302} }`,
      '{ Set_PVIn1: 0, Set_PVIn2: 1 }',
      `{ b: ${0x2a} }`,
    ])
  })

  test("names messages by the user's identities", async () => {
    save('ecoflow', {
      family: 'ecoflow',
      endian: 'little',
      messages: { special: { match: '03:03:2F', ...NOTE, fields: { level: [2, 'u16', '0.1 V'] } } },
    })
    const { lines } = await run(['x.log', '--json', `--structs=${folder}`], { files: { 'x.log': log } })
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { message: 'special', values: { level: 0x0403 / 10 } },
      { message: 'pv_input_switch', values: { Set_PVIn1: 0, Set_PVIn2: 1 } },
    ])
  })

  test('samples as they say', async () => {
    save('ecoflow-records', { ...records({}), messages: { '76': { match: '76', ...NOTE, sample: 2, fields: {} } } })
    const same = everySecond(b(), b(), b(), b(), b())
    const { lines } = await run(['x.log', '--sample', `--structs=${folder}`], { files: { 'x.log': same } })
    expect(lines).toHaveLength(3)
  })

  test.each([
    ['no JSON', '{', /^wattzup: .*ecoflow-records\.json: line 1, column \d+: .*\n$/],
    ['an unknown type', records({ x: [0, 'u99'] }), /^wattzup: .*ecoflow-records\.json: 76\.x: .*\n$/],
    ['no messages', { family: 'ecoflow-records' }, /^wattzup: .*ecoflow-records\.json: .*\n$/],
  ])('refuses a definition with %s, in one line', async (_, content, line) => {
    save('ecoflow-records', content)
    const { code, out, err } = await run(['x.log', `--structs=${folder}`], { files: { 'x.log': log } })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(line)
  })

  test('refuses a folder that is not there', async () => {
    const missing = join(folder, 'typo')
    const { code, err } = await run(['x.log', `--structs=${missing}`], { files: { 'x.log': log } })
    expect([code, err]).toEqual([1, `wattzup: cannot read the folder ${missing}\n`])
  })
})

describe('while a log comes in', () => {
  /** Runs over one message per step; `steps` happen before it, each `ms` after the one before. */
  async function watch(
    steps: readonly (() => void)[],
    args: readonly string[] = ['--rec'],
    ms = 1000,
  ): Promise<FakeIo> {
    const chunks = steps.flatMap((_, second) => ['# let it look\n', candump([second, b()])])
    const clock = new FakeClock()
    const input = new ChunkedInput(chunks, chunk => {
      if (chunk % 2 === 1 || chunk === chunks.length) return
      steps[chunk / 2]!()
      clock.advance(ms)
    })
    const io: FakeIo = fakeIo(['canlog', '-', ...args, `--structs=${folder}`], { stdin: input, clock })
    expect(await main(io), io.stderr).toBe(0)
    return io
  }
  const nothing = () => {}
  const saving = (fields: object) => () => void save('ecoflow-records', records(fields))
  const notes = ({ stderr }: FakeIo) => stderr.split('\n').filter(line => line !== '' && !line.includes('skipped'))
  const shown = ({ stdout }: FakeIo) => recordsOf(stdout.trimEnd().split('\n'))
  const RELOADED = 'wattzup: re-loaded record formats'

  beforeEach(saving({ one: [0, 'u8'] }))

  test('a changed file is used from then on, and that is said', async () => {
    const io = await watch([nothing, saving({ two: [1, 'u8'] }), nothing, saving({ three: [2, 'u8'] })])
    expect(shown(io)).toEqual(['{ one: 1 }', '{ two: 2 }', '{ two: 2 }', '{ three: 3 }'])
    expect(notes(io)).toEqual([RELOADED, RELOADED])
  })

  test('is looked at once a second', async () => {
    const io = await watch([nothing, saving({ two: [1, 'u8'] }), nothing, nothing], ['--rec'], 400)
    // 400, 800, 1200, 1600 ms
    expect(shown(io)).toEqual(['{ one: 1 }', '{ one: 1 }', '{ two: 2 }', '{ two: 2 }'])
  })

  test('a broken file is told once and ignored, and the next good one is used', async () => {
    const io = await watch([
      () => void save('ecoflow-records', '{ "family": '),
      nothing,
      () => void save('ecoflow-records', records({ x: [0, 'u99'] })),
      saving({ two: [1, 'u8'] }),
    ])
    expect(shown(io)).toEqual(['{ one: 1 }', '{ one: 1 }', '{ one: 1 }', '{ two: 2 }'])
    expect(notes(io)).toEqual([
      expect.stringMatching(/^wattzup: .*ecoflow-records\.json: line 1, column \d+: .*; going on with what is in use$/),
      expect.stringMatching(/^wattzup: .*ecoflow-records\.json: 76\.x: .*; going on with what is in use$/),
      RELOADED,
    ])
  })

  test('a file that goes away leaves the built-in definitions', async () => {
    const io = await watch([nothing, () => rmSync(join(folder, 'ecoflow-records.json'))])
    expect(shown(io)).toEqual(['{ one: 1 }', '{}'])
  })

  test('NDJSON changes too', async () => {
    const identities = (name: string) => () =>
      void save('ecoflow', { family: 'ecoflow', messages: { [name]: { match: '03:03:2F', ...NOTE, fields: {} } } })
    const io = await watch([identities('first'), identities('second')], ['--json'])
    const messages = io.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line).message)
    expect(messages).toEqual(['first', 'second'])
  })

  test('it is said on standard output with --compat, as the original does', async () => {
    const io = await watch([nothing, saving({ two: [1, 'u8'] })], ['--rec', '--compat'])
    expect(io.stdout.split('\n')[1]).toBe('re-loaded record formats')
  })

  test('what was counted, compared and remembered stays', async () => {
    const io = await watch([nothing, saving({ two: [1, 'u8'] })], ['--dup', '--seq', '--hex=diff', '--color=always'])
    const [first, again, second] = io.stdout.trimEnd().split('\n')
    expect(again).toBe(`${first} *`)
    expect(stripVTControlCharacters(second!)).toMatch(/ 0 1$/)
    expect(second).toContain('\u001b[34m08\u001b[39m') // blue: as before
  })
})
