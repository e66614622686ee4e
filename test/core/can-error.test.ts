import { expect, test } from 'vitest'
import type { CanFrame } from '../../src/core/can.ts'
import { errorText, isOverflow } from '../../src/core/can-error.ts'
import { createReader } from '../../src/framing/detect.ts'
import { readFrames } from '../framing/read-frames.ts'

/** What an error frame in candump's notation means. */
function meaning(text: string): { text: string; isOverflow: boolean } {
  let result = { text: '', isOverflow: false }
  const take = (frame: CanFrame) => {
    result = { text: errorText(frame), isOverflow: isOverflow(frame) }
  }
  readFrames(() => createReader('candump', { frame: take }), `(1.000000) can0 ${text}\n`)
  return result
}

test.each([
  // the first two are told by `candump -e` as controller-problem{tx-error-warning} and as protocol-violation{error-on-tx}, bus-error
  ['20000204#0008000000000000', 'controller (transmit warning), 0 errors sending, 0 receiving', false],
  [
    '20000088#0000800000001122',
    'protocol violation (while sending), bus error, 17 errors sending, 34 receiving',
    false,
  ],
  ['20000004#0001000000000000', 'controller (receive buffer overflow)', true],
  ['20000004#0040000000000000', 'controller (active again)', false],
  ['20000002#0B00000000000000', 'lost arbitration (bit 11)', false],
  ['20000020#0000000000000000', 'nobody acknowledges', false],
  ['20000040#0000000000000000', 'bus-off', false],
  ['20000100#0000000000000000', 'restarted', false],
  ['20000000#', 'error of class 0', false],
])('%s means: %s', (frame, text, overflow) => {
  expect(meaning(frame)).toEqual({ text, isOverflow: overflow })
})
