import { type DeviceRequest, type Questioned, requestText, type WriteRequest } from '../request.ts'
import { Doorbell } from './doorbell.ts'
import type { ProxyClient } from './proxy-client.ts'

/** A client's request. */
export interface Ask {
  readonly client: ProxyClient
  readonly inverter: string
  readonly request: DeviceRequest
  readonly questioned: Questioned
}

/** What asks must have in common to be answered at once; undefined for writes, which each are sent. */
export function keyOf({ inverter, request }: Ask): string | undefined {
  if (isWrite(request)) return undefined
  return `${inverter} ${requestText(request)}`
}

export function isWrite(request: DeviceRequest): request is WriteRequest {
  return request.type === 'write_single' || request.type === 'write_multi'
}

/** Requests of clients that wait; clients take turns, whoever asks more or less. */
export class AskQueue {
  readonly #bound: number
  /** By client; nobody is in it with nothing to ask. */
  readonly #waiting = new Map<ProxyClient, Ask[]>()
  /** When each had its last turn, counted in turns. */
  readonly #served = new WeakMap<ProxyClient, number>()
  #turn = 0
  readonly #bell = new Doorbell()

  /** `bound`: requests of one client that may wait. */
  constructor(bound: number) {
    this.#bound = bound
  }

  /** Takes an ask; `same` where the client already waits for that answer, `full` where it has too many. */
  add(ask: Ask): 'added' | 'same' | 'full' {
    const own = this.#waiting.get(ask.client)
    if (own === undefined) {
      this.#waiting.set(ask.client, [ask])
    } else {
      if (findRead(own, keyOf(ask), own.findLastIndex(isWriteAsk) + 1) >= 0) return 'same'
      if (own.length >= this.#bound) return 'full'
      own.push(ask)
    }
    this.#bell.ring()
    return 'added'
  }

  hasWrite(client: ProxyClient): boolean {
    return this.#waiting.get(client)?.some(isWriteAsk) ?? false
  }

  /** Waits for the next ask; with it come those of other clients that have the same answer. */
  async next(signal: AbortSignal): Promise<Ask[]> {
    for (;;) {
      const client = this.#longestUnserved()
      if (client !== undefined) return this.#group(client)
      await this.#bell.wait(signal)
    }
  }

  remove(client: ProxyClient): void {
    this.#waiting.delete(client)
  }

  /** Takes all that wait. */
  drain(): Ask[] {
    const asks = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    return asks
  }

  #longestUnserved(): ProxyClient | undefined {
    let best: ProxyClient | undefined
    for (const client of this.#waiting.keys()) {
      if (best === undefined || this.#lastTurn(client) < this.#lastTurn(best)) best = client
    }
    return best
  }

  #lastTurn(client: ProxyClient): number {
    return this.#served.get(client) ?? 0
  }

  #group(client: ProxyClient): Ask[] {
    this.#served.set(client, ++this.#turn)
    const asks = this.#waiting.get(client) ?? []
    const first = asks[0]!
    this.#take(client, asks, 0)
    const group = [first]
    for (const [other, waiting] of this.#waiting) {
      if (other === client) continue
      const at = findRead(waiting, keyOf(first), 0)
      if (at < 0 || waiting.slice(0, at).some(isWriteAsk)) continue // what is asked after a write must be read after it
      group.push(waiting[at]!)
      this.#take(other, waiting, at)
    }
    return group
  }

  #take(client: ProxyClient, asks: Ask[], at: number): void {
    asks.splice(at, 1)
    if (asks.length === 0) this.#waiting.delete(client)
  }
}

function isWriteAsk({ request }: Ask): boolean {
  return isWrite(request)
}

function findRead(asks: readonly Ask[], key: string | undefined, from: number): number {
  return asks.findIndex((ask, i) => i >= from && key !== undefined && keyOf(ask) === key)
}
