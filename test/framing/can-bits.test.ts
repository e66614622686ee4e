import { expect, test } from 'vitest'
import { parseFrame } from '../../src/cli/can-frame-text.ts'
import { BitCounter } from '../../src/framing/can-bits.ts'

// counted by `canbusload -e` (can-utils 2020.11) for each frame alone
test.each([
  ['123#DEADBEEF01020304', 118],
  ['7FF#', 50],
  ['123#R', 48],
  ['18FF50E5#A1B2C3', 96],
  ['123#1122', 65],
  ['00000123#01', 80],
  ['000#0000000000000000', 127],
  ['00000000#0000000000000000', 150],
  ['555#5555555555555555', 112],
  ['7FF#FFFFFFFFFFFFFFFF', 126],
])('%s takes %i bits on the wire', (frame, bits) => {
  const counter = new BitCounter()
  counter.bitsOf(parseFrame('00000000#0000000000000000')) // nothing is left of the frame before
  expect(counter.bitsOf(parseFrame(frame))).toBe(bits)
})

test('a remote request has no data, whatever its length code says', () => {
  const counter = new BitCounter()
  expect(counter.bitsOf(parseFrame('123#R8'))).toBeLessThan(55)
})

test('CAN FD is counted without stuffing', () => {
  const counter = new BitCounter()
  // ISO 11898-1: 22 bits to the length code, 8 bytes, stuff count 4, CRC 17, 6 fixed stuff bits, 13 behind it
  expect(counter.bitsOf(parseFrame('123##01122334455667788'))).toBe(22 + 64 + 4 + 17 + 6 + 13)
  expect(counter.bitsOf(parseFrame(`18FF50E5##0${'00'.repeat(64)}`))).toBe(41 + 512 + 4 + 21 + 7 + 13)
})
