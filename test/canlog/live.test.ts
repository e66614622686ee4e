process.env.TZ = 'UTC'

import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import { ChunkedInput, pieces } from '../chunked-input.ts'
import { FakeClock, type FakeIo, fakeIo } from '../fake-io.ts'
import { a, b, c, candump, everySecond, savvycan, single } from './build-log.ts'
import { A, B, C, timed } from './expected.ts'
import { canlog, run } from './run.ts'

const log =
  `${everySecond(a(), b(), c(), single('10603001', '4142'))}\n# noise\r\n${candump([9, b({ damage: 1 })], [10, b()])}`.trimEnd()
const ARGS = ['--106', '--sum', '--err', '--str']

describe('a log that comes in pieces', () => {
  test.each([
    ['candump', log],
    ['candump with CR LF', log.replaceAll(/\r?\n/g, '\r\n')],
    ['SavvyCAN CSV', savvycan([[1, b()], [2, a()]])], // biome-ignore format: short
  ])('gives the same, wherever it is cut: %s', async (_, text) => {
    const whole = await canlog(text, ...ARGS)
    const property = fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 12 }), async cuts => {
      const { code, out, err } = await run(['-', ...ARGS], { stdin: new ChunkedInput(pieces(text, cuts)) })
      expect({ code, out, err }).toEqual({ code: whole.code, out: whole.out, err: whole.err })
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test('gives the same byte by byte', async () => {
    const { out, err } = await canlog(log, ...ARGS)
    const bytes = new ChunkedInput(
      pieces(
        log,
        Array.from(log, (_, i) => i),
      ),
    )
    expect(await run(['-', ...ARGS], { stdin: bytes })).toMatchObject({ out, err })
    expect(bytes.isClosed).toBe(true)
  })

  test('gives the same when a cut parts a line of a megabyte', async () => {
    const long = `${everySecond(a())}${'y'.repeat(1_000_000)}\n${everySecond(b())}`
    const { out, err } = await canlog(long)
    const property = fc.asyncProperty(fc.array(fc.nat(long.length), { maxLength: 6 }), async cuts => {
      expect(await run(['-'], { stdin: new ChunkedInput(pieces(long, cuts)) })).toMatchObject({ out, err })
    })
    await fc.assert(property, { numRuns: 15 })
  })
})

describe('a live input', () => {
  test('has each message printed as soon as its last frame is there', async () => {
    const frames = everySecond(a(), b(), c()).split(/(?<=\n)/)
    const seen: number[] = []
    const count = (text: string) => text.split('\n').length - 1
    const io = fakeIo(['canlog', '-'], { stdin: new ChunkedInput(frames, () => void seen.push(count(io.stdout))) })
    expect(await main(io)).toBe(0)
    // 3 frames of A, 4 of B, 4 of C: before each chunk, what the ones before it have given
    expect(seen).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3])
    expect(io.stdout).toBe(`${timed(A, B, C).join('\n')}\n`)
  })

  test('has its reports printed when it is stopped, and the run succeeds', async () => {
    const frames = everySecond(a(), b(), c()).split(/(?<=\n)/)
    const io = fakeIo(['canlog', '-', '--sum'], {
      stdin: new ChunkedInput(frames, chunk => {
        if (chunk === 7) io.abort()
      }),
    })
    expect(await main(io)).toBe(0)
    const [first, second, ...report] = io.stdout.trimEnd().split('\n')
    expect([first, second]).toEqual(timed(A, B))
    expect(report.join('\n')).toContain('recs: 2,')
  })

  test('has its progress shown on a terminal where nothing else is printed, and taken away at the end', async () => {
    const watch = async (columns?: number) => {
      const clock = new FakeClock()
      const input = new ChunkedInput([log, '\n', '\n'], () => clock.advance(300))
      const world = { stdin: input, clock, errIsTerminal: true, ...(columns === undefined ? {} : { columns }) }
      const io: FakeIo = fakeIo(['canlog', '-'], world)
      expect(await main(io)).toBe(0)
      return io.stderr
    }
    expect(await watch()).toMatch(/^(\r\u001b\[K-: \d+ MB, \d+ MB\/s)+\r\u001b\[Kwattzup: /)
    expect(await watch(80)).toMatch(/^wattzup: /)
  })

  test('that fails has what came before printed', async () => {
    const failing = new ChunkedInput([everySecond(b())], async chunk => {
      await setImmediate()
      if (chunk === 1) throw new TransportError('cannot read -: cable pulled', { path: '-' })
    })
    const { lines, code, err } = await run(['-'], { stdin: failing })
    expect([code, lines, err]).toEqual([1, timed(B), 'wattzup: cannot read -: cable pulled\n'])
    expect(failing.isClosed).toBe(true)
  })
})

describe('any bytes at all', () => {
  test('do not crash the command', async () => {
    const frames = [...a(), ...b(), ...c()].map(({ id, data }) => `(1.5) can0 ${id}#${data.toString('hex')}\n`)
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(...frames),
      fc.constantFrom(...frames).chain(line => fc.nat(line.length).map(at => line.slice(at))),
      fc.constantFrom('\n', '(', '#', '##', 'R', ',', '(1.0) can0 123#', 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2\n'),
      fc.tuple(fc.nat(0x1fffffff), fc.uint8Array({ maxLength: 9 })).map(([id, data]) => {
        return `(${id}.5) can0 ${id.toString(16).padStart(8, '0')}#${Buffer.from(data).toString('hex')}\n`
      }),
    )
    const options = fc.subarray(
      '--rec=used --hex=diff --json --guesses --raw --csv --compat --err --dup --seq --ser --val --chr --msg --hdr --pairs --crc --flg --106 --10A --unk --reduce --sample --regen --pick --count --sum --hist --stat --pivot --pmm --scan=1:9 --redact --tinc=7 --color=always --tab'.split(
        ' ',
      ),
    )
    const property = fc.asyncProperty(fc.array(piece), options, fc.boolean(), async (parts, args, live) => {
      const text = parts.join('')
      const stdin = live ? new ChunkedInput(parts.filter(part => part !== '')) : Buffer.from(text, 'latin1')
      const { code, err } = await run(['-', ...args], { stdin })
      expect([0, 1]).toContain(code)
      expect(err).not.toMatch(/unexpected error|defect|undefined is not|Cannot read/)
    })
    await fc.assert(property, { numRuns: 300 })
  })
})
