import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { TransportError } from '../../src/core/errors.ts'
import type { Listener } from '../../src/core/network.ts'
import type { Transport } from '../../src/core/transport.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { dataFrame, frame, INVERTER } from '../protocols/lxp/build-frame.ts'
import { until } from '../until.ts'

const never = new AbortController().signal
const anyPort = { host: '127.0.0.1', port: 0 }

/** Input registers from `start` on. */
const input = (start: number, ...words: readonly number[]) =>
  dataFrame(4, start, [words.length * 2, ...words.flatMap(word => [word & 0xff, word >> 8])])
const hold = (start: number, ...words: readonly number[]) =>
  dataFrame(3, start, [words.length * 2, ...words.flatMap(word => [word & 0xff, word >> 8])])
const heartbeat = frame(new Uint8Array([0]), { tcpFunction: 0xc1 })

interface Collected {
  readonly io: FakeIo
  readonly code: number
  readonly names: readonly string[]
}

/** A dongle that is dialled; `serve` is what it does with each client. */
async function dongle(
  clock: ManualClock,
  serve: (client: Transport, number: number) => Promise<void>,
): Promise<Listener> {
  const listener = await localNetwork(clock).listen(anyPort)
  const serveAll = async () => {
    let number = 0
    for await (const client of listener.connections(never)) void serve(client, number++)
  }
  void serveAll()
  return listener
}

interface Running {
  readonly io: FakeIo
  readonly done: Promise<Collected>
}

function start(clock: ManualClock, dongles: readonly Listener[], args: readonly string[], world: World = {}): Running {
  const hosts = dongles.map(({ endpoint }) => `127.0.0.1:${endpoint.port}`).join(',')
  const command = ['modbus', 'collect', '--hosts', hosts, '--utc', '--output-dir', 'packets', ...args]
  const io = fakeIo(command, { clock, ...world })
  const run = async () => {
    const code = await main(io)
    for (const listener of dongles) await listener[Symbol.asyncDispose]()
    return { io, code, names: [...io.files.contents.keys()] }
  }
  return { io, done: run() }
}

function collect(
  clock: ManualClock,
  dongles: readonly Listener[],
  args: readonly string[],
  world: World = {},
): Promise<Collected> {
  return start(clock, dongles, args, world).done
}

const sendAll = (parts: readonly Uint8Array[]) => async (client: Transport) => {
  for (const part of parts) await client.send(part, never)
}

describe('modbus collect', () => {
  test('saves each frame in a file of its own, however the stream is cut, heartbeats not', async () => {
    const frames = [hold(0, 1, 2), input(0, 3, 4, 5), input(40, 6)]
    const stream = Buffer.concat([Buffer.from('noise'), frames[0]!, heartbeat, frames[1]!, frames[2]!])
    const clock = new ManualClock()
    const pieces = Array.from({ length: Math.ceil(stream.length / 7) }, (_, i) => stream.subarray(i * 7, i * 7 + 7))
    const server = await dongle(clock, sendAll(pieces))
    const { io, code, names } = await collect(clock, [server], ['--max-packets', '3'])
    const host = `127_0_0_1_${server.endpoint.port}`
    expect(names).toEqual([1, 2, 3].map(n => `packets/2026-0301-100000.${host}.000${n}.bin`))
    expect(names.map(name => Buffer.from(io.files.contents.get(name)!))).toEqual(frames)
    expect([code, io.stdout]).toEqual([0, ''])
    expect(io.stderr).toContain('rejected: 1 length (magic)')
  })

  test('begins to count anew after a second without bytes, and overwrites nothing', async () => {
    const clock = new ManualClock()
    const clients: Transport[] = []
    const server = await dongle(clock, async client => void clients.push(client))
    const { io, done } = start(clock, [server], ['--max-packets', '3'])
    await until(() => clients.length === 1)
    await clients[0]!.send(Buffer.concat([input(0, 1), input(40, 2)]), never)
    await until(() => io.files.contents.size === 2)
    await clock.advance(1001)
    await clients[0]!.send(input(0, 3), never)
    const first = await done
    const short = first.names.map(name => name.replace(/127_0_0_1_\d+/, 'h'))
    expect(short.slice(0, 2)).toEqual(['packets/2026-0301-100000.h.0001.bin', 'packets/2026-0301-100000.h.0002.bin'])
    expect(short[2]).toBe('packets/2026-0301-100001.h.0001.bin')

    const again = new ManualClock()
    const port = await dongle(again, sendAll([input(0, 9)]))
    const taken = `packets/2026-0301-100000.127_0_0_1_${port.endpoint.port}.0001`
    const { names } = await collect(again, [port], ['--max-packets', '1'], { files: { [`${taken}.bin`]: 'x' } })
    expect(names).toEqual([`${taken}.bin`, `${taken}-2.bin`])
  })

  test('prints readings with --format, and saves nothing with --nosave', async () => {
    const clock = new ManualClock()
    const server = await dongle(clock, sendAll([input(0, 4, 0, 0, 0, 512, 77)]))
    const { io, names } = await collect(clock, [server], ['--max-packets', '1', '--nosave', '--json'])
    const { time, family, device, message, values } = JSON.parse(io.stdout)
    expect([time, family, device, message]).toEqual(['2026-03-01T10:00:00.000Z', 'lxp', INVERTER, 'input'])
    expect(values).toMatchObject({ inverter_status: 'pv_on_grid', battery_voltage: 51.2, soc: 77, soh: 0 })
    expect(names).toEqual([])
  })

  test('goes on with the other dongles when one is not there, and dials that one again', async () => {
    const clock = new ManualClock()
    const absent = await localNetwork(clock).listen(anyPort)
    await absent[Symbol.asyncDispose]()
    const server = await dongle(clock, sendAll([input(0, 1)]))
    const { io, done } = start(clock, [absent, server], ['--count', '2', '--nosave'])
    const refusals = () =>
      io.stderr.match(/connection refused, nothing listens there; next attempt in \d+ s/g)?.length ?? 0
    for (const count of [1, 2, 3]) {
      await until(() => refusals() >= count)
      await clock.advance(5000)
    }
    io.abort()
    expect((await done).code).toBe(0)
    expect(io.stderr).toContain('1 reading\n')
  })

  test('dials again after a connection was reset, and after one that stays silent', async () => {
    const clock = new ManualClock()
    const clients: Transport[] = []
    const server = await dongle(clock, async client => void clients.push(client))
    const { io, done } = start(clock, [server], ['--max-packets', '1', '--nosave'])
    await until(() => clients.length === 1)
    clients[0]!.reset?.()
    await until(() => /the connection was reset; next attempt in 1 s/.test(io.stderr))
    await clock.advance(1500)
    await until(() => io.stderr.split('connected').length === 3)
    await clock.advance(300_000)
    await until(() => /nothing came for 300 s; next attempt in \d s/.test(io.stderr))
    await clock.advance(3000)
    await until(() => clients.length === 3)
    await clients[2]!.send(input(0, 1), never)
    expect((await done).code).toBe(0)
  })

  test('with --once fails when no host can be reached, and is content when one could', async () => {
    const clock = new ManualClock()
    const absent = await localNetwork(clock).listen(anyPort)
    await absent[Symbol.asyncDispose]()
    const alone = await collect(clock, [absent], ['--once'])
    expect([alone.code, alone.io.stderr]).toEqual([1, expect.stringContaining('no host could be reached')])
    const server = await dongle(clock, async client => await client[Symbol.asyncDispose]())
    const both = await collect(clock, [absent, server], ['--once'])
    expect(both.code).toBe(0)
  })

  test('says that a disk is full, counts what is lost, and fails at the end', async () => {
    const clock = new ManualClock()
    const server = await dongle(clock, sendAll([input(0, 1), input(0, 2), input(0, 3)]))
    const { io, done } = start(clock, [server], ['--max-packets', '3'])
    let opened = 0
    const create = io.files.create.bind(io.files)
    io.files.create = (path, overwrite) => {
      if (++opened === 3) return create(path, overwrite)
      throw new TransportError(`cannot write ${path}: no space left on the disk`, { path, code: 'ENOSPC' })
    }
    const { code } = await done
    expect(io.stderr.match(/no space left on the disk/g)).toHaveLength(1)
    expect(io.stderr).toContain('saving works again; 2 frames were lost')
    expect(code).toBe(1)
  })

  test('exits with 3 when nothing came in time, with 0 when something did', async () => {
    const clock = new ManualClock()
    const silent = await dongle(clock, async () => {})
    const none = start(clock, [silent], ['--timeout', '5'])
    await until(() => none.io.stderr.includes('connected'))
    await clock.advance(5000)
    expect([(await none.done).code, none.io.stderr]).toEqual([3, expect.stringContaining('nothing came within 5 s')])
    const speaking = await dongle(clock, sendAll([input(0, 1)]))
    const some = start(clock, [speaking], ['--timeout', '5', '--json', '--nosave'])
    await until(() => some.io.stdout !== '')
    await clock.advance(5000)
    expect((await some.done).code).toBe(0)
  })

  test('answers heartbeats only when asked to', async () => {
    const clock = new ManualClock()
    const asked = await dongle(clock, async client => {
      await client.send(heartbeat, never)
      for await (const { data } of client.packets(never)) {
        expect(Buffer.from(data)).toEqual(heartbeat)
        await client.send(input(0, 1), never)
        return
      }
    })
    expect((await collect(clock, [asked], ['--heartbeat', '--max-packets', '1', '--nosave'])).code).toBe(0)
    let heard = 0
    const mute = await dongle(clock, async client => {
      await sendAll([heartbeat, input(0, 1)])(client)
      for await (const { data } of client.packets(never)) heard += data.length
    })
    await collect(clock, [mute], ['--max-packets', '1', '--nosave'])
    expect(heard).toBe(0)
  })

  test('prints every frame as analyze does with --analyze', async () => {
    const clock = new ManualClock()
    const server = await dongle(clock, sendAll([input(0, 4, 0, 0, 0, 512, 77), heartbeat]))
    const { io } = await collect(clock, [server], ['--analyze', '--max-packets', '1', '--nosave'])
    const { host, inverterSerial, decodedValues } = JSON.parse(io.stdout)
    expect([host, inverterSerial]).toEqual([`127.0.0.1:${server.endpoint.port}`, INVERTER])
    expect(decodedValues).toMatchObject({ 'Battery Voltage': '51.2 V', 'State of Charge': '77%' })
  })

  test('keeps the untouched bytes of each connection with --raw', async () => {
    const clock = new ManualClock()
    const bytes = Buffer.concat([Buffer.from('noise'), heartbeat, input(0, 1)])
    const server = await dongle(clock, sendAll([bytes]))
    const { io, names } = await collect(clock, [server], ['--raw', '--nosave', '--max-packets', '1'])
    expect(names).toEqual([`packets/2026-0301-100000.127_0_0_1_${server.endpoint.port}.raw`])
    expect(Buffer.from(io.files.contents.get(names[0]!)!)).toEqual(bytes)
  })

  test.each([
    [['--hosts', 'a,a'], '--hosts: a:8000 is named twice; a dongle serves one client'],
    [['--hosts', 'a:99999'], 'a:99999: a port is a number from 1 to 65535'],
    [['--hosts', ''], ' is no address; write HOST or HOST:PORT'],
  ])('refuses %j', async (args, text) => {
    const io = fakeIo(['modbus', 'collect', ...args])
    expect([await main(io), io.stderr]).toEqual([2, `wattzup: ${text}\n`])
  })
})
