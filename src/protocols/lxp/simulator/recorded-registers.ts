import { parseFrame, word } from '../frame.ts'
import type { Identity, RegisterKind } from './frames.ts'
import type { Refusal } from './hold-memory.ts'
import type { RecordedFrame } from './recording.ts'
import type { Registers } from './registers.ts'

/** The registers of a recording: what its blocks said last. What is written stays until a block says otherwise. */
export class RecordedRegisters implements Registers {
  readonly #inverter: string
  readonly #known = { input: new Map<number, number>(), hold: new Map<number, number>() }

  /** Begins with what the recording says first of every register. */
  constructor({ inverter }: Identity, recording: readonly RecordedFrame[]) {
    this.#inverter = inverter
    for (const { bytes } of recording.toReversed()) this.take(bytes)
  }

  /** Takes the registers of a frame, if it is a block of this inverter. */
  take(bytes: Uint8Array): void {
    const frame = parseFrame(bytes, 'reply')
    if (typeof frame === 'string' || frame.inverter !== this.#inverter) return
    if (frame.type === 'input' || frame.type === 'hold') this.#set(frame.type, frame.register ?? 0, frame.data)
  }

  /** Unknown registers beside known ones are 0. */
  read(kind: RegisterKind, register: number, count: number): Uint8Array | undefined {
    const words = new Uint8Array(count * 2)
    let found = false
    for (let i = 0; i < count; i++) {
      const value = this.#known[kind].get(register + i)
      if (value === undefined) continue
      found = true
      words[i * 2] = value & 0xff
      words[i * 2 + 1] = value >> 8
    }
    return found ? words : undefined
  }

  write(register: number, words: Uint8Array): Refusal | undefined {
    this.#set('hold', register, words)
    return undefined
  }

  #set(kind: RegisterKind, register: number, words: Uint8Array): void {
    for (let i = 0; i + 1 < words.length; i += 2) this.#known[kind].set(register + i / 2, word(words, i))
  }
}
