import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KEPT, type Qos } from '../../../src/sinks/mqtt/message.ts'
import { Outbox, type Outgoing } from '../../../src/sinks/mqtt/outbox.ts'

function message(payload: string, qos: Qos = 1) {
  return { topic: 'data', payload, qos, retain: false }
}

function texts(sent: readonly (Outgoing | undefined)[]) {
  return sent.map(outgoing => outgoing?.message.payload)
}

/** All that can be sent now. */
function drained(outbox: Outbox): (string | undefined)[] {
  const all: (string | undefined)[] = []
  for (let next = outbox.next(); next !== undefined; next = outbox.next()) {
    all.push(next.message.payload)
    outbox.settle(next)
  }
  return all
}

describe('an outbox', () => {
  test('gives messages in order, and those without an answer again when the connection is lost', () => {
    const outbox = new Outbox(10)
    for (const text of ['a', 'b', 'c', 'd']) outbox.add(message(text), false)
    const sent = [outbox.next(), outbox.next(), outbox.next()]
    expect(texts(sent)).toEqual(['a', 'b', 'c'])
    outbox.settle(sent[0]!)
    outbox.lost()
    expect(drained(outbox)).toEqual(['b', 'c', 'd'])
  })

  test('does not send QoS 0 twice: it may have arrived', () => {
    const outbox = new Outbox(10)
    outbox.add(message('a', 0), false)
    outbox.add(message('b', 1), false)
    outbox.next()
    outbox.next()
    outbox.lost()
    expect(drained(outbox)).toEqual(['b'])
  })

  test('forgets with the connection what says how things stand', () => {
    const outbox = new Outbox(10)
    outbox.add(message('a'), false)
    outbox.add({ ...message('config'), ...KEPT }, true)
    outbox.add(message('b'), false)
    outbox.next()
    outbox.lost()
    outbox.addFirst([message('online')])
    expect(drained(outbox)).toEqual(['online', 'a', 'b'])
  })

  test('drops the oldest of too many, but never what says how things stand', () => {
    const outbox = new Outbox(3)
    outbox.addFirst([message('online'), message('config')])
    for (const text of ['a', 'b', 'c', 'd', 'e']) outbox.add(message(text), false)
    expect(outbox.dropped).toBe(2)
    expect(drained(outbox)).toEqual(['online', 'config', 'c', 'd', 'e'])
  })

  test('whatever happens, each message is settled, dropped or still there, and what comes out is in order', () => {
    const steps = fc.array(
      fc.oneof(fc.constant('add'), fc.constant('next'), fc.constant('settle'), fc.constant('lost')),
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (names, limit) => {
        const outbox = new Outbox(limit)
        const inFlight: Outgoing[] = []
        const settled: number[] = []
        let added = 0
        for (const name of names) {
          if (name === 'add') outbox.add(message(String(added++)), false)
          if (name === 'next') {
            const next = outbox.next()
            if (next !== undefined) inFlight.push(next)
          }
          if (name === 'settle' && inFlight.length > 0) {
            const first = inFlight.shift()!
            outbox.settle(first)
            settled.push(Number(first.message.payload))
          }
          if (name === 'lost') {
            inFlight.length = 0
            outbox.lost()
          }
        }
        expect(outbox.size - outbox.inFlight).toBeLessThanOrEqual(limit)
        expect(settled.length + outbox.size + outbox.dropped + outbox.poisonous).toBe(added)
        outbox.lost()
        const all = [...settled, ...drained(outbox).map(Number)]
        expect(all).toEqual([...new Set(all)].sort((a, b) => a - b))
      }),
    )
  })

  test('takes a million messages in a moment, also when all but a few are dropped', () => {
    const outbox = new Outbox(10_000)
    for (let n = 0; n < 1_000_000; n++) outbox.add(message(''), false)
    expect(outbox.dropped).toBe(990_000)
  })
})
