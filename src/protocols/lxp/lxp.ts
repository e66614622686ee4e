import type { Packet } from '../../core/packet.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import type { Emit, Framer, Protocol, Reject } from '../protocol.ts'
import { batterySlots } from './battery-slots.ts'
import { FrameCutter } from './cutter.ts'
import { derive } from './derive.ts'
import type { LxpFrame } from './frame.ts'
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
  return { name: 'lxp', structs, framer: () => new LxpFramer(options), derive }
}

/** Messages of one connection. Replies to what others ask come too: each names its inverter. */
export class LxpFramer implements Framer {
  readonly #cutter = new FrameCutter()
  readonly #models: ModelsSeen

  constructor({ model, fallback = 'hybrid' }: LxpOptions = {}) {
    this.#models = new ModelsSeen(model, fallback)
  }

  push(packet: Packet, emit: Emit, reject: Reject): void {
    this.#cutter.push(packet, (frame, at) => this.#emit(frame, at, emit), reject)
  }

  /** No byte has come for `IDLE_MS`. */
  idle(reject: Reject, emit: Emit): void {
    this.#cutter.idle((frame, at) => this.#emit(frame, at, emit), reject)
  }

  end(reject: Reject, emit: Emit): void {
    this.#cutter.end((frame, at) => this.#emit(frame, at, emit), reject)
  }

  #emit(frame: LxpFrame, at: number, emit: Emit): void {
    const { type, data, register = 0 } = frame
    const device = frame.inverter ?? frame.datalog
    const model = this.#models.of(frame)
    if (type === 'input' || type === 'hold') {
      emit({ keys: [type], payload: data, device, at, base: register, model })
    } else if (type === 'write_single') {
      emit({ keys: ['hold'], name: type, payload: data, device, at, base: register, model })
    } else {
      emit({ keys: [type], payload: data, device, at, model })
    }
    if (type !== 'input') return
    for (const { module, payload } of batterySlots(register, data)) {
      emit({ keys: ['battery_slot'], payload, device: `${device}-${module}`, at, model })
    }
  }
}
