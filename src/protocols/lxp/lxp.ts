import type { Packet } from '../../core/packet.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import type { Emit, Framer, Protocol, Reject } from '../protocol.ts'
import { FrameCutter, frameError, IDLE_MS, parseDatagram, type TakeFrame } from './cutter.ts'
import { derive } from './derive.ts'
import { implausible } from './implausible.ts'
import { emitMessages } from './messages.ts'
import type { Model } from './model.ts'
import { ModelsSeen } from './models-seen.ts'

export interface LxpOptions {
  /** The model of every inverter; else each tells its own by hold register 19. */
  readonly model?: Model
  /** The model of inverters that have not told theirs; `hybrid` by default. */
  readonly fallback?: Model
}

/** LuxPower and EG4 dongles: frames of the TCP stream to messages `input`, `hold`, `battery_slot` and others. */
export function lxp(structs: StructSet, options: LxpOptions = {}): Protocol {
  const models = new ModelsSeen(options.model, options.fallback ?? 'hybrid') // outlives connections
  return { name: 'lxp', structs, framer: () => new StreamFramer(models), derive, implausible }
}

/** The same frames in UDP broadcasts, one each; inverters that broadcast are of the model `lxp` unless they say otherwise. */
export function lxpBroadcast(structs: StructSet, options: LxpOptions = {}): Protocol {
  const models = new ModelsSeen(options.model, options.fallback ?? 'lxp')
  return { name: 'lxp', structs, framer: () => new DatagramFramer(models), derive, implausible }
}

/** Messages of one connection. Replies to what others ask come too: each names its inverter. */
class StreamFramer implements Framer {
  readonly idleMs = IDLE_MS
  readonly #cutter = new FrameCutter()
  readonly #models: ModelsSeen

  constructor(models: ModelsSeen) {
    this.#models = models
  }

  push(packet: Packet, emit: Emit, reject: Reject): void {
    this.#cutter.push(packet, this.#taker(emit), reject)
  }

  idle(reject: Reject, emit: Emit): void {
    this.#cutter.idle(this.#taker(emit), reject)
  }

  end(reject: Reject, emit: Emit): void {
    this.#cutter.end(this.#taker(emit), reject)
  }

  #taker(emit: Emit): TakeFrame {
    return (frame, at) => emitMessages(frame, at, this.#models.of(frame), emit)
  }
}

/** Messages of datagrams, each by itself: what is cut off is never carried on to the next one. */
class DatagramFramer implements Framer {
  readonly #models: ModelsSeen

  constructor(models: ModelsSeen) {
    this.#models = models
  }

  push({ data, at, origin }: Packet, emit: Emit, reject: Reject): void {
    const frame = parseDatagram(data)
    if (typeof frame === 'string') reject(frameError(frame, { offset: 0, origin, size: data.length, frame: data }))
    else emitMessages(frame, at, this.#models.of(frame), emit)
  }

  end(): void {}
}
