import { describe, expect, test } from 'vitest'
import { LogChooser } from '../../src/cli/log-chooser.ts'
import { parseFilters } from '../../src/core/can-filter.ts'
import type { ByteInput } from '../../src/core/input.ts'
import { RecordedLog } from '../../src/recorded-log.ts'
import { ManualClock } from '../manual-clock.ts'
import { BusWatch } from '../transport/can/bus-watch.ts'

const LOG = `(1700000000.000000) can0 123#DEADBEEF01020304 R
(1700000000.001500) can0 18FF50E5#A1B2C3 T
(1700000000.002000) can1 7FF# R
(1700000000.250000) can0 20000040#0000000000000000
(1700000000.300000) can1 001#AA
(1700000001.250000) can0 00000123#01
`

/** A log that gives `block` bytes at a time. */
class TestInput implements ByteInput {
  readonly name = 'drive.log'
  readonly size = 0
  readonly live = false
  reads = 0
  isClosed = false
  readonly #bytes: Uint8Array
  readonly #block: number
  #at = 0

  constructor(text: string | Uint8Array, block = 65_536) {
    this.#bytes = typeof text === 'string' ? Buffer.from(text) : text
    this.#block = block
  }

  read(into: Uint8Array, at: number): number {
    this.reads++
    const part = this.#bytes.subarray(this.#at, this.#at + Math.min(this.#block, into.length - at))
    into.set(part, at)
    this.#at += part.length
    return part.length
  }

  close(): void {
    this.isClosed = true
  }
}

function recording(input: ByteInput, speed = 1) {
  const clock = new ManualClock(0)
  const failures: string[] = []
  const results: string[] = []
  const chooser = new LogChooser(false, false, 'can dump', { zeroIsTime: true })
  const log = new RecordedLog(
    input,
    {
      choose: (name, head, complete, queue) => chooser.choose(name, head, complete, () => queue),
      pace: { speed, gapMs: 0 },
      done: ({ lines, rejects }) => results.push(`${lines} lines, ${Object.keys(rejects)}`),
      failed: error => failures.push(error.message),
    },
    clock,
  )
  return { clock, log, failures, results }
}

describe('a recording', () => {
  test('is played with its timing; its buses share a clock', async () => {
    const { clock, log, results } = recording(new TestInput(LOG))
    const [can0, can1] = [log.bus('file:drive.log@can0', 'can0'), log.bus('file:drive.log@can1', 'can1')]
    const at0 = new BusWatch(can0, clock).heard
    await clock.advance(1000)
    expect(at0).toEqual([]) // nobody listens to the other one yet
    const at1 = new BusWatch(can1, clock).heard
    await clock.advance(5000)
    expect(at0).toEqual([
      ...['1000 123#DEADBEEF01020304', '1002 18FF50E5#A1B2C3', '1250 20000040#0000000000000000'],
      expect.stringMatching(/^1250 down: lost file:drive.log@can0: its controller is off the bus/),
      ...['2250 00000123#01', '2250 up', '2250 end'],
    ])
    expect(at1).toEqual(['1002 7FF#', '1300 001#AA', '2250 end'])
    expect(results).toEqual(['6 lines, '])
    expect([can0.recorded, can0.name, can0.send({ id: 1, flags: 0, length: 0, data: new Uint8Array(0) })]).toEqual([
      ...[true, 'file:drive.log@can0', true],
    ])
  })

  test('frames keep the times and interfaces of the log', async () => {
    const { clock, log } = recording(new TestInput(LOG), 0)
    const watch = new BusWatch(log.bus('file:drive.log', undefined, parseFilters(['0:0'])))
    await clock.advance(0)
    expect(watch.stamped).toEqual([
      ...['1700000000.000000 can0 123#DEADBEEF01020304', '1700000000.001500 can0 18FF50E5#A1B2C3'],
      ...['1700000000.002000 can1 7FF#', '1700000000.300000 can1 001#AA', '1700000001.250000 can0 00000123#01'],
    ])
  })

  test('of an interface that is not in the log says which are', async () => {
    const { clock, log, failures } = recording(new TestInput(LOG), 0)
    const watch = new BusWatch(log.bus('file:drive.log@can7', 'can7'))
    await clock.advance(0)
    expect(watch.heard).toEqual(['down: file:drive.log@can7: no frame of can7; it has can0, can1', 'end'])
    expect(failures).toEqual(['file:drive.log@can7: no frame of can7; it has can0, can1'])
  })

  test('that is no log is down, and over', async () => {
    const { clock, log, failures } = recording(new TestInput('what is this?\n'))
    const watch = new BusWatch(log.bus('file:drive.log', undefined))
    await clock.advance(0)
    expect(watch.heard).toHaveLength(2)
    expect(watch.heard[0]).toMatch(/^down: cannot read drive.log: no CAN log; it begins with "what is this\?"/)
    expect(watch.heard[1]).toBe('end')
    expect(failures).toHaveLength(1)
  })

  test('is read a block at a time, as it is played', async () => {
    const line = (i: number) =>
      `(${(1_700_000_000 + i / 100).toFixed(6)}) can0 123#${i.toString(16).padStart(16, '0')}\n`
    const input = new TestInput(Array.from({ length: 100_000 }, (_, i) => line(i)).join(''))
    const { clock, log } = recording(input)
    const watch = new BusWatch(log.bus('file:drive.log', undefined))
    await clock.advance(10_000)
    expect(watch.heard.length).toBe(1001)
    expect(input.reads).toBeLessThanOrEqual(2)
  })

  test('ends when its buses are closed, in the middle or before it began', async () => {
    const begun = new TestInput(LOG, 140) // the block ends in the middle of a line
    const first = recording(begun)
    const bus = first.log.bus('file:drive.log', undefined)
    const watch = new BusWatch(bus)
    await first.clock.advance(10)
    await bus[Symbol.asyncDispose]()
    await first.clock.advance(10_000)
    expect(watch.heard).toHaveLength(3)
    expect(begun.isClosed).toBe(true)
    expect(first.results[0]).toMatch(/^\d lines, $/) // the line that was cut is nothing bad
    const untouched = new TestInput(LOG)
    await recording(untouched).log.bus('file:drive.log', undefined)[Symbol.asyncDispose]()
    expect([untouched.reads, untouched.isClosed]).toEqual([0, true])
  })
})
