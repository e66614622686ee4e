import type { CanFrame } from '../../../core/can.ts'
import { CHANNEL } from '../arbitration.ts'
import { HEADER, type Message } from '../message.ts'

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'))

/** Two upper-case hex digits. */
export function hex2(byte: number): string {
  return PAIRS[byte & 0xff]!
}

/**
 * The message at hand, its last frame and its payload in clear, with the names that the original tool gave to what
 * is in the header. One object for the whole run; the texts are made only where somebody asks for them.
 */
export class View {
  message!: Message
  frame!: CanFrame
  /** The payload in clear is `payload[0, length)`, once it has been opened. */
  readonly payload = new Uint8Array(65_600)
  length = 0
  /** What the payload of the message is XORed with. */
  key = 0
  /** CRC-16 computed over the packet. */
  crc = 0

  /** Takes the XOR off the payload, into `payload`: for those who look at it, and only where somebody does. */
  open(): void {
    this.length = this.message.payloadTo(this.payload, this.key)
  }

  get nid(): string {
    return (this.message.lastId & 0xfffff).toString(16).toUpperCase().padStart(5, '0')
  }

  byte(at: number): string {
    return hex2(this.message.bytes[at]!)
  }

  get pre(): string {
    return this.byte(0) + this.byte(1)
  }

  get rty(): string {
    return this.byte(HEADER.crc8)
  }

  get rrf(): string {
    return this.byte(HEADER.flags)
  }

  /** The byte that stands after `rty` in `typ`: 13 on channel B, 15 on C. */
  get mrt(): string {
    return this.byte(this.message.channel === CHANNEL.C ? HEADER.destinationDynamic : HEADER.destination)
  }

  get typ(): string {
    return this.message.channel === CHANNEL.A ? this.rty : `${this.rty}:${this.mrt}`
  }

  get ty2(): string {
    return `${this.rty}:${this.mrt}:${this.mad}`
  }

  get mad(): string {
    return this.byte(HEADER.source)
  }

  get mda(): string {
    return this.byte(HEADER.sourceDynamic)
  }

  get dv1(): string {
    return this.byte(HEADER.sequence + 3)
  }

  get smo(): string {
    return `${this.mad}-${this.mda}`
  }

  get str(): string {
    return `${this.mad}-${this.mda}-${this.dv1}`
  }

  get dev(): string {
    return `${this.nid}-${this.mad}-${this.mda}`
  }

  get dv4(): string {
    return this.byte(HEADER.command) + this.byte(HEADER.command + 1)
  }

  /** Three bytes of the sequence number in the original's odd order: 7, 6, 8. */
  get seq(): string {
    return this.byte(7) + this.byte(6) + this.byte(8)
  }

  /** The payload length as the original shows it: four hex digits. */
  get rln(): string {
    return this.byte(3) + this.byte(2)
  }

  /** The whole packet as on the wire, upper-case hex, with padding. */
  get wire(): string {
    let text = ''
    for (let i = 0; i < this.message.length; i++) text += hex2(this.message.bytes[i]!)
    return text
  }

  /** The payload as lower-case hex pairs. */
  payloadHex(separator: string): string {
    const pairs: string[] = []
    for (let i = 0; i < this.length; i++) pairs.push(hex2(this.payload[i]!))
    return pairs.join(separator).toLowerCase()
  }

  /** The 18 bytes of the header, upper-case hex. */
  get head(): string {
    let text = ''
    for (let i = 0; i < 18; i++) text += this.byte(i)
    return text
  }
}
