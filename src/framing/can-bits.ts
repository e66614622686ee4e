import { CAN, type CanFrame } from '../core/can.ts'

const CRC_BITS = 15
const CRC_POLYNOMIAL = 0x4599
/** After so many equal bits one of the other kind is stuffed in. */
const RUN = 5
/** CRC delimiter, acknowledgement and its delimiter, end of frame, gap between frames. */
const TAIL = 1 + 2 + 7 + 3
/** CAN FD, start to length code, for an ID of 11 and of 29 bits. */
const FD_HEAD = 22
const FD_EXTENDED_HEAD = 41
/** CAN FD, stuff count, CRC and the bits stuffed into them: up to 16 bytes, and above. */
const FD_CRC = 4 + 17 + 6
const FD_LONG_CRC = 4 + 21 + 7
const FD_SHORT = 16

/** Counts the bits that frames take on the wire, stuffing and all, from start of frame to the end of the gap behind it. */
export class BitCounter {
  #bits = 0
  #crc = 0
  #last = -1
  #run = 0

  /**
   * Classic frames are counted exactly. Of CAN FD what is stuffed in is not known without its longer CRC and left out;
   * error frames count as nothing.
   */
  bitsOf(frame: CanFrame): number {
    const { flags } = frame
    if ((flags & CAN.error) !== 0) return 0
    return (flags & CAN.fd) !== 0 ? fdBits(frame) : this.#classicBits(frame)
  }

  #classicBits({ id, flags, dlc, length, data }: CanFrame): number {
    this.#bits = 0
    this.#crc = 0
    this.#last = -1
    this.#run = 0
    const isRemote = (flags & CAN.remote) !== 0 ? 1 : 0
    this.#put(0, 1)
    if ((flags & CAN.extended) !== 0) {
      this.#put(id >>> 18, 11)
      this.#put(3, 2)
      this.#put(id & 0x3ffff, 18)
      this.#put(isRemote << 2, 3)
    } else {
      this.#put(id, 11)
      this.#put(isRemote << 2, 3)
    }
    this.#put(dlc, 4)
    for (let i = 0; i < length; i++) this.#put(data[i]!, 8)
    this.#put(this.#crc, CRC_BITS)
    return this.#bits + TAIL
  }

  /** The low `count` bits of a value, the highest first; what is put includes them in the CRC, the CRC itself does no harm. */
  #put(value: number, count: number): void {
    for (let shift = count - 1; shift >= 0; shift--) {
      const bit = (value >>> shift) & 1
      const carry = ((this.#crc >>> (CRC_BITS - 1)) & 1) ^ bit
      this.#crc = ((this.#crc << 1) & 0x7fff) ^ (carry === 1 ? CRC_POLYNOMIAL : 0)
      this.#bits++
      this.#run = bit === this.#last ? this.#run + 1 : 1
      this.#last = bit
      if (this.#run < RUN) continue
      this.#bits++
      this.#last = 1 - bit
      this.#run = 1
    }
  }
}

function fdBits({ flags, length }: CanFrame): number {
  const head = (flags & CAN.extended) !== 0 ? FD_EXTENDED_HEAD : FD_HEAD
  return head + length * 8 + (length > FD_SHORT ? FD_LONG_CRC : FD_CRC) + TAIL
}
