import { describe, expect, test } from 'vitest'
import { colorLevel } from '../../src/cli/color.ts'
import { fakeIo, type World } from '../fake-io.ts'

const level = (choice: string | undefined, world: World) => colorLevel(fakeIo([], world), choice)

describe('colorLevel', () => {
  test.each<[string, string | undefined, World, number]>([
    ['a pipe has none', 'auto', {}, 0],
    ['a terminal has 16 colours', 'auto', { columns: 80 }, 1],
    ['no choice is auto', undefined, { columns: 80 }, 1],
    ['a terminal that says so has more', 'auto', { columns: 80, env: { TERM: 'xterm-256color' } }, 2],
    ['or all', 'auto', { columns: 80, env: { COLORTERM: 'truecolor' } }, 3],
    ['a dumb terminal has none', 'auto', { columns: 80, env: { TERM: 'dumb' } }, 0],
    ['NO_COLOR wins over a terminal', 'auto', { columns: 80, env: { NO_COLOR: '1' } }, 0],
    ['NO_COLOR wins over FORCE_COLOR', 'auto', { env: { NO_COLOR: '1', FORCE_COLOR: '3' } }, 0],
    ['an empty NO_COLOR says nothing', 'auto', { columns: 80, env: { NO_COLOR: '' } }, 1],
    ['FORCE_COLOR wins over a pipe', 'auto', { env: { FORCE_COLOR: '' } }, 1],
    ['FORCE_COLOR names a level', 'auto', { env: { FORCE_COLOR: '3' } }, 3],
    ['FORCE_COLOR may forbid', 'auto', { columns: 80, env: { FORCE_COLOR: '0' } }, 0],
    ['never wins over all', 'never', { columns: 80, env: { FORCE_COLOR: '1' } }, 0],
    ['always wins over all', 'always', { env: { NO_COLOR: '1', TERM: 'dumb' } }, 1],
  ])('%s', (_, choice, world, expected) => expect(level(choice, world)).toBe(expected))

  test('asks the output that it is for', () => {
    const io = fakeIo([], { errIsTerminal: true })
    expect([colorLevel(io, 'auto'), colorLevel(io, 'auto', io.err)]).toEqual([0, 1])
  })
})
