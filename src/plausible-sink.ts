import type { Reading } from './core/reading.ts'
import type { Values } from './core/values.ts'
import { FallingCounters } from './falling-counters.ts'
import type { Protocol } from './protocols/protocol.ts'
import type { Sink } from './sinks/sink.ts'

/** Holds back values that cannot be, before any sink sees them, and counts them by name. */
export class PlausibleSink implements Sink {
  readonly #protocol: Protocol
  readonly #sink: Sink
  readonly #counters = new FallingCounters()
  readonly #held = { implausible: new Map<string, number>(), falling: new Map<string, number>() }

  constructor(protocol: Protocol, sink: Sink) {
    this.#protocol = protocol
    this.#sink = sink
  }

  write(reading: Reading): void | Promise<void> {
    const strange = this.#protocol.implausible?.(reading.message, reading.values) ?? []
    const fallen = this.#counters.heldBack(reading)
    if (strange.length === 0 && fallen.length === 0) return this.#sink.write(reading)
    for (const name of strange) count(this.#held.implausible, name)
    for (const name of fallen) count(this.#held.falling, name)
    return this.#sink.write({ ...reading, values: without(reading.values, [...strange, ...fallen]) })
  }

  close(): void | Promise<void> {
    return this.#sink.close()
  }

  problems(): readonly string[] {
    const { implausible, falling } = this.#held
    const held = [...lines('implausible', implausible), ...lines('counters that fell', falling)]
    return [...held, ...(this.#sink.problems?.() ?? [])]
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function lines(what: string, counts: ReadonlyMap<string, number>): string[] {
  const texts = [...counts].map(([name, times]) => `${times} ${name}`)
  return texts.length === 0 ? [] : [`held back, ${what}: ${texts.join(', ')}; --no-filter shows them`]
}

function without(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}
