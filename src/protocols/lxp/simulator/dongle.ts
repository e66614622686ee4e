import { type LxpFrame, word } from '../frame.ts'
import { exceptionReply } from '../request.ts'
import {
  blockFrame,
  heartbeatFrame,
  type Identity,
  paramFrame,
  type RegisterKind,
  writtenFrame,
  writtenSeveralFrame,
} from './frames.ts'
import { REFUSAL, type Refusal } from './hold-memory.ts'
import type { Registers } from './registers.ts'

/** Registers that one read may ask for: the vendor's rule, and what newer dongles do. */
const OLD_LIMIT = 40
const NEW_LIMIT = 127
/** Reads of so few hold registers may cross a multiple of 40. */
const SMALL_READ = 3
/** Parameter of the dongle: seconds between two bursts. Only this one is known to answer. */
const INTERVAL_PARAM = 0

/** Where the cloud reads and writes by itself. */
const CLOUD_REGISTER = 64
const OTHER_INVERTER = 'DEMO999999'

/** Blocks of input registers in a burst: first register, count. */
const OLD_BURST = [
  [0, 40],
  [40, 40],
  [80, 40],
] as const
const NEW_BURST = [
  [0, 127],
  [127, 127],
] as const
/** EG4 inverters have one block more. */
const EG4_BURST = [...NEW_BURST, [254, 127]] as const

export interface DongleOptions {
  readonly identity: Identity
  /** The inverter is an EG4: it has more registers. */
  readonly eg4: boolean
  /** Seconds between two bursts, as it tells them. */
  readonly intervalSeconds: number
}

/** A dongle with an inverter behind it: what it says by itself and what it answers. Pure. Source: docs/protocols/lxp.md. */
export class SimulatedDongle {
  readonly identity: Identity
  readonly #registers: Registers
  readonly #options: DongleOptions

  constructor(registers: Registers, options: DongleOptions) {
    this.identity = options.identity
    this.#registers = registers
    this.#options = options
  }

  /** What comes right after the connect: the cloud has just read the settings. */
  greeting(at: number): Uint8Array[] {
    return this.#blocks('hold', [[0, this.#isOld ? OLD_LIMIT : 2 * OLD_LIMIT]], at)
  }

  /** What it pushes every two minutes, at `at`, Unix ms. */
  burst(at: number): Uint8Array[] {
    return this.#blocks('input', this.#isOld ? OLD_BURST : this.#options.eg4 ? EG4_BURST : NEW_BURST, at)
  }

  heartbeat(): Uint8Array {
    return heartbeatFrame(this.identity)
  }

  /** The answer to what a client sent; undefined where it gives none: other serial numbers, heartbeats, unknown things. */
  answer(request: LxpFrame, at: number): Uint8Array | undefined {
    if (request.datalog !== this.identity.datalog) return undefined
    if (request.type === 'read_param') return this.#param(request)
    if (request.deviceFunction === undefined || request.inverter !== this.identity.inverter) return undefined
    const answer = this.#execute(request, at)
    return typeof answer === 'number' ? exceptionReply(request, answer, this.identity.protocol) : answer
  }

  /** Frames that come without a cause: of another inverter, and answers to the cloud's own requests. */
  foreign(at: number): Uint8Array[] {
    return [
      this.ofOther(at),
      ...this.#blocks('hold', [[CLOUD_REGISTER, 2]], at),
      ...this.#blocks('input', [[OLD_LIMIT, 1]], at),
      writtenFrame(this.identity, CLOUD_REGISTER, 100),
      paramFrame(this.identity, INTERVAL_PARAM, this.#interval),
      this.heartbeat(),
    ]
  }

  /** The first block of an inverter that this is not. */
  ofOther(at: number): Uint8Array {
    const words = this.#registers.read('input', 0, OLD_LIMIT, at) ?? new Uint8Array(2 * OLD_LIMIT)
    return blockFrame({ ...this.identity, inverter: OTHER_INVERTER }, 'input', 0, words)
  }

  get #interval(): number {
    return Math.min(0xffff, Math.round(this.#options.intervalSeconds))
  }

  get #isOld(): boolean {
    return this.identity.protocol === 2
  }

  #blocks(kind: RegisterKind, blocks: readonly (readonly [number, number])[], at: number): Uint8Array[] {
    return blocks.flatMap(([register, count]) => {
      const words = this.#registers.read(kind, register, count, at)
      return words === undefined ? [] : [blockFrame(this.identity, kind, register, words)]
    })
  }

  #param({ register }: LxpFrame): Uint8Array | undefined {
    if (register !== INTERVAL_PARAM) return undefined
    return paramFrame(this.identity, register, this.#interval)
  }

  /** Does what a data frame asks for; gives the frame of the answer or why it is refused. */
  #execute(request: LxpFrame, at: number): Uint8Array | Refusal {
    const { register = 0, data } = request
    switch (request.type) {
      case 'input':
      case 'hold':
        return this.#read(request.type, register, request.count ?? 0, at)
      case 'write_single':
        return this.#registers.write(register, data, at) ?? writtenFrame(this.identity, register, word(data, 0))
      case 'write_multi':
        return (
          this.#registers.write(register, data, at) ?? writtenSeveralFrame(this.identity, register, data.length / 2)
        )
      default:
        return REFUSAL.function
    }
  }

  #read(kind: RegisterKind, register: number, count: number, at: number): Uint8Array | Refusal {
    if (!this.#mayRead(kind, register, count)) return REFUSAL.value
    const words = this.#registers.read(kind, register, count, at)
    return words === undefined ? REFUSAL.address : blockFrame(this.identity, kind, register, words)
  }

  #mayRead(kind: RegisterKind, register: number, count: number): boolean {
    if (count < 1 || count > (this.#isOld ? OLD_LIMIT : NEW_LIMIT)) return false
    if (!this.#isOld || (kind === 'hold' && count <= SMALL_READ)) return true
    return Math.floor(register / OLD_LIMIT) === Math.floor((register + count - 1) / OLD_LIMIT)
  }
}
