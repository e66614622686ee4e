import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { until } from '../until.ts'

/** An interface in memory that keeps what was sent, and when; or breaks off with an error. */
class Wire {
  readonly clock = new ManualClock()
  readonly sent: { readonly at: number; readonly hex: string }[] = []
  error: TransportError | undefined
  readonly network = {
    ...localNetwork(this.clock),
    frameSender: async (iface: string) => {
      if (iface !== 'veth0') throw new TransportError(`cannot send on ${iface}: no such interface; see: ip link`)
      return { send: async (frame: Uint8Array) => this.#send(frame), [Symbol.asyncDispose]: async () => {} }
    },
  }

  #send(frame: Uint8Array): void {
    if (this.error !== undefined) throw this.error
    this.sent.push({ at: this.clock.now(), hex: Buffer.from(frame).toString('hex') })
  }

  start(...options: readonly string[]) {
    const { clock, network } = this
    const io = fakeIo(['simulate', 'eddi', ...options], { clock, network })
    return { io, ended: main(io) }
  }
}

/** The packets of a pcap file, little-endian with microseconds: Unix ms and bytes. */
function packetsOf(file: Buffer): { at: number; hex: string }[] {
  const packets = []
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8)
    const time = file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1000
    packets.push({ at: time, hex: file.toString('hex', at + 16, at + 16 + length) })
    at += 16 + length
  }
  return packets
}

async function recorded(...options: readonly string[]) {
  const { io, ended } = new Wire().start('--pcap', 'x.pcap', ...options)
  expect(await ended).toBe(0)
  return packetsOf(Buffer.from(io.files.contents.get('x.pcap')!))
}

describe('simulate eddi --iface', () => {
  test('sends the frames that a capture would have, each at its time', async () => {
    const capture = await recorded('--minutes', '0.5')
    const wire = new Wire()
    const began = wire.clock.now()
    const { io, ended } = wire.start('--iface', 'veth0', '--minutes', '0.5')
    await until(() => wire.sent.length > 0)
    await wire.clock.advance(30_000)
    expect(await ended).toBe(0)
    expect(wire.sent.map(({ hex }) => hex)).toEqual(capture.map(({ hex }) => hex))
    expect(wire.sent.map(({ at }) => at - began)).toEqual(capture.map(({ at }) => at - capture[0]!.at))
    expect(io.stderr).toBe(`wattzup: sending on veth0\nwattzup: ${capture.length} frames sent\n`)
  })

  test('goes on without end, faster if wanted, until it is stopped', async () => {
    const wire = new Wire()
    const { io, ended } = wire.start('--iface', 'veth0', '--speed', '60')
    await until(() => wire.sent.length > 0)
    await wire.clock.advance(10_000)
    const capture = await recorded('--minutes', '10')
    expect(Math.abs(wire.sent.length - capture.length)).toBeLessThan(10)
    io.abort()
    expect(await ended).toBe(0)
  })

  test('records what it sends where a file is given too', async () => {
    const wire = new Wire()
    const { io, ended } = wire.start(
      '--iface',
      'veth0',
      '--pcap',
      'sent.pcap',
      '--minutes',
      '0.1',
      '--faults',
      'cut=0.5',
    )
    await until(() => wire.sent.length > 0)
    await wire.clock.advance(6000)
    expect(await ended).toBe(0)
    const packets = packetsOf(Buffer.from(io.files.contents.get('sent.pcap')!))
    expect(packets.map(({ hex }) => hex)).toEqual(wire.sent.map(({ hex }) => hex))
  })

  test('loses frames while the interface is down, and says so once', async () => {
    const wire = new Wire()
    const down = new TransportError('cannot send on veth0: the interface is down', { code: 'ENETDOWN' })
    const { io, ended } = wire.start('--iface', 'veth0')
    await until(() => wire.sent.length > 0)
    wire.error = down
    await wire.clock.advance(10_000)
    wire.error = undefined
    await wire.clock.advance(5000)
    io.abort()
    expect(await ended).toBe(0)
    expect(io.stderr.split('\n')).toEqual([
      'wattzup: sending on veth0',
      'wattzup: cannot send on veth0: the interface is down; frames are lost until it works',
      'wattzup: sending on veth0 again',
      expect.stringMatching(/^wattzup: \d+ frames sent, \d+ of them lost$/),
      '',
    ])
  })

  test('ends where the interface is gone or was never there', async () => {
    const wire = new Wire()
    wire.error = new TransportError('cannot send on veth0: the interface has disappeared', { code: 'ENXIO' })
    const gone = wire.start('--iface', 'veth0')
    expect(await gone.ended).toBe(1)
    expect(gone.io.stderr).toContain('wattzup: cannot send on veth0: the interface has disappeared\n')
    const never = new Wire().start('--iface', 'eth9')
    expect(await never.ended).toBe(1)
    expect(never.io.stderr).toBe('wattzup: cannot send on eth9: no such interface; see: ip link\n')
  })
})
