import type { CanFrame } from '../../core/can.ts'
import { ByteWriter } from '../../core/writer.ts'
import { decimalNumber, startsWith } from '../digits.ts'

/** More interfaces than any log has. */
const MOST = 256
const CAN = Uint8Array.from('can', char => char.charCodeAt(0))

/** Gives the interfaces of a log numbers, for formats that have no names. Costs nothing while the interface stays. */
export class InterfaceBook {
  /** Names by number. */
  readonly names: Uint8Array[] = []
  readonly #inOrder: boolean
  readonly #scratch = new ByteWriter(() => {})
  #last = -1

  /** `inOrder`: numbers in the order in which interfaces come; else `can3` is 3, and others have the next free number. */
  constructor(inOrder: boolean) {
    this.#inOrder = inOrder
  }

  /** The number of a frame's interface, from 0; -1 where there are too many. */
  numberOf(frame: CanFrame): number {
    this.#scratch.length = 0
    frame.origin.writeInterface(frame, this.#scratch)
    if (this.#last >= 0 && this.#is(this.#last)) return this.#last
    const known = this.names.findIndex((name, number) => name !== undefined && this.#is(number))
    this.#last = known >= 0 ? known : this.#add()
    return this.#last
  }

  /** Whether the interface of the last frame is called `can0`, what readers call one without a name. */
  get isPlain(): boolean {
    const { bytes, length } = this.#scratch
    return length === 4 && startsWith(bytes, CAN, 0, length) && bytes[3] === 0x30
  }

  /** What interfaces will be called that their numbers do not give back: `vcan0 became can1`. */
  get renamed(): string[] {
    const decoder = new TextDecoder()
    return this.names.flatMap((name, number) => {
      const text = decoder.decode(name)
      return text === `can${number}` ? [] : [`${text} became can${number}`]
    })
  }

  #is(number: number): boolean {
    const name = this.names[number]
    return (
      name !== undefined &&
      name.length === this.#scratch.length &&
      startsWith(this.#scratch.bytes, name, 0, name.length)
    )
  }

  #add(): number {
    const { bytes, length } = this.#scratch
    const own = startsWith(bytes, CAN, 0, length) ? decimalNumber(bytes, CAN.length, length) : -1
    const isOwn = !this.#inOrder && own >= 0 && own < MOST && this.names[own] === undefined
    const number = isOwn ? own : this.#free()
    if (number >= MOST) return -1
    this.names[number] = bytes.slice(0, length)
    return number
  }

  #free(): number {
    for (let number = 0; number < MOST; number++) if (this.names[number] === undefined) return number
    return MOST
  }
}
