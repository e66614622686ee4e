import { describe, expect, test } from 'vitest'
import { TimeoutError, TransportError } from '../../../src/core/errors.ts'
import { ANSWER_MS, PACE_MS } from '../../../src/protocols/lxp/dongle-link.ts'
import { LxpException } from '../../../src/protocols/lxp/exception.ts'
import type { DeviceRequest } from '../../../src/protocols/lxp/request.ts'
import { SerialBook } from '../../../src/protocols/lxp/serial-book.ts'
import { withDongle } from '../../../src/protocols/lxp/with-dongle.ts'
import { ManualClock } from '../../manual-clock.ts'
import { memoryPair } from '../../memory-transport.ts'
import { block, DATALOG, dataFrame, heartbeat, INVERTER } from './build-frame.ts'
import { FakeDongle, HELLO, obedient, read, refusal } from './fake-dongle.ts'
import { linked, watched } from './linked.ts'

const HOLD_21: DeviceRequest = { type: 'hold', register: 21, count: 1 }
const INPUT_0: DeviceRequest = { type: 'input', register: 0, count: 40 }
const WORDS = Array.from({ length: 40 }, (_, i) => 1000 + i)

/** The first bytes of a frame that never comes to its end. */
const UNFINISHED = block(4, 0, WORDS).subarray(0, 60)

describe('a request', () => {
  test('is sent and resolves with the answer', async () => {
    const { clock, dongle, link, signal, frames } = linked()
    dongle.hold.set(21, 0xf355)
    const asked = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(0)
    expect(asked.value).toMatchObject({ type: 'hold', register: 21, count: 1, inverter: INVERTER })
    expect([...asked.value!.data]).toEqual([0x55, 0xf3])
    expect(frames).toEqual([{ type: 'hold', register: 21, isAnswer: true }])
    expect(dongle.received.map(({ hex }) => hex)).toEqual([
      // by another encoder: the builder of frames for tests
      dataFrame(3, 21, [1, 0], { protocol: 1, address: 0 }).toString('hex'),
    ])
  })

  test('keeps its answer when more comes', async () => {
    const { clock, dongle, link, signal } = linked()
    dongle.hold.set(21, 7)
    const asked = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(0)
    dongle.push(...Array.from({ length: 20 }, () => block(4, 0, WORDS)))
    await clock.advance(0)
    expect([...asked.value!.data]).toEqual([7, 0])
  })

  test('is not answered by what belongs to others, which is handed on all the same', async () => {
    const { clock, dongle, link, signal, frames } = linked(() => [])
    const asked = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(0)
    dongle.push(
      block(4, 0, WORDS),
      block(3, 20, [1, 2, 3]),
      block(3, 21, [1], { inverter: 'DEMO000002' }),
      dataFrame(6, 21, [9, 9]),
      dataFrame(0x86, 21, [3]),
      block(3, 21, [1, 2]),
      heartbeat(),
    )
    await clock.advance(100)
    expect(asked.done).toBe(false)
    dongle.push(block(3, 21, [5]))
    await clock.advance(0)
    expect([...asked.value!.data]).toEqual([5, 0])
    expect(frames.filter(({ isAnswer }) => isAnswer)).toEqual([{ type: 'hold', register: 21, isAnswer: true }])
    expect(frames).toHaveLength(8)
  })

  test('is not answered by what was there before it', async () => {
    const { clock, dongle, link, signal } = linked(() => [])
    const answer = block(3, 21, [1])
    dongle.push(answer.subarray(0, 20)) // the rest comes after the request, the beginning came before
    await clock.advance(1)
    const asked = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(0)
    dongle.push(answer.subarray(20))
    await clock.advance(0)
    expect(asked.done).toBe(false)
    dongle.push(block(3, 21, [2]))
    await clock.advance(0)
    expect([...asked.value!.data]).toEqual([2, 0])
  })

  test('is not answered by what waits unread', async () => {
    const clock = new ManualClock()
    const { near, far } = memoryPair(clock)
    const dongle = new FakeDongle(far, () => [])
    dongle.push(block(3, 21, [1]))
    await clock.advance(1000)
    const serials = new SerialBook({ datalog: DATALOG, inverter: INVERTER })
    const types: boolean[] = []
    const run = new AbortController()
    const options = {
      ...{ serials, answerHeartbeats: false, onReject: () => {} },
      onFrame: (_: unknown, __: number, isAnswer: boolean) => void types.push(isAnswer),
    }
    const used = watched(
      withDongle(near, clock, options, (link, signal) => link.request(INVERTER, HOLD_21, signal), run.signal),
    )
    await clock.advance(0)
    expect([types, used.done]).toEqual([[false], false])
  })

  test('may be answered with fewer registers, which the frame tells', async () => {
    const { clock, link, signal } = linked((request, dongle) => [read(request, dongle, 12)])
    const asked = watched(link.request(INVERTER, INPUT_0, signal))
    await clock.advance(0)
    expect(asked.value?.count).toBe(12)
  })

  test('that is refused rejects with the name of the reason', async () => {
    const { clock, link, signal } = linked(request => [refusal(request, 3)])
    const asked = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(0)
    expect(asked.error).toBeInstanceOf(LxpException)
    expect(asked.error).toMatchObject({ code: 3, codeName: 'illegal_data_value' })
    expect((asked.error as Error).message).toBe('DEMO000001 refuses hold 21: illegal_data_value (3)')
  })

  test('that is not answered rejects after ten seconds, and says which serial number may be wrong', async () => {
    const serials = new SerialBook({ datalog: 'XX00000001', inverter: INVERTER })
    const { clock, link, dongle, signal } = linked(() => [], { serials })
    dongle.push(heartbeat())
    const asked = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(ANSWER_MS - 1)
    expect(asked.done).toBe(false)
    await clock.advance(1)
    expect(asked.error).toBeInstanceOf(TimeoutError)
    expect((asked.error as Error).message).toBe(
      'no answer from dongle to hold 21 within 10 s; the dongle calls itself DEMODONGLE, not XX00000001',
    )
  })

  test('that is answered too late is not the next one’s answer, unless it fits', async () => {
    const { clock, dongle, link, signal, frames } = linked(() => [])
    const first = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(ANSWER_MS)
    expect(first.done).toBe(true)
    const second = watched(link.request(INVERTER, INPUT_0, signal))
    await clock.advance(PACE_MS)
    dongle.push(block(3, 21, [1]))
    await clock.advance(0)
    expect(second.done).toBe(false)
    expect(frames).toEqual([{ type: 'hold', register: 21, isAnswer: false }])
  })
})

describe('requests', () => {
  test('go out one after the other, half a second apart, in the order of asking', async () => {
    const times: number[] = []
    const { clock, dongle, link, signal } = linked((request, self) => {
      times.push(clock.now())
      return obedient(request, self)
    })
    const begun = clock.now()
    const asked = [30, 31, 32].map(register => link.request(INVERTER, { type: 'hold', register, count: 1 }, signal))
    await clock.advance(5000)
    await Promise.all(asked)
    expect(times.map(time => time - begun)).toEqual([0, 500, 1000])
    expect(dongle.received.map(({ register }) => register)).toEqual([30, 31, 32])
  })

  test('wait for the one before them, up to a number', async () => {
    const { clock, dongle, link, signal } = linked(() => [])
    const asked = Array.from({ length: 10 }, () => watched(link.request(INVERTER, HOLD_21, signal)))
    await clock.advance(ANSWER_MS - 1)
    expect(dongle.received).toHaveLength(1)
    expect(asked.filter(({ done }) => done)).toEqual([{ done: true, error: expect.any(TransportError) }])
  })

  test('that wait are given up with their run, and the others go on', async () => {
    const { clock, dongle, link, signal } = linked((request, self) =>
      request.register === 30 ? [] : obedient(request, self),
    )
    const own = new AbortController()
    const request = (register: number): DeviceRequest => ({ type: 'hold', register, count: 1 })
    const first = watched(link.request(INVERTER, request(30), own.signal))
    const second = watched(link.request(INVERTER, request(31), own.signal))
    const third = watched(link.request(INVERTER, request(32), signal))
    await clock.advance(0)
    own.abort(new Error('enough'))
    await clock.advance(PACE_MS)
    expect([first.error, second.error]).toEqual([new Error('enough'), new Error('enough')])
    expect(third.value?.register).toBe(32)
    expect(dongle.received.map(({ register }) => register)).toEqual([30, 32])
  })

  test('that belong together have none of others between them', async () => {
    const { clock, dongle, link, signal } = linked()
    const registers = () => dongle.received.map(({ register }) => register)
    const ask = (register: number) => ({ type: 'hold', register, count: 1 }) as const
    const first = link.together(async requester => {
      await requester.request(INVERTER, ask(1), signal)
      await clock.sleep(3000, signal)
      await requester.request(INVERTER, ask(2), signal)
      return requester.origin
    }, signal)
    const done = watched(first)
    const between = watched(link.request(INVERTER, ask(3), signal))
    await clock.advance(2900)
    expect([registers(), between.done]).toEqual([[1], false])
    await clock.advance(700)
    expect([registers(), done.value, between.done]).toEqual([[1, 2, 3], 'dongle', true])
    await expect(link.together(() => Promise.reject(new Error('mine')), signal)).rejects.toThrow('mine')
    const after = watched(link.request(INVERTER, ask(4), signal))
    await clock.advance(500)
    expect(after.done).toBe(true)
  })

  test('are paced by a clock that is set back', async () => {
    const { clock, link, signal } = linked()
    await link.request(INVERTER, HOLD_21, signal)
    const past = new ManualClock(clock.now() - 3_600_000)
    clock.now = () => past.now()
    const next = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(PACE_MS)
    expect(next.done).toBe(true)
  })

  test('of a link that has ended are refused with the reason', async () => {
    const { clock, dongle, link, signal, reading } = linked(() => [])
    const pending = watched(link.request(INVERTER, HOLD_21, signal))
    const waiting = watched(link.request(INVERTER, HOLD_21, signal))
    await clock.advance(0)
    dongle.end.lose()
    await clock.advance(PACE_MS)
    await expect(reading).rejects.toThrow('lost dongle: the connection was reset')
    const error = expect.objectContaining({ message: 'lost dongle: the connection was reset' })
    expect([pending.error, waiting.error]).toEqual([error, error])
    await expect(link.request(INVERTER, HOLD_21, signal)).rejects.toThrow('the connection was reset')
  })
})

describe('a heartbeat', () => {
  test('is sent back as it came', async () => {
    const { clock, dongle, frames } = linked()
    dongle.push(heartbeat(5), heartbeat(0))
    await clock.advance(0)
    expect(dongle.heard.map(bytes => bytes.toString('hex'))).toContain(heartbeat(5).toString('hex'))
    expect(frames.map(({ type }) => type)).toEqual(['heartbeat', 'heartbeat'])
  })

  test('is not, where that is turned off', async () => {
    const { clock, dongle } = linked(undefined, { answerHeartbeats: false })
    dongle.push(heartbeat())
    await clock.advance(0)
    expect(dongle.heard).toEqual([])
  })
})

describe('what comes', () => {
  test('tells the serial numbers, and a request uses them', async () => {
    const { clock, dongle, link, signal } = linked(undefined, { serials: new SerialBook() })
    await expect(link.request(INVERTER, HOLD_21, signal)).rejects.toThrow('serial number of the dongle is not known')
    dongle.push(HELLO)
    await link.serials.whenKnown(signal)
    const asked = watched(link.request(link.serials.inverters[0]!, HOLD_21, signal))
    await clock.advance(PACE_MS)
    expect(asked.done).toBe(true)
    expect(asked.error).toBeUndefined()
  })

  test('unfinished is given up after two seconds, without another packet, and what it hid is found', async () => {
    const { clock, dongle, frames, reasons } = linked()
    const lying = Buffer.from(UNFINISHED)
    lying.writeUInt16LE(1000, 4)
    dongle.push(Buffer.concat([lying, block(3, 80, WORDS)]))
    await clock.advance(1999)
    expect([frames, reasons]).toEqual([[], []])
    await clock.advance(1)
    expect(frames).toEqual([{ type: 'hold', register: 80, isAnswer: false }])
    expect(reasons).toEqual(['truncated'])
  })

  test('in pieces, with time between, is one frame', async () => {
    const { clock, dongle, frames, reasons } = linked()
    const frame = block(4, 0, WORDS)
    for (let at = 0; at < frame.length; at += 20) {
      dongle.push(frame.subarray(at, at + 20))
      await clock.advance(1900)
    }
    expect(frames).toHaveLength(1)
    expect(reasons).toEqual([])
  })

  test('waits while what came before is being taken', async () => {
    let release = () => {}
    const taken: number[] = []
    const { clock, dongle } = linked(undefined, {
      onFrame: ({ register }) => {
        taken.push(register!)
        return new Promise(resolve => {
          release = resolve
        })
      },
    })
    dongle.push(block(4, 0, WORDS), block(4, 40, WORDS))
    await clock.advance(0)
    expect(taken).toEqual([0])
    release()
    await clock.advance(0)
    expect(taken).toEqual([0, 40])
  })
})

describe('the use of a dongle', () => {
  const options = () => ({
    ...{ serials: new SerialBook({ datalog: DATALOG, inverter: INVERTER }), answerHeartbeats: true },
    ...{ onFrame: () => {}, onReject: () => {} },
  })

  test('ends with what it gives, and stops reading', async () => {
    const clock = new ManualClock()
    const { near, far } = memoryPair(clock)
    new FakeDongle(far)
    const run = new AbortController()
    const frame = await withDongle(
      near,
      clock,
      options(),
      (link, signal) => link.request(INVERTER, HOLD_21, signal),
      run.signal,
    )
    expect(frame.register).toBe(21)
    expect(near.closed).toBe(true)
  })

  test('ends when the dongle closes the connection, also in the middle of a request', async () => {
    const clock = new ManualClock()
    const { near, far } = memoryPair(clock, { origin: 'dongle' })
    new FakeDongle(far, () => {
      far.close()
      return []
    })
    const run = new AbortController()
    const using = withDongle(
      near,
      clock,
      options(),
      (link, signal) => link.request(INVERTER, HOLD_21, signal),
      run.signal,
    )
    await expect(using).rejects.toThrow('dongle has closed the connection')
  })

  test('ends with the run', async () => {
    const clock = new ManualClock()
    const { near } = memoryPair(clock)
    const run = new AbortController()
    const using = watched(withDongle(near, clock, options(), (_, signal) => clock.sleep(1e9, signal), run.signal))
    await clock.advance(5)
    run.abort(new Error('enough'))
    await clock.advance(0)
    expect(using.error).toEqual(new Error('enough'))
    expect([near.closed, clock.sleeping]).toEqual([true, 0])
  })
})
