import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import { type FakeIo, fakeIo, MemoryFiles, type World } from '../fake-io.ts'
import { pump, replier, WatchedClock } from '../protocols/sec1000/controllers.ts'
import { withInverters } from '../protocols/sec1000/replies.ts'
import { asked, DOCUMENT, GOOD, hostOf, lines, ran } from './sec1000-run.ts'

describe('the cache', () => {
  const NOW = Date.UTC(2026, 2, 1, 10) / 1000
  const file = (...values: readonly (readonly [number, number])[]) => ({
    'c.json': JSON.stringify({ version: 1, host: 'it', values }),
  })
  const withCache = (turn: Buffer, files: World['files'] = {}, ...args: readonly string[]) =>
    asked([turn], ['--cache', 'c.json', ...args], { files })
  const remembered = (io: FakeIo) => JSON.parse(io.files.readText('c.json'))

  test('keeps what the controller said in a file of its own for each controller', async () => {
    const { io, host } = await asked([GOOD])
    const path = `/state/wattzup/sec1000-127.0.0.1-${host.split(':')[1]}.json`
    expect(JSON.parse(io.files.readText(path))).toEqual({ version: 1, host: '127.0.0.1', values: [[NOW, 4.873]] })
  })

  test('is in the home of the user where nothing else is said', async () => {
    const { io } = await asked([GOOD], [], { env: { HOME: '/home/me', XDG_STATE_HOME: 'relative' } })
    expect([...io.files.contents.keys()][0]).toMatch(
      /^\/home\/me\/\.local\/state\/wattzup\/sec1000-127\.0\.0\.1-\d+\.json$/,
    )
  })

  test('puts the last power in the place of a zero, and remembers the zero', async () => {
    const { io } = await withCache(withInverters(0), file([NOW - 60, 3.1], [NOW - 30, 0]))
    expect(JSON.parse(io.stdout)).toMatchObject({ inverters_power: 3.1, inverters_power_raw: 0, substituted: true })
    expect(remembered(io).values).toEqual([
      [NOW - 60, 3.1],
      [NOW - 30, 0],
      [NOW, 0],
    ])
  })

  test('forgets after 1200 s without a query', async () => {
    const { io: young } = await withCache(withInverters(0), file([NOW - 1200, 3.1]))
    expect(JSON.parse(young.stdout).inverters_power).toBe(3.1)
    const { io } = await withCache(withInverters(0), file([NOW - 1201, 3.1]))
    expect(JSON.parse(io.stdout)).toMatchObject({ inverters_power: 0, substituted: false })
    expect(remembered(io).values).toEqual([[NOW, 0]])
  })

  test('has the size and age that were wanted', async () => {
    const two = file([NOW - 50, 3.1], [NOW - 10, 0])
    const power = async (...args: readonly string[]) =>
      JSON.parse((await withCache(withInverters(0), two, ...args)).io.stdout).inverters_power
    expect(await power()).toBe(3.1)
    expect(await power('--cache-size', '1')).toBe(0)
    expect(await power('--cache-age', '9')).toBe(0)
    expect(await power('--cache-age', '20')).toBe(3.1)
    expect(await power('--cache-age', '20', '--cache-fresh')).toBe(0)
  })

  test.each([[['--no-cache']], [['--cache', 'c.json', '--cache-size', '0']]])('with %j is not there', async args => {
    const files = { ...file([NOW - 30, 3.1]) }
    const { io } = await asked([withInverters(0)], args, { files })
    expect(JSON.parse(io.stdout)).toMatchObject({ inverters_power: 0, inverters_power_raw: 0, substituted: false })
    expect(io.files.readText('c.json')).toBe(files['c.json'])
    expect([...io.files.contents.keys()]).toEqual(['c.json'])
  })

  test.each([
    'not JSON',
    '[]',
    'null',
    '{"version":2,"values":[]}',
    '{"version":1,"values":[[1,"x"]]}',
    '{"version":1,"values":[[1]]}',
    `{"version":1,"values":[${'[1,2],'.repeat(20_000)}[1,2]]}`,
  ])('that is damaged is said, not used, and written anew: %#', async text => {
    const { io, code, complaints } = await withCache(withInverters(0), { 'c.json': text })
    expect([JSON.parse(io.stdout).inverters_power, code]).toEqual([0, 0])
    expect(complaints).toBe('wattzup: c.json is damaged; starting with an empty cache\n')
    expect(remembered(io).values).toEqual([[NOW, 0]])
  })

  test('that cannot be written is said once, and the run goes on', async () => {
    const clock = new WatchedClock()
    await using listener = await replier(clock, [GOOD], [withInverters(0)])
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--watch', '--count', '3', '--cache', 'c.json'], { clock })
    io.files.replaceText = async () => {
      throw new TransportError('cannot write c.json: no space left on the disk')
    }
    expect(await pump(clock, main(io))).toBe(0)
    expect(lines(io).map(({ values }) => values.inverters_power)).toEqual([4.873, 4.873, 4.873])
    expect(io.stderr.match(/no space left/g)).toHaveLength(1)
  })

  test('that cannot be read is said, and the run goes on', async () => {
    const clock = new WatchedClock()
    await using listener = await replier(clock, [GOOD])
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--cache', 'c.json'], { clock, files: { 'c.json': '{}' } })
    io.files.readText = () => {
      throw new TransportError('cannot read c.json: permission denied')
    }
    expect(await pump(clock, main(io))).toBe(0)
    expect(io.stdout).toBe(DOCUMENT)
    expect(io.stderr).toContain('cannot read c.json: permission denied; starting with an empty cache')
  })

  test('without a place for it lives as long as the run', async () => {
    const clock = new WatchedClock()
    await using listener = await replier(clock, [GOOD], [withInverters(0)])
    const { io, complaints } = await ran(clock, ['query', hostOf(listener), '--watch', '--count', '2'], { env: {} })
    expect(lines(io).map(({ values }) => values.substituted)).toEqual([false, true])
    expect(complaints).toBe('wattzup: no HOME: nothing is remembered for the next run; --cache FILE names a file\n')
    expect(io.files).toBeInstanceOf(MemoryFiles)
    expect([...io.files.contents.keys()]).toEqual([])
  })

  test('hides eleven zeros but the last, run after run', async () => {
    let files: Record<string, Uint8Array> = {}
    const powers: number[] = []
    for (const raw of [3100, ...new Array(11).fill(0)]) {
      const { io } = await withCache(withInverters(raw), files)
      powers.push(JSON.parse(io.stdout).inverters_power)
      files = Object.fromEntries(io.files.contents)
    }
    expect(powers).toEqual([...new Array(11).fill(3.1), 0])
  })
})
