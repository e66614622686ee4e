import { describe, expect, test } from 'vitest'
import type { Endpoint } from '../../../src/core/endpoint.ts'
import { FrameError, TimeoutError, TransportError, type WattzupError } from '../../../src/core/errors.ts'
import type { Packet } from '../../../src/core/packet.ts'
import type { Message } from '../../../src/protocols/protocol.ts'
import { ask, type Controller } from '../../../src/protocols/sec1000/ask.ts'
import { LIMIT, POWER, type ReadPoll, sec1000 } from '../../../src/protocols/sec1000/sec1000.ts'
import type { ControllerFault, FaultRates } from '../../../src/protocols/sec1000/simulator/faults.ts'
import { localNetwork } from '../../../src/transport/local-network.ts'
import { until } from '../../until.ts'
import { pump, replier, server, simulated, WatchedClock } from './controllers.ts'
import { AFTERNOON, LIMIT_REPLY, powerReply, reply, statusReply } from './replies.ts'
import { SEC1000 } from './structs.ts'

const never = new AbortController().signal
const GOOD = powerReply(AFTERNOON)

function controllerAt(clock: WatchedClock, endpoint: Endpoint): Controller {
  const open = (signal: AbortSignal) => localNetwork(clock).connect(endpoint, 10_000, signal)
  return { name: 'it', open, protocol: sec1000(SEC1000), received: () => {} }
}

interface Outcome {
  readonly message?: Message
  readonly error?: unknown
  readonly failed: readonly WattzupError[]
}

/** Asks until it works or 2 tries have failed. */
async function askAt(
  clock: WatchedClock,
  controller: Controller,
  { tries = 2, poll = POWER as ReadPoll, signal = never, onFailed = () => {} } = {},
): Promise<Outcome> {
  const failed: WattzupError[] = []
  const report = (error: WattzupError) => {
    failed.push(error)
    onFailed()
  }
  try {
    const patience = { tries, waitMs: 5000, failed: report }
    const message = await pump(
      clock,
      ask(controller, poll, reply => reply, patience, clock, signal),
    )
    return { message, failed }
  } catch (error) {
    return { error, failed }
  }
}

async function askBytes(parts: readonly Uint8Array[], options: Parameters<typeof askAt>[2] = {}): Promise<Outcome> {
  const clock = new WatchedClock()
  await using listener = await replier(clock, parts)
  return await askAt(clock, controllerAt(clock, listener.endpoint), { tries: 1, ...options })
}

const reasons = ({ failed }: Outcome) => failed.map(({ context }) => context['reason'])

describe('one request', () => {
  test('sends the seven bytes of the request over a connection of its own, and gives the reply', async () => {
    const clock = new WatchedClock()
    const received: string[] = []
    await using listener = await server(clock, async client => {
      await using link = client
      for await (const { data } of link.packets(never)) {
        received.push(Buffer.from(data).toString('hex'))
        await link.send(GOOD, never)
      }
      received.push('closed')
    })
    const controller = controllerAt(clock, listener.endpoint)
    const { message } = await askAt(clock, controller)
    const { message: limit } = await askAt(clock, { ...controller, protocol: sec1000(SEC1000) }, { tries: 1 })
    expect(message!.frame).toEqual(new Uint8Array(GOOD))
    expect(limit!.payload).toEqual(new Uint8Array(GOOD.subarray(10, 54)))
    await until(() => received.length === 4)
    expect(received).toEqual(['000501010b000d', 'closed', '000501010b000d', 'closed'])
  })

  test('asks for the limit with the bytes of the document', async () => {
    expect(Buffer.from(LIMIT.request).toString('hex')).toBe('00050101430045')
    const { message } = await askBytes([LIMIT_REPLY], { poll: LIMIT })
    expect(SEC1000.codec(message!.keys)!.decode(message!.payload)).toMatchObject({ mode: 3, export_limit_kw: 7.5 })
  })

  test('puts a reply together that comes byte by byte, and ignores what follows it', async () => {
    const { message } = await askBytes([...GOOD].map(byte => Uint8Array.of(byte)))
    expect(message!.frame).toEqual(new Uint8Array(GOOD))
    const { message: first } = await askBytes([Buffer.concat([GOOD, statusReply(0x15), Buffer.from('junk')])])
    expect(first!.frame).toEqual(new Uint8Array(GOOD))
  })

  const broken = Buffer.from(GOOD)
  broken[55]! ^= 1
  test.each<[string, readonly Uint8Array[], string, RegExp]>([
    ['a status', [statusReply(0x15)], 'status', /^sec1000: status 0x15 \(refused\) instead of data$/],
    ['a status nobody knows', [statusReply(0x99)], 'status', /^sec1000: status 0x99 instead of data$/],
    ['another command', [LIMIT_REPLY], 'command', /command 0x43 in reply to 0x0B/],
    ['a status of another command', [reply(1, 1, 0x42, 6)], 'command', /command 0x42 in reply to 0x0B/],
    ['another address', [reply(2, 1, 0x0b, ...new Array(44).fill(1))], 'command', /reply 02010b to request 01010b/],
    ['too much data', [reply(1, 1, 0x0b, ...new Array(48).fill(1))], 'size', /48 bytes of data, not 44/],
    ['too little data', [reply(1, 1, 0x0b, ...new Array(40).fill(1))], 'size', /40 bytes of data, not 44/],
    ['no data at all', [reply(1, 1, 0x0b)], 'size', /0 bytes of data, not 44/],
    ['a wrong checksum', [broken], 'checksum', /bad checksum: got 0x\w{4}, computed 0x\w{4}/],
    ['a wrong prefix', [Buffer.from('HTTP/1.0 400\r\n\r\n')], 'prefix', /bad prefix: 485454502f312e/],
    ['a length that cannot be', [Buffer.from('045245564fffff', 'hex')], 'length', /bad length: 65535/],
  ])('fails when %s comes', async (_, parts, reason, text) => {
    const outcome = await askBytes(parts)
    expect(reasons(outcome)).toEqual([reason])
    expect(outcome.failed[0]!.message).toMatch(text)
    expect(outcome.error).toBeInstanceOf(TransportError)
  })
})

describe('a controller that stops', () => {
  const ends = async (bytes: Uint8Array, reset: boolean) => {
    const clock = new WatchedClock()
    await using listener = await server(clock, async client => {
      await using link = client
      for await (const _ of link.packets(never)) {
        await link.send(bytes, never)
        if (reset) link.reset?.()
        return
      }
    })
    return await askAt(clock, controllerAt(clock, listener.endpoint), { tries: 1 })
  }

  test.each([
    [30, 'cut_off', 'sec1000: connection closed after 30 of 56 bytes'],
    [3, 'cut_off', 'sec1000: connection closed after 3 bytes'],
    [0, 'closed', 'sec1000: connection closed without a reply'],
  ])('after %i bytes', async (count, reason, text) => {
    const outcome = await ends(GOOD.subarray(0, count), false)
    expect(reasons(outcome)).toEqual([reason])
    expect(outcome.failed[0]!.message).toBe(text)
  })

  test('by a reset', async () => {
    const { failed, error } = await ends(GOOD.subarray(0, 0), true)
    expect(failed).toHaveLength(1)
    expect(failed[0]).toBeInstanceOf(TransportError)
    expect(error).toBeInstanceOf(TransportError)
  })
})

describe('time', () => {
  test('is up for the whole try, however many bytes trickle in', async () => {
    const clock = new WatchedClock()
    const { listener } = await simulated(clock, new Map([['trickle', 1]]))
    await using _ = listener
    const { failed, error } = await askAt(clock, controllerAt(clock, listener.endpoint), { tries: 1 })
    expect(failed[0]).toBeInstanceOf(FrameError)
    expect(failed[0]!.message).toMatch(/^sec1000: \d+ bytes? of a reply, and no more within 10 s$/)
    expect(error).toBeInstanceOf(TransportError)
  })

  test('is up when nothing comes: silence in every try is a TimeoutError', async () => {
    const clock = new WatchedClock()
    let asked = 0
    await using listener = await server(clock, async client => {
      for await (const _ of client.packets(never)) asked++
    })
    const patience = { tries: 3, waitMs: 5000, failed: () => {} }
    const done = ask(controllerAt(clock, listener.endpoint), POWER, message => message, patience, clock, never)
    const outcome = done.catch(error => error)
    for (const turn of [1, 2, 3]) {
      await until(() => asked === turn)
      await clock.advance(9999)
      await clock.advance(1)
      await clock.advance(5000)
    }
    const error = await outcome
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error.message).toBe('nothing came from it in 3 tries; check the address, and that the controller is on')
  })

  test('is up when no connection is made', async () => {
    const clock = new WatchedClock()
    const open = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const controller = { ...controllerAt(clock, { host: '127.0.0.1', port: 1 }), open }
    const patience = { tries: 1, waitMs: 5000, failed: () => {} }
    const outcome = ask(controller, POWER, message => message, patience, clock, never).catch(error => error)
    await until(() => clock.sleeping === 1)
    await clock.advance(10_000)
    expect(await outcome).toBeInstanceOf(TimeoutError)
  })

  test('passes between tries, but not after the last one', async () => {
    const clock = new WatchedClock()
    await using listener = await replier(clock, [statusReply(0x15)])
    const outcome = await askAt(clock, controllerAt(clock, listener.endpoint), { tries: 4 })
    expect(outcome.failed).toHaveLength(4)
    expect(clock.asked.filter(ms => ms !== 10_000)).toEqual([5000, 5000, 5000])
    expect(clock.sleeping).toBe(0)
  })
})

test('one try that was not silent makes the whole no silence', async () => {
  const clock = new WatchedClock()
  let asked = 0
  await using listener = await server(clock, async client => {
    for await (const _ of client.packets(never)) if (++asked === 1) await client.send(statusReply(6), never)
  })
  const outcome = askAt(clock, controllerAt(clock, listener.endpoint))
  await until(() => asked === 2)
  await clock.advance(10_000)
  const { error } = await outcome
  expect(error).toBeInstanceOf(TransportError)
  expect((error as Error).message).toBe('no data from it in 2 tries; the last time: no answer within 10 s')
})

test('nobody there is a failure, not silence', async () => {
  const clock = new WatchedClock()
  const listener = await replier(clock, [GOOD])
  await listener[Symbol.asyncDispose]()
  const { error, failed } = await askAt(clock, controllerAt(clock, listener.endpoint))
  expect(failed).toHaveLength(2)
  expect(failed[0]!.message).toMatch(/connection refused/)
  expect(error).toBeInstanceOf(TransportError)
})

test('what nobody wants to accept is asked for again', async () => {
  const clock = new WatchedClock()
  await using listener = await replier(clock, [powerReply(new Array(11).fill(0))], [GOOD])
  const accept = ({ payload }: Message) => {
    if (payload.every(byte => byte === 0)) throw new FrameError('nothing in it')
    return payload.length
  }
  const patience = { tries: 2, waitMs: 5000, failed: () => {} }
  const controller = controllerAt(clock, listener.endpoint)
  expect(await pump(clock, ask(controller, POWER, accept, patience, clock, never))).toBe(44)
})

test('stops at once in the middle of a try and between two', async () => {
  const clock = new WatchedClock()
  await using silent = await server(clock, async client => {
    for await (const _ of client.packets(never));
  })
  const inTry = new AbortController()
  const outcome = askAt(clock, controllerAt(clock, silent.endpoint), { signal: inTry.signal })
  await until(() => clock.sleeping === 1)
  inTry.abort(new Error('stop'))
  expect((await outcome).error).toMatchObject({ message: 'stop' })

  await using busy = await replier(clock, [statusReply(6)])
  const between = new AbortController()
  const patience = { tries: 2, waitMs: 5000, failed: () => {} }
  const work = ask(controllerAt(clock, busy.endpoint), POWER, m => m, patience, clock, between.signal)
  await until(() => clock.asked.at(-1) === 5000)
  between.abort(new Error('stop too'))
  await expect(work).rejects.toThrow('stop too')
  expect(clock.sleeping).toBe(0)
})

describe('a simulated controller with a fault in its first reply', () => {
  // what is wrong with the first try, undefined where nothing is
  test.each<[ControllerFault, RegExp | undefined]>([
    ['status', /instead of data/],
    ['blank', undefined],
    ['strange', undefined],
    ['checksum', /bad checksum/],
    ['prefix', /bad prefix/],
    ['command', /command 0x43 in reply to 0x0B/],
    ['cut', /connection closed after \d+( of 56)? bytes/],
    ['closed', /closed without a reply/],
    ['reset', /reset|closed/],
    ['split', undefined],
    ['slow', undefined],
    ['trickle', /bytes? of a reply, and no more within 10 s/],
    ['junk', undefined],
  ])('%s', async (fault, text) => {
    const clock = new WatchedClock()
    const faults = new Map([[fault, 1]]) satisfies FaultRates
    const { controller, listener } = await simulated(clock, faults)
    await using _ = listener
    const onFailed = () => faults.clear()
    const { message, failed } = await askAt(clock, controllerAt(clock, listener.endpoint), { onFailed })
    expect(message!.payload).toHaveLength(44)
    expect(failed).toHaveLength(text === undefined ? 0 : 1)
    if (text !== undefined) expect(failed[0]!.message).toMatch(text)
    expect(controller.made).toEqual(new Map([[fault, 1]]))
  })

  test('length: refused at once, by the checksum, or when the rest does not come', async () => {
    const clock = new WatchedClock()
    const { listener } = await simulated(clock, new Map([['length', 1]]))
    await using _ = listener
    const received = ({ data }: Packet) => {
      const missing = 7 + Buffer.from(data).readUInt16BE(5) - data.length
      if (missing > 0 && missing < 1024) setImmediate(() => void clock.advance(10_000))
    }
    const controller = { ...controllerAt(clock, listener.endpoint), received }
    const outcome = await askAt(clock, controller, { tries: 20 })
    expect(new Set(reasons(outcome))).toEqual(new Set(['length', 'checksum', 'late']))
    expect(outcome.error).toBeInstanceOf(TransportError)
  })
})
