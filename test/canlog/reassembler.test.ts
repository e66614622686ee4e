import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CAN, CanFrame } from '../../src/core/can.ts'
import type { Message } from '../../src/protocols/ecoflow/message.ts'
import { type FrameFault, Reassembler } from '../../src/protocols/ecoflow/reassembler.ts'
import { a, b, c } from './build-log.ts'

describe('the reassembler', () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  /** Bytes of buffers that are in use. */
  const held = () => {
    collectGarbage()
    return process.memoryUsage().arrayBuffers
  }

  /** Takes frames and counts what becomes of them. */
  function counting(compatible = false) {
    const faults: Partial<Record<FrameFault, number>> = {}
    const messages: string[] = []
    const reassembler = new Reassembler(
      {
        message: (message: Message) =>
          messages.push(Buffer.from(message.bytes.subarray(0, message.length)).toString('hex')),
        single: () => {},
        fault: fault => {
          faults[fault] = (faults[fault] ?? 0) + 1
        },
      },
      compatible,
    )
    const frame = new CanFrame({ readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} })
    const take = (id: number, data: ArrayLike<number>, flags: number = CAN.extended) => {
      frame.id = id
      frame.flags = flags
      frame.length = data.length
      frame.data.set(Array.from(data))
      reassembler.frame(frame)
    }
    return { faults, messages, reassembler, take }
  }

  test.each([false, true])('never throws, whatever the frames (compatible: %s)', compatible => {
    const id = fc.oneof(
      fc.nat(0x1fffffff),
      fc.nat(0x0fffffff),
      fc.constantFrom(...[...a(), ...b(), ...c()].map(frame => Number.parseInt(frame.id, 16))),
    )
    const flags = fc.oneof({ weight: 9, arbitrary: fc.constant<number>(CAN.extended) }, fc.nat(255))
    const frame = fc.tuple(id, fc.uint8Array({ maxLength: 8 }), flags)
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 200 }), frames => {
        const { take, reassembler } = counting(compatible)
        for (const [id, data, flags] of frames) take(id, data, flags)
        expect(reassembler.unfinished).toBeLessThanOrEqual(frames.length)
      }),
      { numRuns: 300 },
    )
  })

  test.each([false, true])('takes ten thousand random byte strings as frames (compatible: %s)', compatible => {
    const { take, reassembler } = counting(compatible)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), bytes => {
        // 4 bytes of ID, one of length, 8 of data: commands that begin, go on and end messages are common
        for (let at = 0; at + 13 <= bytes.length; at += 13) {
          const command = [0x00400000, 0x00c00000, 0x10000000, 0x10100000, 0x10200000, 0x12000000, 0x12200000][
            bytes[at]! % 8
          ]
          const id = (command ?? (bytes[at]! & 0x1f) << 24) | (bytes[at + 2]! << 8) | (bytes[at + 3]! & 3)
          take(id, bytes.subarray(at + 5, at + 5 + (bytes[at + 4]! % 9)))
        }
        expect(reassembler.unfinished).toBeLessThanOrEqual(4096)
      }),
      { numRuns: 10_000 },
    )
  })

  test('forgets open messages rather than grow, and goes on', () => {
    const { take, reassembler, faults, messages } = counting()
    const before = held()
    for (let node = 0; node < 400_000; node++) take(0x10000000 + node, [0xaa, 3, 0, 0])
    expect(reassembler.unfinished).toBeLessThanOrEqual(4096)
    expect(reassembler.unfinished + (faults.evicted ?? 0)).toBe(400_000)
    expect(held() - before).toBeLessThan(50e6) // a slot takes 512 bytes: 200 MB, if none were forgotten
    for (const { id, data } of b()) take(Number.parseInt(id, 16), data)
    expect(messages).toHaveLength(1)
  })

  test('keeps no more than a packet can be, of messages that never end', () => {
    const { take, faults, messages } = counting()
    for (let node = 0; node < 20; node++) {
      take(0x10000000 + node, [0xaa])
      for (let i = 0; i < 20_000; i++) take(0x10100000 + node, [1, 2, 3, 4, 5, 6, 7, 8])
    }
    expect(faults.overlong).toBe(20)
    expect(faults.headless).toBeUndefined() // what is left of them is not another loss
    for (const { id, data } of b()) take(Number.parseInt(id, 16), data)
    expect(messages).toHaveLength(1)
  })
})
