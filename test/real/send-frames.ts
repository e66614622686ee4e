/** Sends frames 0x22 from an interface as fast as it can, numbered in `gen_pwr`: `send-frames.ts va 10000`. */
import { systemClock } from '../../src/core/clock.ts'
import { openFrameSender } from '../../src/transport/frame-sender.ts'
import { frame, payload } from '../protocols/myenergi/frames.ts'

const [iface = '', count] = process.argv.slice(2)
const { signal } = new AbortController()
await using sender = await openFrameSender(iface, systemClock)
for (let i = 0; i < Number(count); i++) await sender.send(frame(payload(0x22, [0x22, 'i16', i])), signal)
