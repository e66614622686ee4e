import type { Codec } from '../../decode/codec.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { CHANNEL } from './arbitration.ts'
import { HEADER, type Message } from './message.ts'

const STREAM_KEY = /^[0-9A-F]{2}-[0-9A-F]{2}-[0-9A-F]{2}$/

/**
 * The records of the original tool, keyed by the CRC-8 of the header (`28`), that and an address (`28:21`), or a stream
 * (`03-01-00`). The answers are kept by the two key bytes, so that a look-up costs nothing much.
 */
export class Records {
  readonly #load: () => StructSet
  #loaded: StructSet | undefined
  readonly #byKey = new Map<number, Codec | null>()
  #streams = false

  /** `load` is called when the first record is looked up: many runs need none. */
  constructor(load: () => StructSet) {
    this.#load = load
  }

  /** The record of a message; undefined where none is defined. */
  of(message: Message): Codec | undefined {
    const { bytes, channel } = message
    const set = this.#set
    if (this.#streams && channel === CHANNEL.B) {
      const byStream = set.codec([streamOf(bytes)])
      if (byStream !== undefined) return byStream
    }
    const rty = bytes[HEADER.crc8]!
    const address = bytes[channel === CHANNEL.C ? HEADER.destinationDynamic : HEADER.destination]!
    const slot = ((channel - CHANNEL.A) << 16) | (rty << 8) | (channel === CHANNEL.A ? 0 : address)
    let codec = this.#byKey.get(slot)
    if (codec === undefined) {
      codec = this.#find(channel, hex(rty), hex(address)) ?? null
      this.#byKey.set(slot, codec)
    }
    return codec ?? undefined
  }

  /** The record of single frames of channel D, which only says how they are sampled. */
  get single(): Codec | undefined {
    return this.#set.codec(['cmd:106'])
  }

  get #set(): StructSet {
    if (this.#loaded !== undefined) return this.#loaded
    this.#loaded = this.#load()
    this.#streams = [...this.#loaded.keys].some(key => STREAM_KEY.test(key))
    return this.#loaded
  }

  #find(channel: number, rty: string, address: string): Codec | undefined {
    if (channel === CHANNEL.A) return this.#set.codec([`[A] ${rty}`])
    const prefix = channel === CHANNEL.C ? '[C] ' : ''
    return this.#set.codec([`${prefix}${rty}:${address}`, `${prefix}${rty}`])
  }
}

function streamOf(bytes: Uint8Array): string {
  return [HEADER.source, HEADER.sourceDynamic, HEADER.sequence + 3].map(at => hex(bytes[at]!)).join('-')
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
