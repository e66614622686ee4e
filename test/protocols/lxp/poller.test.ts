import { describe, expect, test } from 'vitest'
import { TimeoutError } from '../../../src/core/errors.ts'
import { keepConnected } from '../../../src/core/keep-connected.ts'
import type { PollEvent } from '../../../src/protocols/lxp/poll-round.ts'
import { Poller, type PollOptions } from '../../../src/protocols/lxp/poller.ts'
import { blocksOf, parseRegisters } from '../../../src/protocols/lxp/read-plan.ts'
import { requestText } from '../../../src/protocols/lxp/request.ts'
import { SerialBook } from '../../../src/protocols/lxp/serial-book.ts'
import { withDongle } from '../../../src/protocols/lxp/with-dongle.ts'
import { ManualClock } from '../../manual-clock.ts'
import { memoryPair } from '../../memory-transport.ts'
import { block, DATALOG, INVERTER } from './build-frame.ts'
import { type Answer, FakeDongle, HELLO, obedient, type Received, read, refusal } from './fake-dongle.ts'
import { linked, watched } from './linked.ts'

const OTHER = 'DEMO000002'

const nameOf = ({ code, register, word }: Received) =>
  requestText({ type: code === 3 ? 'hold' : 'input', register, count: word })

interface Polling {
  readonly events: PollEvent[]
  readonly summaries: unknown[]
  readonly poller: Poller
}

function polling(clock: ManualClock, registers: string, options: Partial<PollOptions> = {}): Polling {
  const events: PollEvent[] = []
  const summaries: unknown[] = []
  const report = (event: PollEvent) =>
    void (event.type === 'cycle' ? summaries.push(event.summary) : events.push(event))
  const ranges = parseRegisters(registers)
  const all = { ranges, blockSize: 40 as const, intervalMs: 60_000, report, ...options }
  return { events, summaries, poller: new Poller(all, clock) }
}

const all = (parts: object) => ({ answered: 0, short: 0, refused: 0, timedOut: 0, skipped: 0, silent: 0, ...parts })

describe('a cycle', () => {
  test('asks for every block once, and says what became of them', async () => {
    const { clock, dongle, link, signal } = linked()
    const { poller, summaries } = polling(clock, 'input:0-79,hold:0-39,input:5002-5121', { cycles: 1 })
    const run = watched(poller.run(link, signal))
    await clock.advance(10_000)
    expect(run.done).toBe(true)
    expect(dongle.received.map(nameOf)).toEqual(['input 0-39', 'input 40-79', 'input 5002-5121', 'hold 0-39'])
    expect(summaries).toEqual([all({ answered: 4 })])
  })

  test('asks every inverter behind the dongle', async () => {
    const { clock, dongle, link, signal } = linked(undefined, { serials: new SerialBook() })
    const { poller, summaries } = polling(clock, 'input:0-39', { cycles: 1 })
    const run = watched(poller.run(link, signal))
    await clock.advance(60_000)
    expect([run.done, dongle.received]).toEqual([false, []]) // nobody is known yet
    dongle.push(Buffer.concat([HELLO, block(4, 0, [1], { inverter: OTHER })]))
    await clock.advance(10_000)
    expect(dongle.received.map(({ inverter }) => inverter)).toEqual([INVERTER, OTHER])
    expect(summaries).toEqual([all({ answered: 2 })])
  })

  test('asks once more for what came short, and takes what there is', async () => {
    let count = 12
    const answer: Answer = (request, dongle) => [read(request, dongle, request.register === 0 ? count++ : request.word)]
    const { clock, dongle, link, signal } = linked(answer)
    const { poller, summaries } = polling(clock, 'input:0-79', { cycles: 1 })
    await Promise.all([poller.run(link, signal), clock.advance(10_000)])
    expect(dongle.received.map(nameOf)).toEqual(['input 0-39', 'input 0-39', 'input 40-79'])
    expect(summaries).toEqual([all({ answered: 1, short: 1 })])
  })

  test('takes a second answer that is whole', async () => {
    let short = true
    const answer: Answer = (request, dongle) => {
      const frames = [read(request, dongle, short ? 3 : request.word)]
      short = false
      return frames
    }
    const { clock, link, signal } = linked(answer)
    const { poller, summaries } = polling(clock, 'input:0-39', { cycles: 1 })
    await Promise.all([poller.run(link, signal), clock.advance(10_000)])
    expect(summaries).toEqual([all({ answered: 1 })])
  })

  test('goes on when a block is refused', async () => {
    const answer: Answer = (request, dongle) =>
      request.register === 40 ? [refusal(request, 4)] : obedient(request, dongle)
    const { clock, link, signal } = linked(answer)
    const { poller, summaries, events } = polling(clock, 'input:0-119', { cycles: 5 })
    await Promise.all([poller.run(link, signal), clock.advance(400_000)])
    expect(summaries).toEqual(Array(5).fill(all({ answered: 2, refused: 1 })))
    expect(events).toEqual([]) // a failure may be gone next time
  })
})

describe('blocks of 125', () => {
  const ranges = 'input:0-249'

  test('are asked for', async () => {
    const { clock, dongle, link, signal } = linked()
    const { poller, summaries } = polling(clock, ranges, { blockSize: 125, cycles: 1 })
    await Promise.all([poller.run(link, signal), clock.advance(10_000)])
    expect(dongle.received.map(nameOf)).toEqual(['input 0-124', 'input 125-249'])
    expect(summaries).toEqual([all({ answered: 2 })])
  })

  const small = blocksOf(parseRegisters('input:0-124'), 40).map(requestText)
  const rest = ['input 125-159', 'input 160-199', 'input 200-239', 'input 240-249']

  test.each<[string, Answer, string]>([
    ['are refused', request => [refusal(request, 3)], 'illegal_data_value'],
    ['come short', (request, dongle) => [read(request, dongle, 80)], 'only 80 registers came'],
  ])('that %s become blocks of 40 for the rest of the connection', async (_, large, why) => {
    const answer: Answer = (request, dongle) => (request.word > 40 ? large(request, dongle) : obedient(request, dongle))
    const first = linked(answer)
    const { clock } = first
    const { poller, summaries, events } = polling(clock, ranges, { blockSize: 125, cycles: 3 })
    const running = watched(poller.run(first.link, first.signal))
    await clock.advance(100_000)
    expect(first.dongle.received.map(nameOf)).toEqual(['input 0-124', ...small, ...rest, ...small, ...rest])
    expect(events).toEqual([{ type: 'smaller', inverter: INVERTER, request: expect.anything(), why }])
    first.dongle.end.lose()
    await clock.advance(60_000)
    expect(running.error).toBeDefined()
    const second = linked(undefined, {}, clock)
    await Promise.all([poller.run(second.link, second.signal), clock.advance(10_000)])
    expect(second.dongle.received.map(nameOf)).toEqual(['input 0-124', 'input 125-249']) // another chance
    expect(summaries).toHaveLength(3)
  })
})

describe('a block', () => {
  test('that does not exist is left out after two refusals, and tried again later', async () => {
    const answer: Answer = (request, dongle) =>
      request.register === 40 ? [refusal(request, 2)] : obedient(request, dongle)
    const { clock, dongle, link, signal } = linked(answer)
    const { poller, summaries, events } = polling(clock, 'input:0-79', { cycles: 14 })
    const begun = clock.now()
    const times: number[] = []
    dongle.answer = (request, self) => {
      if (request.register === 40) times.push(Math.floor((clock.now() - begun) / 60_000))
      return answer(request, self)
    }
    await Promise.all([poller.run(link, signal), clock.advance(900_000)])
    expect(times).toEqual([0, 1, 12])
    expect(summaries[2]).toEqual(all({ answered: 1, skipped: 1 }))
    const request = { type: 'input', register: 40, count: 40 }
    const left = { type: 'skipped', inverter: INVERTER, request, why: 'illegal_data_address' }
    expect(events).toEqual([left, left])
  })

  test('that ends two connections by not being answered is left out, and the others are read', async () => {
    const clock = new ManualClock()
    const { poller, summaries, events } = polling(clock, 'input:0-79')
    const dongles: FakeDongle[] = []
    const stop = new AbortController()
    const options = {
      ...{ serials: new SerialBook({ datalog: DATALOG, inverter: INVERTER }), answerHeartbeats: true },
      ...{ onFrame: () => {}, onReject: () => {} },
    }
    const running = keepConnected(
      {
        open: async () => {
          const { near, far } = memoryPair(clock, { origin: 'dongle' })
          const silent: Answer = (request, self) => (request.register === 40 ? [] : obedient(request, self))
          dongles.push(new FakeDongle(far, silent))
          return near
        },
        use: (near, _, signal) => withDongle(near, clock, options, (link, ended) => poller.run(link, ended), signal),
        report: () => {},
        random: () => 0.5,
      },
      clock,
      stop.signal,
    )
    await clock.advance(120_000)
    expect(dongles.map(({ received }) => received.map(nameOf))).toEqual([
      ['input 0-39', 'input 40-79', 'input 40-79'],
      ['input 0-39', 'input 40-79', 'input 40-79'],
      ['input 0-39', 'input 0-39'],
    ])
    expect(summaries).toEqual([all({ answered: 1, skipped: 1 }), all({ answered: 1, skipped: 1 })])
    expect(events.map(({ type }) => type)).toEqual(['skipped'])
    stop.abort()
    await running
  })
})

describe('silence', () => {
  test('of the dongle ends the run after asking twice on the same connection', async () => {
    const { clock, dongle, link, signal } = linked(() => [])
    const { poller } = polling(clock, 'input:0-79')
    const run = watched(poller.run(link, signal))
    await clock.advance(19_999)
    expect([run.done, dongle.received.map(nameOf)]).toEqual([false, ['input 0-39', 'input 0-39']])
    await clock.advance(1)
    expect(run.error).toBeInstanceOf(TimeoutError)
    expect((run.error as Error).message).toBe('no answer from dongle to input 0-39 within 10 s')
  })

  test('that one more request ends is counted', async () => {
    let asked = 0
    const { clock, link, signal } = linked((request, dongle) => (asked++ === 0 ? [] : obedient(request, dongle)))
    const { poller, summaries } = polling(clock, 'input:0-39', { cycles: 1 })
    await Promise.all([poller.run(link, signal), clock.advance(20_000)])
    expect(summaries).toEqual([all({ answered: 1, timedOut: 1 })])
  })

  test('of one inverter leaves the others, whatever their order', async () => {
    const serials = new SerialBook()
    const answer: Answer = (request, dongle) => (request.inverter === OTHER ? [] : obedient(request, dongle))
    const { clock, dongle, link, signal } = linked(answer, { serials })
    dongle.push(block(4, 0, [1], { inverter: OTHER }), HELLO)
    const { poller, summaries, events } = polling(clock, 'input:0-39', { cycles: 3 })
    await Promise.all([poller.run(link, signal), clock.advance(200_000)])
    expect(dongle.received.map(({ inverter }) => inverter)).toEqual([OTHER, OTHER, INVERTER, INVERTER, INVERTER])
    expect(summaries[0]).toEqual(all({ answered: 1, timedOut: 1, silent: 1 }))
    expect(summaries[1]).toEqual(all({ answered: 1, silent: 1 }))
    expect(events).toEqual([{ type: 'skipped', inverter: OTHER, why: 'it does not answer' }])
  })
})

describe('cycles', () => {
  async function times(intervalMs: number, durationMs: number, delayMs = 0): Promise<number[]> {
    const begun: number[] = []
    const { clock, dongle, link, signal, stop } = linked(request => {
      begun.push(clock.now() - start)
      void clock.sleep(delayMs, signal).then(
        () => dongle.push(read(request, dongle)),
        () => {},
      )
      return []
    })
    const start = clock.now()
    const { poller } = polling(clock, 'input:0-39', { intervalMs })
    const run = watched(poller.run(link, signal))
    await clock.advance(durationMs)
    stop.abort(new Error('enough'))
    await clock.advance(0)
    expect(run.error).toEqual(new Error('enough'))
    return begun
  }

  test('come without drift, however long the answers take', async () => {
    expect(await times(10_000, 45_000, 1234)).toEqual([0, 10_000, 20_000, 30_000, 40_000])
  })

  test('keep their time over a new connection', async () => {
    const first = linked()
    const { clock } = first
    const { poller } = polling(clock, 'input:0-39', { intervalMs: 60_000, cycles: 4 })
    const lost = watched(poller.run(first.link, first.signal))
    await clock.advance(10_000)
    first.dongle.end.lose()
    first.stop.abort(new Error('lost'))
    await clock.advance(5000)
    expect([lost.done, first.dongle.received.length]).toEqual([true, 1])
    const second = linked(undefined, {}, clock)
    void poller.run(second.link, second.signal).catch(() => {})
    await clock.advance(44_900)
    expect(second.dongle.received).toEqual([])
    await clock.advance(200)
    expect(second.dongle.received).toHaveLength(1)
  })

  test('begin anew after a connection that was away for longer', async () => {
    const first = linked()
    const { clock } = first
    const { poller } = polling(clock, 'input:0-39', { intervalMs: 60_000, cycles: 4 })
    watched(poller.run(first.link, first.signal))
    await clock.advance(10_000)
    first.stop.abort(new Error('lost'))
    await clock.advance(109_000) // the third cycle is nearly due
    const { dongle, link, signal } = linked(undefined, {}, clock)
    void poller.run(link, signal).catch(() => {})
    await clock.advance(59_000)
    expect(dongle.received).toHaveLength(1)
    await clock.advance(1000)
    expect(dongle.received).toHaveLength(2)
  })

  test('that were missed are not made up for', async () => {
    expect(await times(3000, 20_000, 4000)).toEqual([0, 6000, 12_000, 18_000])
  })
})
