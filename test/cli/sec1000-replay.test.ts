import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { fakeIo } from '../fake-io.ts'
import { WatchedClock } from '../protocols/sec1000/controllers.ts'
import { LIMIT_REPLY, statusReply, withInverters } from '../protocols/sec1000/replies.ts'
import { BLANK, GOOD, lines, ran } from './sec1000-run.ts'

describe('a log of replies', () => {
  const log = (...replies: readonly Buffer[]) =>
    replies.map((one, i) => `2026-03-01T10:00:0${i}.000Z ${one.toString('hex')}\n`).join('')
  const replayed = (text: string, ...args: readonly string[]) =>
    ran(new WatchedClock(), ['query', 'file:-', ...args], { stdin: text })

  test('is read as if its replies came now, with zeros replaced, and nothing is remembered', async () => {
    const { io, code } = await replayed(log(GOOD, withInverters(0), LIMIT_REPLY))
    expect(lines(io).map(({ time, message }) => `${time} ${message}`)).toEqual([
      '2026-03-01T10:00:00.000Z power',
      '2026-03-01T10:00:01.000Z power',
      '2026-03-01T10:00:02.000Z limit',
    ])
    expect(lines(io)[1].values).toMatchObject({ inverters_power: 4.873, substituted: true })
    expect([[...io.files.contents.keys()], code]).toEqual([[], 0])
  })

  test('is summed up: what was rejected and why; with --strict that is an error', async () => {
    const broken = Buffer.from(GOOD)
    broken[20]! ^= 1
    const text = `${log(BLANK, statusReply(6), broken, GOOD)}what is this\n`
    const { io, complaints, code } = await replayed(text)
    expect([lines(io).length, code]).toEqual([1, 0])
    expect(complaints).toBe(
      'wattzup: -: 1 line without bytes in hex\nwattzup: rejected: 1 all values 0, 1 status instead of data, 1 checksum\n',
    )
    expect((await replayed(text, '--strict')).code).toBe(1)
  })

  test('with nothing in it is an error', async () => {
    const { code, complaints } = await replayed('# nothing\n')
    expect([code, complaints]).toEqual([1, 'wattzup: -: there is no reply in it; one begins with 04 52 45 56 4f\n'])
  })

  test('may be shown byte by byte', async () => {
    const { io } = await replayed(`${GOOD.toString('hex')}\n${statusReply(0x15).toString('hex')}`, '--raw')
    expect(io.stdout.match(/^\d+ bytes$/gm)).toEqual(['56 bytes', '13 bytes'])
    expect(io.stdout).toMatch(/10 +15 +status +21 +refused/)
  })

  test('that is missing is an error of one line', async () => {
    const { code, complaints } = await ran(new WatchedClock(), ['query', 'file:/no/such/file'])
    expect([code, complaints]).toEqual([1, 'wattzup: cannot open /no/such/file: no such file or folder\n'])
  })
})

describe('samples/sec1000', () => {
  const folder = join(import.meta.dirname, '../../samples/sec1000')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const commands = [...readme.matchAll(/^wattzup (simulate sec1000 .*) > samples\/sec1000\/(\S+)$/gm)]

  test('are each described', () => {
    expect(commands.map(([, , name]) => name)).toEqual(['day.log', 'faults.log'])
  })

  test.each(commands.map(([, args, name]) => ({ name: name!, args: args! })))(
    '$name is what its command writes',
    async ({ name, args }) => {
      const io = fakeIo(args.split(' '))
      expect(await main(io)).toBe(0)
      expect(existsSync(join(folder, name)) && readFileSync(join(folder, name), 'utf8') === io.stdout).toBe(true)
    },
  )
})
