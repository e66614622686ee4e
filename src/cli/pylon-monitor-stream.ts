import { TransportError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { type Found, findDocument, Stacks } from './pylon-monitor-document.ts'
import { parsed } from './pylon-monitor-file.ts'
import { MOST_BYTES, type MonitorSource, type Snapshot, type SourceEvents } from './pylon-monitor-source.ts'

const BLOCK = 65_536

/** Standard input: documents as lines of JSON, as they come from `pylon poll --json`, or one document of several lines. */
export class StreamSource implements MonitorSource {
  readonly name = 'standard input'
  readonly intervalMs: number
  readonly #io: Io
  #skipped = 0

  constructor(io: Io, intervalMs: number) {
    this.#io = io
    this.intervalMs = intervalMs
  }

  now(): number {
    return this.#io.clock.now()
  }

  async once(signal: AbortSignal): Promise<Snapshot | undefined> {
    for await (const snapshot of this.#snapshots(signal)) return snapshot
    return undefined
  }

  async run(events: SourceEvents, signal: AbortSignal): Promise<void> {
    for await (const snapshot of this.#snapshots(signal)) events.snapshot(snapshot)
    events.problem('standard input is at its end')
  }

  problems(): readonly string[] {
    return this.#skipped === 0 ? [] : [`${this.#skipped} lines of standard input were no documents about modules`]
  }

  async *#snapshots(signal: AbortSignal): AsyncGenerator<Snapshot> {
    const stacks = new Stacks()
    const snapshotOf = (found: Found) => ({ document: stacks.add(found), at: found.time ?? this.now() })
    let other = '' // lines that are no documents, until one is: they may be parts of one
    let isFound = false
    for await (const line of this.#lines(signal)) {
      const found = documentOrNothing(line)
      if (found === undefined) {
        if (line.trim() !== '') this.#skipped++
        if (!isFound && other.length < MOST_BYTES) other += `${line}\n`
        continue
      }
      isFound = true
      yield snapshotOf(found)
    }
    if (isFound || other.trim() === '' || signal.aborted) return
    this.#skipped = 0
    yield snapshotOf(parsed(other, this.name))
  }

  async *#lines(signal: AbortSignal): AsyncGenerator<string> {
    const input = await this.#io.open('-')
    const close = () => input.close() // ends a read that waits
    signal.addEventListener('abort', close, { once: true })
    const decoder = new TextDecoder()
    const block = new Uint8Array(BLOCK)
    let rest = ''
    try {
      while (!signal.aborted) {
        const count = await input.read(block, 0)
        if (count === 0) break
        const lines = (rest + decoder.decode(block.subarray(0, count), { stream: true })).split('\n')
        rest = lines.pop()!
        if (rest.length > MOST_BYTES) throw new TransportError('a line of standard input has no end')
        yield* lines
      }
      if (rest !== '') yield rest
    } finally {
      signal.removeEventListener('abort', close)
      close()
    }
  }
}

function documentOrNothing(line: string): Found | undefined {
  try {
    return findDocument(line)
  } catch {
    return undefined // it is counted
  }
}
