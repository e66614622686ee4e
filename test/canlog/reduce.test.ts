process.env.TZ = 'UTC'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { a, b, c, candump, type Entry, type Frame, single } from './build-log.ts'
import { canlog } from './run.ts'

/** Seconds from the log's start at which lines were printed. */
async function passing(entries: readonly Entry[], ...args: string[]): Promise<number[]> {
  const { code, lines } = await canlog(candump(...entries), '--reduce', ...args)
  expect(code).toBe(0)
  return lines.map(line => {
    const [, hours, minutes, seconds] = /^\d{6}\.(\d\d)(\d\d)(\d\d\.\d{3}) /.exec(line)!
    return Number(((Number(hours) - 22) * 3600 + (Number(minutes) - 13) * 60 + Number(seconds) - 20).toFixed(3))
  })
}

const atTimes = (times: readonly number[], frames: readonly Frame[]): Entry[] => times.map(time => [time, frames])

/** The times of the page's example. */
const example = [0, 2, 4, 5.5, 6, 8, 12, 13]

describe('--reduce', () => {
  test('lets the first of a window pass and the first after its end', async () => {
    expect(await passing(atTimes(example, b()))).toEqual([0, 5.5, 12])
  })

  test('loses with --compat one more after each window, as the original does', async () => {
    expect(await passing(atTimes(example, b()), '--compat')).toEqual([0, 6, 13])
  })

  test('drops a repeat at the very end of the window', async () => {
    expect(await passing(atTimes([0, 5, 5.001], b()))).toEqual([0, 5.001])
    expect(await passing(atTimes([0, 5, 5.001, 5.002], b()), '--compat')).toEqual([0, 5.002])
  })

  test.each([
    ['--duptime=500', [0, 2, 4, 5.5, 8, 12, 13]], // 6 is 500 ms after 5.5
    ['--duptime=2000', [0, 4, 8, 12]],
    ['--duptime=12999', [0, 13]],
    ['--duptime=0', example],
  ])('takes the window from %s', async (duptime, times) => {
    expect(await passing(atTimes(example, b()), duptime)).toEqual(times)
  })

  test('does what a slow reading of the rule does, at any times and for several kinds of messages', async () => {
    const kinds = [b(), b({ source: 9 }), a(), c()]
    const arrivals = fc.array(fc.tuple(fc.nat(30_000), fc.nat(kinds.length - 1)), { maxLength: 30 })
    const property = fc.asyncProperty(arrivals, fc.nat(8000), async (unsorted, window) => {
      const sorted = unsorted.toSorted(([one], [other]) => one - other)
      const opened = new Map<number, number>()
      const want = sorted.filter(([ms, kind]) => {
        const open = opened.get(kind)
        if (open !== undefined && ms - open <= window) return false
        opened.set(kind, ms)
        return true
      })
      const entries = sorted.map(([ms, kind]): Entry => [ms / 1000, kinds[kind]!])
      expect(await passing(entries, `--duptime=${window}`)).toEqual(want.map(([ms]) => ms / 1000))
    })
    await fc.assert(property, { numRuns: 60 })
  })
})

describe('a repeat', () => {
  const both = (first: readonly Frame[], then: readonly Frame[], ...args: string[]) =>
    passing(
      [
        [0, first],
        [1, then],
      ],
      ...args,
    )

  test.each([
    ['payload', b(), b({ payload: 'ffffffffffffffff' })],
    ['low three bytes of the sequence number', b(), b({ sequence: 0x00ffeedd })],
    ['payload, on channel A', a(), a({ payload: '00' })],
  ])('may have another %s', async (_, first, then) => {
    expect(await both(first, then)).toEqual([0])
  })

  test.each([
    ['node', b(), b({ node: '03002' })],
    ['length', b(), b({ payload: '' })],
    ['flag', b(), b({ flags: 0x2d })],
    ['top byte of the sequence number', b(), b({ sequence: 0x01000162 })],
    ['source', b(), b({ source: 4 })],
    ['command', b(), b({ command: '0330' })],
    ['command, on channel A', a(), a({ command: '0151' })],
    ['destination, on channel A', a(), a({ destination: 4 })],
  ])('is none with another %s', async (_, first, then) => {
    expect(await both(first, then)).toEqual([0, 1])
  })

  test('of channel C is one too, but not in the original', async () => {
    expect(await both(c(), c())).toEqual([0])
    expect(await both(c(), c(), '--compat')).toEqual([0, 1])
  })

  test('of a single frame has the same data; only frames of channel E are printed less', async () => {
    const [d, e] = [single('10603001', '4142'), single('10A03130', '4142')]
    expect(await both(d, d, '--106')).toEqual([0, 1])
    expect(await both(e, e, '--10A')).toEqual([0])
    expect(await both(e, single('10A03130', '4143'), '--10A')).toEqual([0, 1])
  })

  test('after a message with a bad CRC is not one, but in the original it is', async () => {
    const corrupt = b({ damage: 1 })
    expect(await both(corrupt, b())).toEqual([1])
    expect(await both(corrupt, b(), '--compat')).toEqual([])
  })
})

test('--sum tells how many windows are open, were opened and closed, and how many repeats were dropped', async () => {
  const entries: Entry[] = [...atTimes([0, 1, 6], b()), [6.5, a()], [6.6, c()], [6.7, c()]]
  const { out } = await canlog(candump(...entries), '--reduce', '--sum', '--quiet', '--format=json')
  expect(JSON.parse(out).sum.dup).toEqual({ list: 3, add: 4, del: 1, dup: 2 })
})
