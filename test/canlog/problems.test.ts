process.env.TZ = 'UTC'

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { crc16 } from '../protocols/ecoflow/slow-reader.ts'
import { a, announce, b, c, candump, everySecond, type Frame, single } from './build-log.ts'
import { at, B, timed } from './expected.ts'
import { canlog, run } from './run.ts'

const bytesOf = (frames: readonly Frame[], from = 0) =>
  Buffer.concat(frames.map(({ data }) => (from === 1 ? data.subarray(1, 1 + data[0]!) : data)))
const wire = (bytes: Buffer) => bytes.toString('hex').toUpperCase()
const inline = (object: object) => inspect(object, { breakLength: Number.POSITIVE_INFINITY, compact: true })

/** What the page says of a packet whose CRC is wrong. */
const crcs = (bytes: Buffer) => ({
  CRC_MISMATCH: bytes.readUInt16LE(bytes.length - 2),
  crc: crc16(bytes.subarray(0, -2)),
})

const stream = (second: number) => ({ time: at(second), nid: '03001', mad: '03', mda: '01', dv1: '00' })
const badB = bytesOf(b({ damage: 1 }))
const shortB = bytesOf(b({ length: 11 }))
const badA = bytesOf(a({ damage: 1 }), 1)
const badC = bytesOf(c({ damage: 1 }))

const problems = [
  { ...stream(0), ...crcs(badB), msg: wire(badB) },
  { ...stream(1), LEN_MISMATCH: 28, rln: 11, diff: -3, msg: wire(shortB) },
  { ...crcs(badA), len: 19, rln: '0001', msg: wire(badA) },
  { ...crcs(badC), msg: wire(badC) },
  { NO_STREAM: 'A31403', cmd: '008', pln: 7, msg: undefined },
]
const log = everySecond(b({ damage: 1 }), b({ length: 11 }), a({ damage: 1 }), c({ damage: 1 }), a().slice(1, 2))

describe('--err', () => {
  test('tells every problem on one line of stderr, as an inspected object', async () => {
    const { out, err } = await canlog(log, '--err')
    expect(out).toBe('')
    expect(err.split('\n').slice(0, problems.length)).toEqual(problems.map(inline))
  })

  test('tells them as JSON in the other formats', async () => {
    for (const format of ['ndjson', 'json --sum']) {
      const { err } = await canlog(log, '--err', ...`--format ${format}`.split(' '))
      const lines = err.split('\n').slice(0, problems.length)
      expect(lines.map(line => JSON.parse(line))).toEqual(problems.map(problem => JSON.parse(JSON.stringify(problem))))
    }
  })

  test('prints them with --compat among the lines, those of C in several lines when they are long', async () => {
    const { lines } = await canlog(log, '--err', '--compat')
    const [first, second, third, fourth, fifth] = problems
    expect(lines.join('\n')).toBe(
      [inline(first!), inline(second!), inline(third!), inspect(fourth), inline(fifth!)].join('\n'),
    )
    expect(inspect(fourth)).toContain('\n')
  })

  test('tells of a serial number that is not the known one, every time, and keeps the known one', async () => {
    const [one, other] = ['M999DEMO00000001', 'M999DEMO00000002']
    const { lines, err } = await canlog(
      everySecond(announce(one), announce(other), announce(other), b()),
      '--err',
      '--ser',
    )
    const mismatch = { SER_MISMATCH: one, name: other, mod: '03-01-00' }
    expect(err).toBe(`${inline(mismatch)}\n${inline(mismatch)}\n`)
    expect(lines.map(line => line.split(' ')[1])).toEqual([one, one, one, one])
  })

  test('says nothing without the option, except for the summary', async () => {
    const { err } = await canlog(log)
    expect(err).toBe('wattzup: passed over: messages 3 with a bad CRC, 1 with a bad length, 1 without a beginning\n')
  })
})

describe('the summary on stderr', () => {
  test.each([
    ['lost frames', a().toSpliced(1, 1), 'messages 1 with a lost frame'],
    ['no beginning', b().slice(1), 'messages 1 without a beginning'],
    ['no end', b().slice(0, 2), 'messages 1 unfinished at the end'],
    ['two beginnings', [...b().slice(0, 2), ...b()], 'messages 1 begun again before their end'],
    ['a frame twice', a().toSpliced(1, 0, a()[1]!), '1 doubled frames'],
  ])('names %s', async (_, frames, text) => {
    expect((await canlog(candump([0, frames]))).err).toBe(`wattzup: passed over: ${text}\n`)
  })

  test('names what was no frame of the log, except for blank lines', async () => {
    const odd = '\n# a remark\n(1.000000) can0 10003001#ZZ\n(1.000000) can0 10003001##0AB\nThe end\n'
    expect(b()).toHaveLength(4) // lines before the odd ones
    const { err, code } = await canlog(`${everySecond(b())}${odd}`)
    expect(code).toBe(0)
    expect(err).toContain('skipped: 2 lines that are no frames (first line 6), 1 frames with bad data (line 7)\n')
    expect(err).toContain('1 frames that carry no classic data')
  })

  test('counts several logs together, and says which of them has the first place', async () => {
    const files = {
      'good.log': everySecond(b()),
      'one.log': 'x\n'.repeat(3) + everySecond(b()),
      two: `y\n(1.000000) can0 10003001#ZZ\n${everySecond(b())}`,
    }
    const { err } = await run(['good.log', 'one.log', 'two', '--quiet'], { files })
    expect(err).toBe(
      'wattzup: skipped: 4 lines that are no frames (first line 1 of one.log), 1 frames with bad data (line 2 of two)\n',
    )
  })

  test('gives the place in a binary log in bytes', async () => {
    const words = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer)
    const packet = Buffer.concat([words(1_700_000_000, 0, 60, 60), Buffer.alloc(60)])
    const ethernet = Buffer.concat([words(0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1), packet, packet])
    expect((await canlog(ethernet)).err).toBe(
      'wattzup: skipped: 2 packets of link type 1, which is not CAN (first byte 24)\n',
    )
  })

  test('is not there for a good log', async () => {
    expect((await canlog(`${everySecond(a(), b(), c())}\n`)).err).toBe('')
  })

  test('does not go to standard output with --compat either', async () => {
    const { out, err } = await canlog(everySecond(b({ damage: 1 })), '--compat')
    expect([out, err]).toEqual(['', 'wattzup: passed over: messages 1 with a bad CRC\n'])
  })
})

describe('--strict', () => {
  test.each([
    ['a bad message', everySecond(b(), b({ damage: 1 }))],
    ['a line that is no frame', `${everySecond(b())}nonsense\n`],
    ['an unfinished message', candump([0, b().slice(0, 2)])],
  ])('makes a run fail for %s', async (_, text) => {
    expect((await canlog(text)).code).toBe(0)
    expect((await canlog(text, '--strict')).code).toBe(1)
  })

  test('lets a good log pass', async () => {
    expect((await canlog(`${everySecond(b())}\n\n`, '--strict')).code).toBe(0)
    expect((await canlog('', '--strict')).code).toBe(0)
    const remarks = '# a log of Battery-Emulator\n(1.250) RX0 18ff50e5 [3] a1 b2 c3\n'
    expect(await canlog(remarks, '--strict')).toMatchObject({ code: 0, err: '' })
  })
})

describe('--abort', () => {
  const [one, other] = ['M999DEMO00000001', 'M999DEMO00000002']
  const changing = everySecond(announce(one), b(), announce(other), b())

  test('stops before the message that tells another serial number, with its reports, and fails', async () => {
    const { code, lines } = await canlog(changing, '--abort', '--count')
    expect(code).toBe(1)
    expect(lines.filter(line => / B /.test(line))).toHaveLength(2)
    expect(lines.join('\n')).toContain(`ser: { '03-01-00': '${one}' }`)
  })

  test('stops with --compat without reports, as a success', async () => {
    const { code, lines } = await canlog(changing, '--abort', '--count', '--compat')
    expect([code, lines.length]).toEqual([0, 2])
  })

  test('goes on while nothing differs', async () => {
    const { code, lines } = await canlog(everySecond(announce(one), announce(one)), '--abort')
    expect([code, lines.length]).toEqual([0, 2])
  })
})

describe('--debug', () => {
  const frames = [...single('10603001', '4142'), ...b({ payload: '' })]
  const notes = frames.map(({ id, data }) => ({ nid: id.slice(3), cmd: id.slice(0, 3), data: wire(data) }))

  test('prints every frame that passes the filters on frames, on stderr', async () => {
    const { lines, err } = await canlog(candump([0, frames]), '--debug', '--node=03001')
    expect(lines).toEqual(timed(B.replace('0008 76', '0000 DE')))
    expect(err).toBe(`${notes.map(inline).join('\n')}\n`)
    expect((await canlog(candump([0, frames]), '--debug', '--node=0FFFF')).err).toBe('')
    expect((await canlog(candump([0, frames]), '--debug', '--cmd=106')).err).toBe(`${inline(notes[0]!)}\n`)
  })

  test('prints them with --compat among the lines', async () => {
    const { lines } = await canlog(candump([0, frames]), '--debug', '--compat')
    expect(lines.slice(0, 4)).toEqual(notes.map(inline))
  })

  test('shows the stack of an error', async () => {
    expect((await canlog('', '--scan=x', '--debug')).err).toMatch(/UsageError: --scan needs .*\n +at /)
  })
})
