/** Bytes that a gateway allocates for one frame, by what that is to it: see gateway.mjs, whose heap nothing collects meanwhile. */
import { CanFrame, type FrameOrigin } from '../../src/core/can.ts'
import { buildGateway } from '../../src/protocols/batgw/build-gateway.ts'
import { broadcastList } from '../protocols/batgw/pack.ts'
import { BYD_CONFIG, configOf, frameOf, loadStructs } from '../protocols/batgw/rig.ts'

const FRAMES = 20_000
const STEP_MS = 2 ** -14
const KINDS: Readonly<Record<string, string>> = {
  'not known': '1A0#0102030405060708',
  'a sign of life': '360#0102030405060708',
  ...Object.fromEntries(broadcastList().map(text => [text.slice(0, 3), text])),
}

const around = {
  load: loadStructs,
  enabled: true,
  recorded: { battery: false, inverter: false },
  transmit: () => true,
  observe: () => {},
}
const gateway = buildGateway(configOf(BYD_CONFIG), around, 0)
const plain: FrameOrigin = { readTime: () => {}, writeStamp: () => {}, writeInterface: () => {} }
const frame = new CanFrame(plain)
let at = 0

function fill(text: string): void {
  const { id, flags, length, data } = frameOf(text)
  frame.data.set(data)
  Object.assign(frame, { id, flags, length, dlc: length })
}

function hear(text: string, side: 'battery' | 'inverter' = 'battery'): void {
  fill(text)
  gateway.heard(side, frame, at)
}

/** Runs it until current flows and the inverter is there. */
for (; at <= 5000; at += 100) {
  for (const text of broadcastList()) hear(text)
  if (at === 4000) hear('151#0100000000000000', 'inverter')
  gateway.tick(at)
}

/** Hears the frame so often, at times at which nothing else is due. */
function repeat(): void {
  for (let i = 0; i < FRAMES; i++) {
    at += STEP_MS
    gateway.heard('battery', frame, at)
  }
}

console.log('bytes that the gateway allocates for a frame')
for (const [name, text] of Object.entries(KINDS)) {
  gateway.tick(at)
  fill(text)
  repeat()
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  repeat()
  const bytes = (process.memoryUsage().heapUsed - before) / FRAMES
  console.log(`  ${name.padEnd(14)} ${bytes.toFixed(0).padStart(5)}`)
}
