import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { WatchedClock } from '../protocols/sec1000/controllers.ts'
import { until } from '../until.ts'
import { lines, ran } from './sec1000-run.ts'

describe('simulate sec1000', () => {
  interface Simulator {
    readonly io: FakeIo
    readonly done: Promise<number>
    readonly host: string
  }

  async function simulator(clock: WatchedClock, ...args: readonly string[]): Promise<Simulator> {
    const io = fakeIo(['simulate', 'sec1000', '--port', '0', ...args], { clock })
    const done = main(io)
    await Promise.race([done, until(() => io.stderr.includes('listening on'))])
    return { io, done, host: /listening on (\S+)/.exec(io.stderr)![1]! }
  }

  test('says its port, is asked by sec1000 query and limit, and sums up', async () => {
    const clock = new WatchedClock()
    const { io, done, host } = await simulator(clock, '--start', '2026-06-01T11:00:00Z')
    const { io: query } = await ran(clock, ['query', host, '--no-cache'])
    expect(JSON.parse(query.stdout)).toMatchObject({ substituted: false, grid_import_kw: 0 })
    expect(JSON.parse(query.stdout).inverters_power).toBeGreaterThan(1)
    const { io: limit } = await ran(clock, ['limit', host, '--compact'])
    expect(JSON.parse(limit.stdout)).toMatchObject({ mode_name: 'value', total_capacity_kw: 20, export_limit_kw: 10 })
    io.abort()
    expect([await done, io.stdout]).toEqual([0, ''])
    expect(io.stderr).toContain('wattzup: 2 requests; 1 of them sooner than 5 s after another\n')
  })

  test('with every fault of a reply is watched without an end', async () => {
    const clock = new WatchedClock()
    const faults = 'status,blank,strange,checksum,prefix,command,cut,closed,reset,split,junk,slow'
    const rates = faults.split(',').map(name => `${name}=0.06`)
    const { io, done, host } = await simulator(clock, '--faults', `${rates.join()},glitch=0.3`)
    const { io: watch, code } = await ran(clock, ['query', host, '--watch', '--count', '60', '--interval', '30'])
    io.abort()
    await done
    const readings = lines(watch).map(({ values }) => values)
    expect([readings.length, code]).toEqual([60, 0])
    const first = readings.findIndex(values => values.inverters_power_raw > 0)
    const glitches = readings.slice(first).filter(values => values.inverters_power_raw === 0)
    expect(glitches.length).toBeGreaterThan(5)
    expect(glitches.every(values => values.substituted && values.inverters_power > 0)).toBe(true)
    expect(watch.stderr).toMatch(/rejected: .*status instead of data/)
    expect(io.stderr).toMatch(/^wattzup: \d+ requests; faults: .*\d+ glitch/m)
  })

  test('is told what it does wrong', async () => {
    const clock = new WatchedClock()
    for (const [option, value] of [
      ['--faults', 'wrong'],
      ['--faults', 'status=2'],
      ['--start', 'noon'],
      ['--port', '70000'],
      ['--speed', '0'],
    ] as const) {
      expect(await main(fakeIo(['simulate', 'sec1000', option, value], { clock }))).toBe(2)
    }
    const { io, done, host } = await simulator(clock)
    const other = fakeIo(['simulate', 'sec1000', '--port', host.split(':')[1]!], { clock })
    expect(await main(other)).toBe(1)
    expect(other.stderr).toMatch(/cannot listen on 127\.0\.0\.1:\d+: the port is in use already/)
    io.abort()
    await done
  })

  test('ends after --duration', async () => {
    const clock = new WatchedClock()
    const { done } = await simulator(clock, '--duration', '60')
    await clock.advance(60_000)
    expect(await done).toBe(0)
  })

  test('writes a log without a port, the same one for the same options', async () => {
    const logOf = async (...args: readonly string[]) => {
      const io = fakeIo(['simulate', 'sec1000', '--replies', '3', ...args])
      expect(await main(io)).toBe(0)
      return io.stdout
    }
    const log = await logOf('--interval', '60')
    expect(log.split('\n').map(line => line.slice(0, 30))).toEqual([
      '2026-06-01T10:00:00.000Z 04524',
      '2026-06-01T10:01:00.000Z 04524',
      '2026-06-01T10:02:00.000Z 04524',
      '',
    ])
    expect(await logOf('--interval', '60')).toBe(log)
    expect(await logOf('--interval', '60', '--seed', '2')).not.toBe(log)
  })
})
