process.env.TZ = 'UTC'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { a, b, c, candump, type Frame, hex } from './build-log.ts'
import { A, B, C } from './expected.ts'
import { canlog } from './run.ts'

/** What a log of these frames gives: its lines without time, the summary, and how many messages were dropped. */
async function read(frames: readonly Frame[], ...args: string[]) {
  const log = candump([0, frames])
  const { lines, err } = await canlog(log, ...args)
  const { out } = await canlog(log, '--sum', '--format=json', ...args)
  return {
    lines: lines.map(line => line.slice(18)),
    lost: err.replace(/^wattzup: passed over: |\n$/g, ''),
    dropped: JSON.parse(out).sum.dropped,
  }
}

const good = { lost: '', dropped: 0 }
const without = (frames: readonly Frame[], ...places: number[]) => frames.filter((_, i) => !places.includes(i))
const twice = (frames: readonly Frame[], place: number) => frames.toSpliced(place, 0, frames[place]!)

describe('channel A', () => {
  const long = a({ payload: new Uint8Array(40).map((_, i) => i) }) // 9 frames
  const LONG = 'A 91403 AA02 0028'

  test.each([1, 3, 7])('drops a message at once when frame %i is lost, and takes the next one', async place => {
    const { lines, lost, dropped } = await read([...without(long, place), ...long])
    expect([lines.length, lost, dropped]).toEqual([1, 'messages 1 with a lost frame', 1])
    expect(lines[0]).toContain(LONG)
  })

  test('counts a message without its first frame once, however many frames are left of it', async () => {
    const { lines, lost, dropped } = await read([...without(long, 0), ...long, ...without(long, 0, 1)])
    expect([lines.length, lost, dropped]).toEqual([1, 'messages 2 without a beginning', 2])
  })

  test('drops a message whose frames are out of order', async () => {
    const swapped = long.toSpliced(3, 2, long[4]!, long[3]!)
    const { lines, lost, dropped } = await read([...swapped, ...long])
    expect([lines.length, lost, dropped]).toEqual([1, 'messages 1 with a lost frame', 1])
  })

  test('drops a message without its last frame when the next begins', async () => {
    const { lines, lost, dropped } = await read([...without(long, 8), ...long])
    expect([lines.length, lost, dropped]).toEqual([1, 'messages 1 begun again before their end', 1])
  })

  test.each([0, 4, 8])('counts a doubled frame %i and takes it once', async place => {
    const { lines, lost, dropped } = await read([...twice(long, place), ...long])
    expect([lines.length, lost, dropped]).toEqual([2, '1 doubled frames', 0])
    expect(lines[1]).toBe(lines[0])
  })

  test('takes frames that are filled up to eight bytes', async () => {
    const padded = a().map(({ id, data }) => ({ id, data: Buffer.concat([data, Buffer.alloc(8 - data.length, 0xee)]) }))
    expect(await read(padded)).toEqual({ lines: [A], ...good })
  })

  test('takes frames that say to hold more than they do as what they are', async () => {
    const lying = a().map(({ id, data }) => ({ id, data: Buffer.concat([Buffer.from([0xff]), data.subarray(1)]) }))
    expect(await read(lying)).toEqual({ lines: [A], ...good })
  })

  test.each([31, 32, 33, 48, 62, 63])('takes messages of %i frames', async count => {
    const frames = a({ payload: new Uint8Array(count * 7 - 18).fill(0x55) })
    const { lines, ...rest } = await read([...frames, ...frames], '--hex')
    expect(frames).toHaveLength(count)
    expect(rest).toEqual(good)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(new RegExp(`^A ${hex(count % 16, 1)}1403 AA02 .* ${Array(count * 7 - 18).fill('55')}$`))
  })

  test('keeps messages of other lengths between the same two modules apart', async () => {
    const [short, middle] = [a(), a({ payload: new Uint8Array(16 * 7 + 3) })] // 3 and 19 frames: one node
    const mixed = middle.flatMap((frame, i) => [frame, ...(i < 3 ? [short[i]!] : [])])
    const { lines, ...rest } = await read(mixed)
    expect([lines.length, rest]).toEqual([2, good])
    expect(lines.map(line => line.slice(0, 7)).sort()).toEqual(['A 31403', 'A 31403'])
  })
})

describe('channels B and C', () => {
  test.each([
    ['B', b(), B],
    ['C', c(), C],
  ])(
    '%s: a lost middle frame is a bad length, a lost end a restart, a lost beginning counted',
    async (_, frames, line) => {
      expect(await read([...without(frames, 1), ...frames])).toEqual({
        lines: [line],
        lost: 'messages 1 with a bad length',
        dropped: 1,
      })
      expect(await read([...without(frames, 3), ...frames])).toEqual({
        lines: [line],
        lost: 'messages 1 begun again before their end',
        dropped: 1,
      })
      expect(await read([...without(frames, 0), ...frames])).toEqual({
        lines: [line],
        lost: 'messages 1 without a beginning',
        dropped: 1,
      })
    },
  )

  test('a doubled frame is a bad CRC', async () => {
    expect(await read([...twice(b(), 2), ...b()])).toEqual({
      lines: [B],
      lost: 'messages 1 with a bad CRC',
      dropped: 1,
    })
  })

  test('a doubled first frame costs nothing but its count', async () => {
    expect(await read(twice(b(), 0))).toMatchObject({ lines: [B], lost: 'messages 1 begun again before their end' })
  })

  test.each([0, 1, 2, 3, 4, 11, 100])('%i bytes of padding change nothing', async padding => {
    const { lines, ...rest } = await read([...b({ padding }), ...c({ padding })], '--hex')
    expect(lines).toEqual([`${B} 01 02 03 04 05 06 07 08`, C])
    expect(rest).toEqual(good)
  })

  test('an unfinished message at the end is told, and not a dropped one', async () => {
    expect(await read([...b(), ...b().slice(0, 2), ...c().slice(0, 1)])).toEqual({
      lines: [B],
      lost: 'messages 2 unfinished at the end',
      dropped: 0,
    })
  })

  test('a message of one or two frames has a bad length', async () => {
    const tiny = [...without(b(), 1, 2), ...b()]
    expect(await read(tiny)).toMatchObject({ lines: [B], lost: 'messages 1 with a bad length' })
  })

  test('a message that never ends is given up once, and the next is taken', async () => {
    const [first, middle] = b()
    const endless = [first!, ...Array<Frame>(9000).fill(middle!), ...b()]
    expect(await read(endless)).toEqual({ lines: [B], lost: 'messages 1 longer than any message', dropped: 1 })
  })

  test('with --compat frames without a beginning pass in silence, and a restart too', async () => {
    expect(await read([...without(b(), 0), ...b()], '--compat')).toEqual({ lines: [B], ...good })
    const { dropped } = await read([...without(b(), 3), ...b()], '--compat')
    expect(dropped).toBe(0)
  })
})

/** A mixture of streams of frames, each in its own order; `picks` says whose turn it is. */
function mixed(streams: readonly (readonly Frame[])[], picks: readonly number[]): Frame[] {
  const rests = streams.map(frames => [...frames])
  const order = [...picks, ...streams.flatMap((frames, i) => frames.map(() => i))]
  return order.flatMap(pick => rests[pick % rests.length]!.splice(0, 1))
}

describe('messages that interleave', () => {
  const streams = [
    [...b(), ...b({ sequence: 0x163 }), ...b({ payload: '' })],
    [...b({ node: '03002' }), ...b({ node: '03002', payload: new Uint8Array(70) })],
    [...c({ node: '03001' }), ...c({ node: '03001', payload: '' })],
    [...a(), ...a({ payload: new Uint8Array(50) }), ...a({ sequence: 9 })],
    [...a({ destination: 6 }), ...a({ destination: 6, sequence: 7 })],
  ]

  test('are the same, node by node, in any order of the frames', async () => {
    const apart = await Promise.all(streams.map(async frames => (await read(frames, '--msg')).lines))
    const property = fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 60 }), async picks => {
      const { lines, ...rest } = await read(mixed(streams, picks), '--msg')
      expect(rest).toEqual(good)
      expect(lines.toSorted()).toEqual(apart.flat().sort())
    })
    await fc.assert(property, { numRuns: 60 })
  })
})
