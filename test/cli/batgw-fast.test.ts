import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { VIRTUAL } from './batgw-bench.ts'

const START = Date.UTC(2026, 2, 1, 10, 0, 0)

async function run(args: string, files: Record<string, string | Uint8Array>): Promise<FakeIo> {
  const io = fakeIo(args.split(' '), { files, clock: new ManualClock(START) })
  io.status.code = await main(io)
  return io
}

/** A recording of both buses: a battery that cools down, its contactors closed by somebody else, and an inverter. */
async function recording(): Promise<string> {
  const side = async (name: string, setting: string) => {
    const io = fakeIo([
      ...`simulate ${name} byd --scenario cold --duration 50 --start 2026-03-01 --set`.split(' '),
      setting,
    ])
    await main(io)
    return io.stdout
  }
  const [battery, inverter] = [
    await side('battery', 'contactors=stay closed'),
    await side('inverter', 'hello=never asks'),
  ]
  return `${(battery + inverter).trimEnd().split('\n').sort().join('\n')}\n`
}

const CONFIG = VIRTUAL.replace('virtual:pack', 'file:drive.log@can0').replace('virtual:sun', 'file:drive.log@can1')

/** Seconds since the recording began, and data, of the frames with this ID. */
function told(stdout: string, id: string): [number, string][] {
  const line = new RegExp(`^\\((\\d+\\.\\d+)\\) +\\S+ ${id}#(\\w+)$`, 'gm')
  return [...stdout.matchAll(line)].map(([, time, data]) => [
    Math.round(Number(time) * 1000) / 1000 - Date.UTC(2026, 2, 1) / 1000,
    data!,
  ])
}

describe('batgw bridge --fast', () => {
  test('does with a recording what it does in its time', async () => {
    const drive = await recording()
    const io = await run('batgw bridge -f x.conf --dry-run --fast', { 'x.conf': CONFIG, 'drive.log': drive })
    expect([io.status.code, io.stderr]).toEqual([0, expect.stringContaining('battery is too cold')])
    const limits = told(io.stdout, '110')
    const [first] = limits[0]!
    // every 2 s from the greeting on, but for the one that says at once that it is too cold
    const off = limits.filter(([time]) => Math.abs(time - first - 2 * Math.round((time - first) / 2)) > 0.0015)
    expect(off.map(([, data]) => data.slice(-8))).toEqual(['00000000', '00000000']) // and the farewell
    expect(limits.at(-1)![0]).toBeCloseTo(50, 1)
    const open = limits.filter(([, data]) => data.endsWith('00EC00EC')).map(([time]) => time)
    // colder than -25 °C from 20 + 20 x 5.5 / 7 s on, in whole degrees and every 0.5 s
    expect(Math.max(...open)).toBeLessThan(36)
    expect(limits.find(([time, data]) => time > 20 && data.endsWith('00000000'))![0]).toBeCloseTo(36, 0)
  })

  test('reads packed recordings no differently', async () => {
    const drive = await recording()
    const plain = await run('batgw bridge -f x.conf --dry-run --fast', { 'x.conf': CONFIG, 'drive.log': drive })
    const folder = mkdtempSync(join(tmpdir(), 'wattzup-fast-'))
    try {
      writeFileSync(join(folder, 'drive.log.gz'), gzipSync(drive))
      const config = CONFIG.replaceAll('drive.log', join(folder, 'drive.log.gz'))
      const packed = await run('batgw bridge -f x.conf --dry-run --fast', { 'x.conf': config })
      expect(packed.stdout).toBe(plain.stdout)
      expect(plain.stdout.length).toBeGreaterThan(10_000)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('runs a simulation for as long as it is told', async () => {
    const io = await run('batgw bridge -f x.conf --simulate normal --fast --duration 20 --print', { 'x.conf': VIRTUAL })
    expect(io.status.code).toBe(0)
    const lines = io.stdout.trimEnd().split('\n')
    const [begin, end] = [lines[0]!, lines.at(-1)!].map(line => Number(line.slice(1, 18)))
    expect(begin).toBeCloseTo(START / 1000, 0)
    expect(end! - begin!).toBeCloseTo(20, 1)
    expect(lines.filter(line => line.includes(' 12D#')).length).toBeGreaterThan(370) // every 50 ms but for the first second
    expect(lines.filter(line => line.includes(' 345#')).length).toBeGreaterThan(195)
    expect(lines.findLast(line => line.includes(' 110#'))).toMatch(/110#11260EEC00000000$/)
  })

  test('says that nobody is on a virtual bus, unless there is a simulation', async () => {
    const lonely = await run('batgw bridge -f x.conf --fast --duration 5', { 'x.conf': VIRTUAL })
    expect(lonely.stderr).toMatch(/^wattzup: nobody else is on virtual:pack and virtual:sun, .*--simulate/m)
    const simulated = await run('batgw bridge -f x.conf --simulate normal --fast --duration 5', { 'x.conf': VIRTUAL })
    expect(simulated.stderr).not.toContain('nobody else')
  })

  test.each([
    ['--dry-run --fast', VIRTUAL.replace('virtual:pack', 'slcan:tcp://127.0.0.1:1'), 'is neither a recording nor'],
    ['--simulate cold --fast', VIRTUAL, 'only recordings have an end; say how long'],
    ['--simulate cold --fast --duration 9 --mqtt mqtt://127.0.0.1', VIRTUAL, 'not together with --mqtt'],
    ['--simulate cold', VIRTUAL.replace('virtual:sun', 'slcan:tcp://127.0.0.1:1'), 'simulations run on virtual:NAME'],
    ['--simulate nix', VIRTUAL, 'there is no scenario nix'],
    ['--print --json', VIRTUAL, 'standard output is for frames'],
  ])('refuses %s where it makes no sense', async (args, config, problem) => {
    const io = await run(`batgw bridge -f x.conf ${args}`, { 'x.conf': config })
    expect(io.status.code).toBeGreaterThan(0)
    expect(io.stderr).toContain(problem)
    expect(io.stdout).toBe('')
  })
})
