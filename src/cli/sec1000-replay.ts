import { FrameError } from '../core/errors.ts'
import type { Reading } from '../core/reading.ts'
import { Publisher } from '../protocols/sec1000/publisher.ts'
import { ReplyLogReader } from '../protocols/sec1000/reply-log.ts'
import { ZeroCache } from '../protocols/sec1000/zero-cache.ts'
import { ReadingStream } from '../reading-stream.ts'
import { counted } from '../sinks/counted.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Io } from './io.ts'
import { zeroRule } from './sec1000-cache.ts'
import { rawText } from './sec1000-document.ts'
import { type Judge, powerJudge } from './sec1000-judge.ts'
import { INTERVAL } from './sec1000-options.ts'
import type { QueryFlags } from './sec1000-query.ts'
import { type Sec1000Run, sec1000Run } from './sec1000-run.ts'

const BLOCK = 65_536

/**
 * Runs `sec1000 query file:PATH`: the replies of a log as if they came now, each at its recorded time. The rule of zeros
 * begins with nothing, and nothing is remembered. Sets the exit status.
 */
export async function runReplay(io: Io, path: string, flags: QueryFlags): Promise<void> {
  const isRaw = flags.raw === true
  await sec1000Run(io, flags, isRaw ? 'document' : 'lines', INTERVAL * 1000, async opened => {
    const { protocol, run, notes } = opened
    const sink = new JudgingSink(opened, flags)
    const stream = new ReadingStream(protocol, sink, {
      guesses: flags.guesses === true,
      onReject: opened.rejected,
      onMessage: message => (isRaw ? io.out.write(rawText(message, protocol)) : undefined),
    })
    const skipped = await readLog(io, path, stream, run.signal)
    const { readings, unknown, rejects } = stream.tally
    if (skipped > 0) notes.say(`${path}: ${counted(skipped, 'line')} without bytes in hex`)
    if (readings === 0) notes.say(`${path}: there is no reply in it; one begins with 04 52 45 56 4f`)
    const bad = skipped + unknown + sink.refused + Object.keys(rejects).length
    if (readings === 0 || (flags.strict === true && bad > 0)) io.status.code = 1
  })
}

/** Reads a log to its end; gives the number of lines that were skipped. */
async function readLog(io: Io, path: string, stream: ReadingStream, signal: AbortSignal): Promise<number> {
  const reader = new ReplyLogReader(path)
  const block = new Uint8Array(BLOCK)
  const input = await io.open(path)
  try {
    for (let count = -1; count !== 0 && !signal.aborted; ) {
      count = await input.read(block, 0)
      const packets = count === 0 ? reader.end() : reader.push(block.subarray(0, count))
      for (const packet of packets) await stream.push(packet)
    }
    await stream.end()
    return reader.skipped
  } finally {
    input.close()
  }
}

/** Lets through what the command would have taken for an answer, published by the rule of zeros. */
class JudgingSink implements Sink {
  /** Readings that were not believed. */
  refused = 0
  readonly #opened: Sec1000Run
  readonly #judge: Judge
  readonly #publisher: Publisher

  constructor(opened: Sec1000Run, flags: QueryFlags) {
    const rule = zeroRule(flags)
    this.#opened = opened
    this.#judge = powerJudge(flags, opened.notes)
    this.#publisher = new Publisher({
      ...(rule === undefined ? {} : { cache: new ZeroCache(rule) }),
      derived: flags.derived === true,
      compat: flags.compat === true,
    })
  }

  write(reading: Reading): void | Promise<void> {
    try {
      this.#check(reading)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.refused++
      this.#opened.rejected(error)
      return
    }
    return this.#opened.run.sink.write(this.#publisher.publish(reading))
  }

  close(): void {}

  #check(reading: Reading): void {
    const { message, device: origin, values } = reading
    if (message === 'status') {
      throw new FrameError(`sec1000: status ${values['status']} instead of data`, { reason: 'status', origin })
    }
    if (message === 'power') this.#judge(reading)
  }
}
