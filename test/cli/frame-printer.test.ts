import { expect, test } from 'vitest'
import { FramePrinter } from '../../src/cli/frame-printer.ts'
import type { LiveOutput } from '../../src/cli/io.ts'
import { TransportError } from '../../src/core/errors.ts'
import { ManualClock } from '../manual-clock.ts'

/** Standard output with a reader who takes what is there when a test says so. */
class SlowOutput implements LiveOutput {
  readonly isTerminal = false
  readonly columns = 80
  text = ''
  failure: Error | undefined
  #waiting: Promise<void> | undefined
  #taken: () => void = () => {}

  write(bytes: Uint8Array | string): void {
    if (this.failure !== undefined) throw this.failure
    this.text += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1')
    this.#waiting ??= new Promise(resolve => {
      this.#taken = resolve
    })
  }

  drained(): Promise<void> | undefined {
    return this.#waiting
  }

  take(): void {
    this.#waiting = undefined
    this.#taken()
  }
}

const LINE = 'x'.repeat(1023)

function print(printer: FramePrinter, lines: number): void {
  for (let i = 0; i < lines; i++) {
    if (!printer.hasRoom()) continue
    printer.writer.text(LINE)
    printer.writer.endLine()
  }
}

test('lines are written together once all that happens at a moment has happened', async () => {
  const out = new SlowOutput()
  const printer = new FramePrinter(out, () => {})
  print(printer, 3)
  expect(out.text).toBe('')
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  expect(out.text.length).toBe(3 * 1024)
})

test('what a slow reader does not take is bounded: further lines are left out and counted', async () => {
  const out = new SlowOutput()
  const printer = new FramePrinter(out, () => {})
  print(printer, 20_000)
  printer.flush()
  const kept = out.text.length
  expect(kept).toBeLessThan(10 << 20)
  expect(kept / 1024 + printer.dropped).toBe(20_000)
  expect(printer.busy()).toBeInstanceOf(Promise)
  out.take()
  print(printer, 10)
  printer.flush()
  expect(out.text.length - kept).toBe(10 * 1024)
})

test('the end waits a while for the reader, and not for ever', async () => {
  const clock = new ManualClock()
  const out = new SlowOutput()
  const printer = new FramePrinter(out, () => {})
  print(printer, 1)
  const ending = printer.end(clock)
  await clock.advance(3000)
  await ending
  expect(out.text.length).toBe(1024)
})

test('an output that cannot be written ends the run, with its reason', async () => {
  const out = new SlowOutput()
  let failed = 0
  const printer = new FramePrinter(out, () => failed++)
  out.failure = new TransportError('cannot write the output: no space left')
  print(printer, 1)
  printer.flush()
  expect([failed, printer.failure?.message, printer.hasRoom()]).toEqual([
    ...[1, 'cannot write the output: no space left', false],
  ])
})
