import { describe, expect, test } from 'vitest'
import { PromptSink } from '../../src/sinks/prompt-sink.ts'
import { ManualClock } from '../manual-clock.ts'
import { ListSink, reading } from '../readings.ts'

/** An output whose reader takes what was printed only when told to. */
class SlowReader {
  waiting: (() => void) | undefined

  readonly flush = (): Promise<void> => new Promise(resolve => (this.waiting = resolve))

  async take(): Promise<void> {
    const { waiting } = this
    this.waiting = undefined
    waiting?.()
    await new Promise(resolve => setImmediate(resolve))
  }
}

const numbered = (n: number) => reading({ n })
const numbers = (sink: ListSink) => sink.values.map(({ n }) => n)

describe('readings printed at once', () => {
  test('are printed in order, each when the one before was taken', async () => {
    const [list, reader] = [new ListSink(), new SlowReader()]
    const sink = new PromptSink(list, reader.flush, new ManualClock())
    for (const n of [1, 2, 3]) sink.write(numbered(n))
    expect(numbers(list)).toEqual([1])
    await reader.take()
    expect(numbers(list)).toEqual([1, 2])
    await reader.take()
    await reader.take()
    expect(numbers(list)).toEqual([1, 2, 3])
    expect(sink.problems()).toEqual([])
  })

  test('wait in a queue that drops the oldest and counts them', async () => {
    const [list, reader] = [new ListSink(), new SlowReader()]
    const sink = new PromptSink(list, reader.flush, new ManualClock())
    for (let n = 0; n <= 10_005; n++) sink.write(numbered(n))
    expect(sink.problems()).toEqual(['5 readings not printed: nobody read the output fast enough'])
    for (let i = 0; i <= 10_000; i++) await reader.take()
    expect(numbers(list)).toEqual([0, ...Array.from({ length: 10_000 }, (_, i) => i + 6)])
  })

  test('never hold up the end of a run for more than 2 s', async () => {
    const [list, reader, clock] = [new ListSink(), new SlowReader(), new ManualClock()]
    const sink = new PromptSink(list, reader.flush, clock)
    for (const n of [1, 2, 3]) sink.write(numbered(n))
    const closed = sink.close()
    await clock.advance(2000)
    await closed
    expect(sink.problems()).toEqual(['2 readings not printed: nobody read the output fast enough'])
  })

  test('are all printed at the end when the reader takes them', async () => {
    const [list, reader, clock] = [new ListSink(), new SlowReader(), new ManualClock()]
    const sink = new PromptSink(list, reader.flush, clock)
    for (const n of [1, 2, 3]) sink.write(numbered(n))
    const closed = sink.close()
    for (let i = 0; i < 4; i++) await reader.take()
    await closed
    expect([numbers(list), list.closed, clock.sleeping]).toEqual([[1, 2, 3], true, 0])
  })
})
