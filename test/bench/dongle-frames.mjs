/** A long recording of a dongle for the bench: the blocks of samples/lxp again and again, with registers that move. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const SAMPLES = join(import.meta.dirname, '../../samples/lxp')
const FIRST_WORD = 35
const CRC_START = 20

/** What changes from one burst to the next: voltages, powers, frequencies, the running time. */
const MOVING = {
  0: [1, 2, 7, 8, 10, 12, 15, 16, 20, 23, 26, 38, 69, 98],
  127: [127, 128, 140, 141, 170],
  254: [],
}

/** Writes `count` frames, three blocks of input registers in turn as a dongle pushes them; the same bytes each time. */
export function writeDongleFrames(file, count) {
  const packets = ['0001', '0002', '0002'].map(n => readFileSync(join(SAMPLES, `2026-0301-100000.192_0_2_7.${n}.bin`)))
  packets[2].writeUInt16LE(254, 32)
  packets[2].subarray(FIRST_WORD, -2).fill(0)
  const still = packets.map(packet => Buffer.from(packet))
  const random = generator(1)
  const fd = openSync(file, 'w')
  for (let i = 0; i < count; i++) {
    const packet = packets[i % packets.length]
    move(packet, still[i % packets.length], random)
    writeSync(fd, packet)
  }
  closeSync(fd)
}

function move(packet, still, random) {
  const first = packet.readUInt16LE(32)
  for (const register of MOVING[first]) {
    const at = FIRST_WORD + (register - first) * 2
    const value = still.readUInt16LE(at)
    packet.writeUInt16LE(value + Math.floor(random() * (3 + value / 16)), at)
  }
  packet.writeUInt16LE(crc16Modbus(packet.subarray(CRC_START, -2)), packet.length - 2)
}

function crc16Modbus(bytes) {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

/** Numbers in [0, 1) of a linear congruential generator. */
function generator(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
