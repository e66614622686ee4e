process.env.TZ = 'UTC'

import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { World } from '../fake-io.ts'
import { a, announce, b, c, everySecond, single } from './build-log.ts'
import { at } from './expected.ts'
import { run } from './run.ts'

const log = everySecond(
  a(),
  b(),
  c(),
  announce('M999DEMO00000001'),
  b({ payload: '' }),
  a({ payload: '' }),
  c({ payload: '' }),
  single('10603001', '4142'),
  single('10A03130', '4142'),
  single('1FF03130', '4142'),
  b({ damage: 1 }),
)
const COLOR = '\u001b['
const printed = async (args: readonly string[], world: World = {}) =>
  (await run(['x.log', ...args], { ...world, files: { 'x.log': log } })).out

const options = fc.subarray(
  '--rec --rec=used --hex --hex=diff --val --chr --msg --hdr --pairs --crc --str --smo --ser --flg --seq --dup --tab --106 --10A --unk --field=serial --count --hist --sum --err --quiet --compat --scan=1:9 --pmm'.split(
    ' ',
  ),
)

describe('colours', () => {
  test('never change the text, whatever is shown', async () => {
    const property = fc.asyncProperty(options, async args => {
      const plain = await printed(args)
      expect(plain).not.toContain('\u001b')
      expect(stripVTControlCharacters(await printed([...args, '--color=always']))).toBe(plain)
      expect(await printed([...args, '--plain'], { columns: 80 })).toBe(plain)
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test('are those of the page, column by column', async () => {
    const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[39m`
    const [red, green, yellow, blue, magenta, cyan] = [31, 32, 33, 34, 35, 36].map(paint)
    const [redBright, greenBright, yellowBright, blueBright] = [91, 92, 93, 94].map(paint)
    const [, line = ''] = (await printed(['--str', '--ser', '--hex', '--chr', '--color=always'])).split('\n')
    expect(line).toBe(
      [
        cyan!(at(1)),
        magenta!('03-01-00'),
        redBright!('________________'),
        redBright!('B'),
        yellowBright!('03001'),
        green!('AA03'),
        blue!('0008'),
        blueBright!('76'),
        green!('2C'),
        greenBright!('016200'),
        green!('00'),
        red!('0B'),
        redBright!('3C'),
        yellow!('03'),
        blueBright!('14'),
        yellow!('01'),
        green!('01'),
        greenBright!('032F'),
        blueBright!('01 02 03 04 05 06 07 08'),
        redBright!('........'),
      ].join(' '),
    )
  })

  test('in a record are those of Node', async () => {
    const { inspect } = await import('node:util')
    const text = await printed(['--rec', '--typ=70:14', '--chan=B', '--color=always'])
    const record = { serial: 'M999DEMO00000001', detail: 0, type: 0, modVer: '0.0.0.0', ldver: '0.0.0.0', custom: 0 }
    expect(text).toContain(inspect(record, { breakLength: Number.POSITIVE_INFINITY, compact: true, colors: true }))
  })
})

describe('whether there are colours', () => {
  test.each<[string, World, readonly string[], boolean]>([
    ['no terminal', {}, [], false],
    ['a terminal', { columns: 80 }, [], true],
    ['a dumb terminal', { columns: 80, env: { TERM: 'dumb' } }, [], false],
    ['NO_COLOR on a terminal', { columns: 80, env: { NO_COLOR: '1' } }, [], false],
    ['an empty NO_COLOR on a terminal', { columns: 80, env: { NO_COLOR: '' } }, [], true],
    ['FORCE_COLOR without a terminal', { env: { FORCE_COLOR: '1' } }, [], true],
    ['FORCE_COLOR=0 on a terminal', { columns: 80, env: { FORCE_COLOR: '0' } }, [], false],
    ['NO_COLOR against FORCE_COLOR', { env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, [], false],
    ['--color=always', {}, ['--color=always'], true],
    ['--color=always against NO_COLOR', { env: { NO_COLOR: '1' } }, ['--color=always'], true],
    ['--color=never on a terminal', { columns: 80, env: { FORCE_COLOR: '1' } }, ['--color', 'never'], false],
    ['--color=auto on a terminal', { columns: 80 }, ['--color=auto'], true],
    ['--plain on a terminal', { columns: 80 }, ['--plain'], false],
    ['--plain against --color=always', {}, ['--plain', '--color=always'], false],
    ['NDJSON on a terminal', { columns: 80 }, ['--json'], false],
  ])('is decided by %s', async (_, world, args, colored) => {
    expect((await printed(args, world)).includes(COLOR)).toBe(colored)
  })

  test('has no third answer', async () => {
    const { code, err } = await run(['x.log', '--color=sometimes'], { files: { 'x.log': log } })
    expect([code, err]).toEqual([2, expect.stringContaining('Allowed choices are always, never, auto')])
  })
})
