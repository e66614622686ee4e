import { createSocket } from 'node:dgram'
import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { parseDatagram } from '../../src/protocols/lxp/cutter.ts'
import type { LxpFrame } from '../../src/protocols/lxp/frame.ts'
import { fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { ManualClock } from '../manual-clock.ts'
import { until } from '../until.ts'

/** A plain socket, not of our making: the datagrams it got and when. */
async function listener(clock: ManualClock) {
  const got: { bytes: Buffer; at: number }[] = []
  const socket = createSocket('udp4')
  socket.on('message', bytes => got.push({ bytes, at: clock.now() }))
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  return { got, socket, to: `127.0.0.1:${socket.address().port}` }
}

/** Broadcasts until so many datagrams have come; gives them and what the command said. */
async function broadcast(args: readonly string[], count: number) {
  const clock = new ManualClock()
  const { got, socket, to } = await listener(clock)
  const io = fakeIo(['simulate', 'lxp-broadcast', '--to', to, ...args], { clock })
  const done = main(io)
  while (got.length < count) {
    await clock.advance(100)
    await new Promise(resolve => setImmediate(resolve))
  }
  io.abort()
  expect(await done).toBe(0)
  socket.close()
  return { got: got.slice(0, count), io }
}

test('a round is a heartbeat and three blocks, every two minutes', async () => {
  const { got, io } = await broadcast([], 8)
  const frames = got.map(({ bytes }) => parseDatagram(bytes) as LxpFrame)
  expect(frames.map(({ type, register, bytes }) => [type, register, bytes.length])).toEqual([
    ...[['heartbeat', undefined, 19], ['input', 0, 117], ['input', 40, 117], ['input', 80, 117]], // biome-ignore format: a round
    ...[['heartbeat', undefined, 19], ['input', 0, 117], ['input', 40, 117], ['input', 80, 117]], // biome-ignore format: a round
  ])
  expect(frames[1]).toMatchObject({ protocol: 2, datalog: 'DEMODONGLE', inverter: 'DEMO000001' })
  expect(Math.abs(got[4]!.at - got[0]!.at - 120_000)).toBeLessThan(300)
  expect(io.stderr).toMatch(/^wattzup: broadcasting to 127\.0\.0\.1:\d+\nwattzup: good frames: \d+\n$/)
})

test('what is journalled is what a listener can read', async () => {
  const faults = 'cut=0.2,garbage=0.2,corrupt=0.2,length=0.2,drop=0.2,short=0.2,foreign=0.2'
  const { got, io } = await broadcast(['--speed', '60', '--journal', 'sent.jsonl', '--faults', faults], 100)
  const readable = got
    .filter(({ bytes }) => typeof parseDatagram(bytes) !== 'string')
    .map(({ bytes }) => bytes.toString('hex'))
  const lines = Buffer.from(io.files.contents.get('sent.jsonl')!).toString().trim().split('\n')
  const sent = lines.map(line => (JSON.parse(line) as { hex: string }).hex)
  expect(sent.slice(0, readable.length)).toEqual(readable)
  expect(readable.length).toBeGreaterThan(40)
  expect(readable.length).toBeLessThan(80)
  for (const fault of faults.split(',')) expect(io.stderr).toContain(` ${fault.split('=')[0]}`)
})

test('the address may be left without a port, and is checked', async () => {
  const world = new LiveWorld()
  const io = fakeIo(['simulate', 'lxp-broadcast', '--to', '127.0.0.1', '--duration', '1'], world)
  expect(await world.while(main(io))).toBe(0)
  expect(io.stderr).toContain('broadcasting to 127.0.0.1:4346')
  const wrong = fakeIo(['simulate', 'lxp-broadcast', '--to', '127.0.0.1:99999'])
  expect(await main(wrong)).toBe(2)
  expect(wrong.stderr).toContain('a port is a number from 1 to 65535')
})

test('lxp listen reads it', async () => {
  const world = new LiveWorld()
  const simulator = fakeIo(['simulate', 'lxp-broadcast', '--to', '127.0.0.1', '--speed', '60'], world)
  const listen = fakeIo(['lxp', 'listen', '--json', '--count', '3'], world)
  const done = main(listen)
  const sent = main(simulator)
  await world.while(until(() => simulator.stderr !== ''))
  expect(await world.while(done)).toBe(0)
  simulator.abort()
  await world.while(sent)
  const readings = listen.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { device: string; values: object })
  expect(readings.every(({ device }) => device === 'DEMO000001')).toBe(true)
  expect(readings.some(({ values }) => 'soc' in values)).toBe(true)
})
