import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../../../src/core/random.ts'
import { parseDatagram } from '../../../../src/protocols/lxp/cutter.ts'
import { type Datagram, datagramsOf } from '../../../../src/protocols/lxp/simulator/broadcast.ts'
import { type Delivery, delivery, type Outgoing } from '../../../../src/protocols/lxp/simulator/delivery.ts'
import {
  BROADCAST_FAULTS,
  type BroadcastFault,
  DONGLE_FAULTS,
  type DongleFault,
  FaultDice,
} from '../../../../src/protocols/lxp/simulator/faults.ts'
import { bytesOf, INVERTER } from '../build-frame.ts'
import { framesOf } from '../captures.ts'
import { diceOf, requestOf, START, sceneOf } from './scene.ts'

const { dongle } = sceneOf()
const old = sceneOf({ model: 'lxp', protocol: 2 }).dongle
const foreign = () => dongle.foreign(START)
const request = requestOf(4, 0, bytesOf([40]))
const answer: Outgoing = { frame: dongle.answer(request, START)!, request }
/** A connection's worth of frames: settings, bursts, heartbeats and answers, of both kinds of dongle. */
const stream: readonly Outgoing[] = [
  ...[...dongle.greeting(START), ...dongle.burst(START), dongle.heartbeat()].map(frame => ({ frame })),
  answer,
  ...[...old.burst(START), old.heartbeat()].map(frame => ({ frame })),
]

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const found = (bytes: Uint8Array) => framesOf(bytes).frames.map(frame => hex(frame.bytes))

/** Delivers every frame on its own, twenty times over, so that rare faults happen. */
function deliverAll(
  rates: Partial<Record<DongleFault, number>>,
  seed = 1,
): { all: Delivery[]; made: Map<string, number> } {
  const { dice, made } = diceOf(rates, seed)
  const all = Array.from({ length: 20 }, () => stream.map(outgoing => delivery([outgoing], dice, foreign))).flat()
  return { all, made }
}

const bytesOfAll = (all: readonly Delivery[]) => Buffer.concat(all.map(({ bytes }) => bytes))
const goodOfAll = (all: readonly Delivery[]) => all.flatMap(({ good }) => good.map(({ frame }) => hex(frame)))

test('without faults each frame goes out as it is, in one piece', () => {
  const { all, made } = deliverAll({})
  expect(made).toEqual(new Map())
  expect(all.slice(0, stream.length).map(({ bytes }) => hex(bytes))).toEqual(stream.map(({ frame }) => hex(frame)))
  for (const { bytes, pieces, reset } of all) {
    expect({ pieces, reset }).toEqual({ pieces: [{ pauseMs: 0, end: bytes.length }], reset: false })
  }
})

test('a reader finds in the stream exactly the frames that are called good, whatever the faults', () => {
  const inStream = (Object.keys(DONGLE_FAULTS) as DongleFault[]).filter(fault => fault !== 'reset')
  const rates = fc.record(Object.fromEntries(inStream.map(fault => [fault, fc.constantFrom(0, 0.1, 0.5)])))
  fc.assert(
    fc.property(rates, fc.nat(1_000_000), (chosen, seed) => {
      const { all } = deliverAll(chosen, seed)
      expect(found(bytesOfAll(all))).toEqual(goodOfAll(all))
    }),
    { numRuns: 60 },
  )
})

test('what a connection that breaks off has brought are the good frames up to there', () => {
  const { all, made } = deliverAll({ reset: 0.5, foreign: 0.5 })
  expect(made.get('reset')).toBeGreaterThan(50)
  for (const { bytes, good, pieces, reset } of all) {
    const sent = pieces.at(-1)!.end
    expect(sent < bytes.length).toBe(reset)
    const whole = good.filter(({ end }) => end <= sent).map(({ frame }) => hex(frame))
    expect(found(bytes.subarray(0, sent))).toEqual(whole)
  }
})

describe('a fault happens as often as asked, and', () => {
  test.each(Object.keys(DONGLE_FAULTS) as DongleFault[])('%s is counted', fault => {
    if (fault === 'silence' || fault === 'glue') return // of the connection, not of a delivery
    const { made } = deliverAll({ [fault]: 1 })
    expect([...made.keys()]).toEqual([fault])
    const few = deliverAll({ [fault]: 0.25 }).made.get(fault) ?? 0
    expect(few / made.get(fault)!).toBeGreaterThan(0.1)
    expect(few / made.get(fault)!).toBeLessThan(0.4)
  })

  test('split sends a frame in pieces, with pauses below and above 100 ms, but none that gives the frame up', () => {
    const pieces = deliverAll({ split: 1 }).all.flatMap(each => each.pieces.slice(1))
    const pauses = pieces.map(({ pauseMs }) => pauseMs)
    expect(Math.min(...pauses)).toBeLessThan(50)
    expect(Math.max(...pauses)).toBeGreaterThan(110)
    expect(Math.max(...pauses)).toBeLessThan(2000)
    for (const each of deliverAll({ split: 1 }).all) {
      const ends = each.pieces.map(({ end }) => end)
      expect(ends).toEqual([...new Set(ends)].sort((a, b) => a - b))
      expect(ends.at(-1)).toBe(each.bytes.length)
    }
  })

  test('slow delays a frame by seconds', () => {
    const pauses = deliverAll({ slow: 1 }).all.map(({ pieces }) => pieces[0]!.pauseMs)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2000)
    expect(Math.max(...pauses)).toBeGreaterThan(10_000) // longer than a poller waits
  })

  test('corrupt breaks the checksum of data frames and nothing else', () => {
    const { all } = deliverAll({ corrupt: 1 })
    expect(new Set(framesOf(bytesOfAll(all)).frames.map(({ type }) => type))).toEqual(new Set(['heartbeat']))
    for (const { bytes, good } of all) {
      const { reasons } = framesOf(bytes)
      if (good.length === 0) expect(reasons.filter(reason => reason !== 'crc')).toEqual([])
      if (good.length === 0) expect(reasons).toContain('crc')
    }
  })

  test('length makes the frame unreadable, by too much and too little', () => {
    const { all } = deliverAll({ length: 1 })
    const reasons = all.flatMap(({ bytes }) => framesOf(bytes).reasons)
    expect([...new Set(reasons)].sort()).toEqual(expect.arrayContaining(['data_length', 'magic', 'truncated']))
    expect(new Set(framesOf(bytesOfAll(all)).frames.map(({ type }) => type))).toEqual(new Set(['heartbeat']))
  })

  test('short takes registers from blocks, and their checksum is right', () => {
    for (const { bytes } of deliverAll({ short: 1 }).all.slice(0, 5)) {
      const { frames, reasons } = framesOf(bytes)
      expect(reasons).toEqual([])
      if (frames[0]!.type !== 'heartbeat') expect(frames[0]!.count).toBeLessThan(127)
    }
    const { dice } = diceOf({ short: 1 })
    const counts = Array.from({ length: 50 }, () => framesOf(delivery([answer], dice, foreign).bytes).frames[0]!.count!)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(1)
    expect(Math.max(...counts)).toBeLessThan(40)
  })

  test('exception refuses requests, and leaves what is pushed alone', () => {
    const { all, made } = deliverAll({ exception: 1 })
    expect(made.get('exception')).toBe(20)
    const refused = framesOf(bytesOfAll(all)).frames.filter(({ type }) => type === 'exception')
    expect(refused).toHaveLength(20)
    for (const { deviceFunction, register, inverter, errorCode } of refused) {
      expect({ deviceFunction, register, inverter }).toEqual({ deviceFunction: 4, register: 0, inverter: INVERTER })
      expect([3, 4, 6]).toContain(errorCode)
    }
  })

  test('foreign brings another inverter, other registers and other functions', () => {
    const { frames } = framesOf(bytesOfAll(deliverAll({ foreign: 1, drop: 1 }).all))
    expect(frames.some(({ inverter }) => inverter !== undefined && inverter !== INVERTER)).toBe(true)
    const types = new Set(frames.map(({ type }) => type))
    expect([...types].sort()).toEqual(['heartbeat', 'hold', 'input', 'read_param', 'write_single'])
  })

  test('drop leaves nothing', () => {
    expect(bytesOfAll(deliverAll({ drop: 1 }).all)).toHaveLength(0)
  })

  test('garbage never makes a frame of itself', () => {
    const { all } = deliverAll({ garbage: 1, drop: 1 })
    const { frames, reasons } = framesOf(bytesOfAll(all))
    expect(frames).toEqual([])
    expect(reasons.length).toBeGreaterThan(0)
  })
})

test('several frames in one piece are found one by one', () => {
  const { dice } = diceOf({})
  const { bytes, good, pieces } = delivery(stream.slice(0, 4), dice, foreign)
  expect(pieces).toHaveLength(1)
  expect(found(bytes)).toEqual(good.map(({ frame }) => hex(frame)))
  expect(good).toHaveLength(4)
})

describe('datagrams', () => {
  const frames = [old.heartbeat(), ...old.burst(START)]
  const send = (rates: Partial<Record<BroadcastFault, number>>, seed = 1) => {
    const made = new Map<string, number>()
    const entries = Object.entries(rates) as [BroadcastFault, number][]
    const dice = new FaultDice(new Random(seed, 'test'), new Map(entries), made)
    const all = Array.from({ length: 50 }, () =>
      frames.flatMap(each => datagramsOf(each, dice, () => old.ofOther(START))),
    )
    return { all: all.flat(), made }
  }

  test('are frames of the sizes that the protocol page gives', () => {
    const { all } = send({})
    expect(all.slice(0, 4).map(({ bytes }) => [bytes.length, bytes[4], bytes[32] ?? 0])).toEqual([
      ...[[19, 13, 0], [117, 111, 0], [117, 111, 40], [117, 111, 80]], // biome-ignore format: a table
    ])
  })

  const isRead = ({ bytes }: Datagram) => typeof parseDatagram(bytes) !== 'string'

  test.each(Object.keys(BROADCAST_FAULTS) as BroadcastFault[])(
    '%s happens, and each is good or not as it is called',
    fault => {
      const { all, made } = send({ [fault]: 0.5 })
      expect([...made.keys()]).toEqual([fault])
      expect(all.filter(datagram => isRead(datagram) !== datagram.isGood)).toEqual([])
      expect(all.some(({ isGood }) => !isGood)).toBe(['cut', 'garbage', 'corrupt', 'length'].includes(fault))
    },
  )

  test('are good or not as they are called, whatever the faults', () => {
    const names = Object.keys(BROADCAST_FAULTS)
    const rates = fc.record(Object.fromEntries(names.map(fault => [fault, fc.constantFrom(0, 0.1, 0.5)])))
    fc.assert(
      fc.property(rates, fc.nat(1_000_000), (chosen, seed) => {
        const { all } = send(chosen, seed)
        expect(all.filter(datagram => isRead(datagram) !== datagram.isGood)).toEqual([])
      }),
      { numRuns: 30 },
    )
  })
})
