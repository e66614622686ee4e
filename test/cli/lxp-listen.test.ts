import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { parseEndpoint } from '../../src/core/endpoint.ts'
import type { Network } from '../../src/core/network.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { dataFrame, frame, INVERTER } from '../protocols/lxp/build-frame.ts'
import { until } from '../until.ts'

const never = new AbortController().signal
const heartbeat = frame(new Uint8Array([0]), { tcpFunction: 0xc1, protocol: 2 })

/** A block of 40 registers as dongles broadcast it; those that are not named are 0. */
function block(start: number, words: Readonly<Record<number, number>>, inverter = INVERTER): Buffer {
  const bytes = Array.from({ length: 40 }, (_, i) => words[start + i] ?? 0).flatMap(word => [word & 0xff, word >> 8])
  return dataFrame(4, start, [80, ...bytes], { protocol: 2, inverter })
}

/** What one round says of registers 0 to 119. */
const WORDS = {
  ...{ 0: 0x1020, 4: 506, 5: (99 << 8) | 77, 38: 3758, 39: 3255, 64: 0xfffb, 65: 41, 66: 42, 81: 5000, 82: 12_345 },
  ...Object.fromEntries(Array.from({ length: 11 }, (_, i) => [85 + i, 0x0101 * (i + 1)])),
}

/** The same under the older monitor's keys; worked out by hand from its table. */
const KEYS = {
  ...{ status: 0x1020, soc: 77, v_bat: 50.6, v_bus1: 375.8, v_bus2: 325.5, t_inner: -5, t_rad1: 41, t_rad2: 42 },
  ...{ max_chg_curr: 50, max_dischg_curr: 123.45 },
  ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`bat_status${i}`, 0x0101 * (i + 1)])),
  bat_status_inv: 0x0101 * 11,
}

interface Listening {
  readonly io: FakeIo
  readonly done: Promise<number>
  send(...datagrams: readonly Uint8Array[]): Promise<void>
  close(): Promise<void>
}

async function listen(...args: readonly string[]): Promise<Listening> {
  const clock = new ManualClock()
  const real = localNetwork(clock)
  let port = 0
  const network: Network = {
    ...real,
    datagrams: async options => {
      const socket = await real.datagrams({ ...options, at: { host: '127.0.0.1', port: 0 } })
      port = parseEndpoint(socket.origin, 1).port
      return socket
    },
  }
  const io = fakeIo(['lxp', 'listen', ...args], { clock, network })
  const done = main(io)
  await until(() => io.stderr.includes('listening on UDP 0.0.0.0:4346'))
  const sender = await real.datagrams({ at: { host: '127.0.0.1', port: 0 }, to: { host: '127.0.0.1', port } })
  return {
    io,
    done,
    send: async (...datagrams) => {
      for (const datagram of datagrams) await sender.send(datagram, never)
    },
    close: async () => await sender[Symbol.asyncDispose](),
  }
}

describe('lxp listen', () => {
  test('gives a reading for each datagram, by the LXP map unless the inverter says otherwise', async () => {
    const { io, done, send, close } = await listen('--json', '--count', '3')
    await send(heartbeat, block(0, WORDS), block(40, WORDS), block(80, WORDS))
    expect(await done).toBe(0)
    const readings = io.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(readings.map(({ device, message }) => [device, message])).toEqual(Array(3).fill([INVERTER, 'input']))
    expect(readings[0].values).toMatchObject({ battery_voltage: 50.6, soc: 77, soh: 99, bus_voltage_1: 375.8 })
    expect(readings[2].values).toMatchObject({ bms_max_charge_current: 50, bms_max_discharge_current: 123.45 })
    await close()
  })

  test('counts what is no good datagram by reason, and goes on', async () => {
    const { io, done, send, close } = await listen('--json', '--count', '1')
    const good = block(0, WORDS)
    const bad = Uint8Array.from(good)
    bad[50]! ^= 1
    await send(Buffer.from('hello'), bad, good.subarray(0, 60), new Uint8Array(0), good)
    expect(await done).toBe(0)
    const counts = /rejected: (.*)/.exec(io.stderr)?.[1]?.split(', ').sort()
    expect(counts).toEqual(['1 checksum (crc)', '1 length (truncated)', '2 length (magic)'])
    await close()
  })

  test('with --compat says a line a round, and shows the keys of the older monitor when all have come', async () => {
    const { io, done, send, close } = await listen('--compat', '--json-file', 'lxp.json')
    await send(block(80, WORDS)) // begins in the middle of a round
    await send(heartbeat, block(0, WORDS), block(40, WORDS))
    expect(io.files.exists('lxp.json')).toBe(false)
    await send(block(80, WORDS))
    await until(() => io.stdout !== '')
    io.abort()
    expect(await done).toBe(0)
    expect(io.stdout).toMatch(/^(2026-03-01 10:00:00 \+0000 77% 50\.6V\n){1,2}$/)
    const document = JSON.parse(io.files.readText('lxp.json'))
    expect(document).toEqual(KEYS)
    expect(Object.keys(document)).toEqual(Object.keys(KEYS))
    await close()
  })

  test('keeps inverters apart', async () => {
    const { io, done, send, close } = await listen('--json', '--count', '2')
    await send(block(0, { 5: 10 }, 'DEMO000001'), block(0, { 5: 20 }, 'DEMO000002'))
    await done
    const readings = io.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(readings.map(({ device, values }) => [device, values.soc])).toEqual([
      ['DEMO000001', 10],
      ['DEMO000002', 20],
    ])
    await close()
  })
})

test('the older monitor has no other keys than these', () => {
  const captures = process.env['WATTZUP_CAPTURES'] ?? ''
  if (captures === '') return
  const page = readFileSync(join(captures, '../protocols/lxp.md'), 'utf8')
  const words = /keys `(status soc [^`]*)`/.exec(page)![1]!.replace('bat_status0..9', '').split(/\s+/)
  expect(Object.keys(KEYS).filter(key => !/^bat_status\d$/.test(key))).toEqual(words)
})
