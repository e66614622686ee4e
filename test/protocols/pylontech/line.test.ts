import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FrameError } from '../../../src/core/errors.ts'
import { TransportError } from '../../../src/core/errors.ts'
import type { Packet } from '../../../src/core/packet.ts'
import { requestFrame } from '../../../src/protocols/pylontech/commands.ts'
import { frameBytes } from '../../../src/protocols/pylontech/frame.ts'
import type { Outcome } from '../../../src/protocols/pylontech/poll/attempt.ts'
import { Line, type Question } from '../../../src/protocols/pylontech/poll/line.ts'
import { ManualClock } from '../../manual-clock.ts'
import { type MemoryTransport, memoryPair } from '../../memory-transport.ts'
import { structs } from './decoding.ts'

/** Replies made up for these tests: nobody's battery, figures that all differ. */
const reply = (code: number, info: string, adr = 2): Buffer =>
  Buffer.from(frameBytes({ ver: 0x20, adr, cid1: 0x46, code, info: Buffer.from(info, 'hex') }))
const SERIAL = reply(0, `02${Buffer.from('DEMO123456789012').toString('hex')}`)
const LIMITS = reply(0, '02CEA4B4DC00F3FEFF58')
const ALARM = reply(0, '00020F000000000000000000000000000000050000000000000000000E800000')
const flipped = (frame: Buffer, at: number): Buffer => {
  const copy = Buffer.from(frame)
  copy[at]! ^= 1
  return copy
}

interface Asked extends AsyncDisposable {
  readonly clock: ManualClock
  readonly line: Line
  /** The modules' end of the line. */
  readonly far: MemoryTransport
  readonly stop: AbortController
  /** Requests that came there, and when, ms after the start. */
  readonly requests: { readonly text: string; readonly at: number }[]
  readonly rejected: unknown[]
  readonly traffic: string[]
  /** Asks, and lets time pass until there is an outcome. */
  ask(question: Partial<Question>): Promise<Outcome>
}

/** A line whose modules do as `answer` says at every request, the first being 0. */
function lineTo(answer: (request: number, far: MemoryTransport) => void | Promise<void>, baudRate = 115_200): Asked {
  const clock = new ManualClock(0)
  const { near, far } = memoryPair(clock)
  const stop = new AbortController()
  const requests: { text: string; at: number }[] = []
  const rejected: unknown[] = []
  const traffic: string[] = []
  const line = new Line(
    near,
    clock,
    {
      structs,
      baudRate,
      onReject: (error: FrameError) => void rejected.push(error.context['reason']),
      onAlive: () => {},
      onTraffic: ({ data }: Packet) => void traffic.push(Buffer.from(data).toString('latin1')),
    },
    stop.signal,
  )
  const serve = async () => {
    for await (const { data } of far.packets(stop.signal)) {
      requests.push({ text: Buffer.from(data).toString(), at: clock.now() })
      await answer(requests.length - 1, far)
    }
  }
  serve().catch(() => {}) // the tests of lost connections look at the line
  return {
    ...{ clock, line, far, stop, requests, rejected, traffic },
    ask: question => inTime(clock, line.ask({ cid2: 0x93, adr: 2, ...question })),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await line[Symbol.asyncDispose]()
    },
  }
}

/** Lets time pass until the promise is settled. */
async function inTime<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let over = false
  const settled = promise.finally(() => {
    over = true
  })
  settled.catch(() => {})
  while (!over) await clock.advance(1)
  return settled
}

const never = new AbortController().signal
const send = (far: MemoryTransport, ...parts: readonly Uint8Array[]) => far.send(Buffer.concat(parts), never)
const values = (outcome: Outcome) => (outcome.ok ? outcome.reply.values : outcome.reason)

describe('a request', () => {
  test('is sent at once and gets its reply, decoded', async () => {
    await using line = lineTo((_, far) => send(far, SERIAL))
    expect(values(await line.ask({}))).toMatchObject({ adr: 2, rtn: 0, serial: 'DEMO123456789012' })
    expect(line.requests).toEqual([{ text: '~20024693E00202FD2D\r', at: 0 }]) // as the protocol page has it
  })

  test('keeps 50 ms away from the last byte of the reply before it, and no longer', async () => {
    await using line = lineTo((n, far) => send(far, n === 0 ? SERIAL : LIMITS))
    await line.ask({})
    await line.ask({ cid2: 0x92 })
    await line.clock.advance(400)
    await line.ask({ cid2: 0x92 })
    const [first, second, third] = line.requests.map(({ at }) => at)
    expect([first, second]).toEqual([0, 50])
    expect(third! - second!).toBeGreaterThanOrEqual(400)
    expect(third! - second!).toBeLessThan(405)
  })

  test('that nobody answers is repeated twice, half a second apart', async () => {
    await using line = lineTo(() => {})
    expect(values(await line.ask({}))).toBe('timeout')
    expect(line.requests.map(({ at }) => at)).toEqual([0, 500, 1000])
    expect(line.clock.now()).toBe(1500)
    expect(values(await line.ask({ silentTries: 1 }))).toBe('timeout')
    expect(line.requests).toHaveLength(4)
  })

  test('has as much time as a slow line takes: 42h at 1200 baud', async () => {
    const analog = `0002${'0F'}${'0CE4'.repeat(15)}05${'0B87'.repeat(5)}0000C1C182DC02C350001F`
    const frame = reply(0, analog)
    await using line = lineTo(async (_, far) => {
      await line.clock.sleep(170 + 80 + (frame.length * 10_000) / 1200, never) // request, module, reply
      await send(far, frame)
    }, 1200)
    expect(await line.ask({ cid2: 0x42 })).toMatchObject({ ok: true })
    expect(line.requests).toHaveLength(1)
  })

  test('has more time when it is to all modules', async () => {
    await using line = lineTo(() => {}, 9600)
    await line.ask({ cid2: 0x42, modules: 8, silentTries: 1 })
    // 8 modules of some 110 characters at 9600 baud take 0.9 s by themselves
    expect(line.clock.now()).toBeGreaterThan(1200)
    expect(line.requests[0]!.text).toBe('~20024642E002FFFD09\r')
  })
})

describe('what comes back', () => {
  test('may come byte by byte', async () => {
    await using line = lineTo(async (_, far) => {
      for (const byte of SERIAL) {
        await send(far, Buffer.of(byte))
        await line.clock.sleep(9, never)
      }
    })
    expect(await line.ask({})).toMatchObject({ ok: true })
    expect(line.requests).toHaveLength(1)
  })

  test('may begin with an echo, with noise, and end with NUL', async () => {
    const noise = Buffer.from('B0F7F7F7F777F7F7F7BFBFBFBFBFF7FFBBBBEF00', 'hex') // as in the protocol page
    const request = requestFrame(0x93, 2)
    for (const parts of [[request], [noise], [request, noise], [noise, request, Buffer.of(0)]]) {
      await using line = lineTo((_, far) => send(far, ...parts, SERIAL, Buffer.of(0)))
      expect(await line.ask({})).toMatchObject({ ok: true })
      expect([line.requests.length, line.rejected]).toEqual([1, []])
    }
  })

  test('is looked for again from every ~', async () => {
    await using line = lineTo((_, far) => send(far, SERIAL.subarray(0, 21), SERIAL))
    expect(await line.ask({})).toMatchObject({ ok: true })
    expect(line.rejected).toEqual(['truncated'])
  })

  test.each([
    ['checksum', flipped(SERIAL, 20)],
    ['not hex', Buffer.concat([SERIAL.subarray(0, 20), Buffer.of(0x7f), SERIAL.subarray(21)])],
    ['truncated', SERIAL.subarray(0, -3)],
    ['too short', Buffer.from('~2002\r')],
  ])('damaged: %s is asked for again before the time is up', async (reason, bytes) => {
    await using line = lineTo((n, far) => send(far, n < 2 ? bytes : SERIAL))
    expect(await line.ask({})).toMatchObject({ ok: true })
    expect(line.rejected).toEqual([reason, reason])
    expect(line.requests[2]!.at).toBeLessThan(1000)
  })

  test('damaged three times is a failure that says how', async () => {
    await using line = lineTo((_, far) => send(far, flipped(SERIAL, 30)))
    expect(values(await line.ask({ silentTries: 1 }))).toBe('checksum')
    expect(line.requests).toHaveLength(3)
  })

  test('of wrong length fields is told by the one that is wrong', async () => {
    const frame = (text: string) => {
      const sum = [...Buffer.from(text)].reduce((total, byte) => total + byte, 0)
      return Buffer.from(`~${text}${(-sum & 0xffff).toString(16).toUpperCase().padStart(4, '0')}\r`)
    }
    await using first = lineTo((_, far) => send(far, frame('200246001002')))
    expect(values(await first.ask({}))).toBe('length checksum')
    await using second = lineTo((_, far) => send(far, frame('20024600E002')))
    expect(values(await second.ask({}))).toBe('length')
  })

  test('damaged first and silent then is a module that is there', async () => {
    await using line = lineTo((n, far) => (n === 0 ? send(far, flipped(SERIAL, 30)) : undefined))
    expect(values(await line.ask({ silentTries: 1 }))).toBe('checksum')
  })

  test.each([
    ['address', reply(0, `02${Buffer.from('DEMO123456789012').toString('hex')}`, 3)],
    ['module', reply(0, `03${Buffer.from('DEMO123456789012').toString('hex')}`)],
    ['layout', LIMITS],
  ])('for somebody else (%s) is passed over, and the reply still waited for', async (reason, other) => {
    await using line = lineTo(async (_, far) => {
      await send(far, other)
      await line.clock.sleep(400, never)
      await send(far, SERIAL)
    })
    expect(await line.ask({})).toMatchObject({ ok: true })
    expect([line.requests.length, line.rejected]).toEqual([1, [reason]])
  })

  test('late to an earlier 42h is no alarm: cell 8 at 3.340 V makes it look like one', async () => {
    const cells = [3345, 3344, 3345, 3344, 3345, 3326, 3345, 3340, 3402, 3403, 3402, 3402, 3402, 3402, 3402]
    const millivolts = cells.map(cell => cell.toString(16).padStart(4, '0')).join('')
    const analog = reply(0, `00020f${millivolts}050bc30bc30bc30bcd0bcd0000c725ffff04ffff000200ca58012110`)
    await using line = lineTo((_, far) => send(far, analog, ALARM))
    const outcome = await line.ask({ cid2: 0x44 })
    expect(outcome.ok && outcome.reply.message).toBe('alarm')
    expect(line.rejected).toEqual(['layout'])
  })

  test('of another master on the line changes nothing', async () => {
    await using line = lineTo((_, far) => send(far, requestFrame(0x42, 5), SERIAL))
    expect(await line.ask({})).toMatchObject({ ok: true })
  })

  test('may be a return code: 04 is final, others are tried again', async () => {
    await using unknown = lineTo((_, far) => send(far, Buffer.from('~200246040000FDAE\r'))) // a real one
    expect(values(await unknown.ask({}))).toBe('RTN 04')
    expect(unknown.requests).toHaveLength(1)
    await using unreachable = lineTo((_, far) => send(far, reply(0x91, '')))
    expect(values(await unreachable.ask({}))).toBe('RTN 91')
    expect(unreachable.requests).toHaveLength(3)
  })

  test('may be 90, a command and a return code: a copy of the request is an echo, anything else is not', async () => {
    const request = requestFrame(0x90, 2)
    await using counted = lineTo((_, far) => send(far, request, reply(0, '04')))
    expect(values(await counted.ask({ cid2: 0x90 }))).toMatchObject({ pack_count: 4 })
    await using refused = lineTo((_, far) => send(far, reply(0x90, '', 2), reply(0, '04')))
    expect(values(await refused.ask({ cid2: 0x93 }))).toBe('RTN 90')
  })

  test('may name the command in the place of the return code, as emulators do', async () => {
    await using line = lineTo((_, far) => send(far, reply(0x62, '00000000')))
    expect(values(await line.ask({ cid2: 0x62 }))).toMatchObject({ alarm1: [], protection2: [] })
  })

  test('before the request belongs to nothing, and is let pass first', async () => {
    await using line = lineTo((_, far) => send(far, SERIAL))
    await send(line.far, LIMITS.subarray(0, 10))
    await line.clock.advance(0)
    expect(await line.ask({})).toMatchObject({ ok: true })
    expect(line.requests[0]!.at).toBe(50)
    expect(line.traffic).toEqual([LIMITS.subarray(0, 10), requestFrame(0x93, 2), SERIAL].map(String))
  })

  test('that is only noise is no silence, but no reply either', async () => {
    await using line = lineTo((_, far) => send(far, Buffer.from('f7bfef', 'hex')))
    expect(values(await line.ask({}))).toBe('noise')
  })

  test('may be anything at all: there is an outcome in time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async chunks => {
        await using line = lineTo(async (_, far) => {
          for (const chunk of chunks) await send(far, chunk)
        })
        expect((await line.ask({})).ok).toBe(false)
        expect(line.clock.now()).toBeLessThanOrEqual(3 * 600 + 100)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a connection', () => {
  test('that is lost ends the request and every later one', async () => {
    await using line = lineTo((_, far) => far.lose())
    await expect(line.ask({})).rejects.toThrow(TransportError)
    await expect(line.ask({})).rejects.toThrow('reset')
    await expect(line.line.rest(1000)).rejects.toThrow(TransportError)
  })

  test('that the other side closes is lost too', async () => {
    await using line = lineTo((_, far) => far.close())
    await expect(line.ask({})).rejects.toThrow('memory has closed the connection')
  })

  test('is left when the run is over', async () => {
    await using line = lineTo(() => line.stop.abort(new Error('enough')))
    await expect(line.ask({})).rejects.toThrow('enough')
  })
})
