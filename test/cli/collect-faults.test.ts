import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { until } from '../until.ts'

/*
 * Two simulated dongles with every fault that there is, one of them killed and started again, and one collector that
 * listens to both: whatever the simulators say that they sent whole and right has to be on the disk, once.
 */

/** TCP function of a heartbeat, in the eighth byte of a frame. */
const HEARTBEAT = /^.{14}c1/
/** Frames before and after the restart. */
const FRAMES = 400

interface Running {
  readonly io: FakeIo
  readonly done: Promise<number>
}

function start(world: LiveWorld, ...args: readonly string[]): Running {
  const io = fakeIo(args, world)
  return { io, done: main(io) }
}

function simulator(world: LiveWorld, port: number, seed: number): Running {
  const serials = ['--serial', `DEMO00000${seed}`, '--datalog', `DEMODONGL${seed}`]
  const device = ['--port', String(port), '--seed', String(seed), '--speed', '600', ...serials]
  return start(world, 'simulate', 'dongle', ...device, '--faults', 'all=0.03', '--journal', 'sent.jsonl')
}

function journal({ io }: Running): string[] {
  const lines = io.files.readText('sent.jsonl').trim().split('\n')
  return lines.map(line => JSON.parse(line).hex as string).filter(hex => !HEARTBEAT.test(hex))
}

test('every good frame of two dongles with all faults, one killed and started again, is saved exactly once', async () => {
  const world = new LiveWorld()
  const [first, second] = [simulator(world, 8000, 1), simulator(world, 8001, 2)]
  const collect = ['modbus', 'collect', '--hosts', '127.0.0.1,127.0.0.1:8001', '--utc', '--output-dir', 'packets']
  const collector = start(world, ...collect, '--no-filter')
  const saved = () => collector.io.files.contents.size

  await world.while(until(() => saved() >= FRAMES))
  first.io.abort()
  await world.while(first.done)
  const restarted = simulator(world, 8000, 3)
  const before = saved()
  await world.while(until(() => saved() >= before + FRAMES && journal(restarted).length > 100))
  restarted.io.abort()
  second.io.abort()
  await world.while(Promise.all([restarted.done, second.done]))
  const lost = () => collector.io.stderr.match(/connection refused/g)?.length ?? 0
  await world.while(until(() => lost() >= 2))
  collector.io.abort()
  expect(await world.while(collector.done)).toBe(0)

  const sent = [first, second, restarted].flatMap(journal).sort()
  const files = [...collector.io.files.contents.values()].map(bytes => Buffer.from(bytes).toString('hex')).sort()
  expect(files.length).toBeGreaterThanOrEqual(2 * FRAMES)
  expect(files).toEqual(sent)
  for (const reason of ['checksum (crc)', 'length (truncated)', 'length (magic)']) {
    expect(collector.io.stderr).toMatch(new RegExp(`rejected: .*\\d+ ${reason.replace(/[()]/g, '\\$&')}`))
  }
  expect(collector.io.stderr).toContain(`${files.length} frames saved in packets`)
}, 120_000)
