import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { fakeIo } from '../fake-io.ts'
import { replier, server, WatchedClock } from '../protocols/sec1000/controllers.ts'
import { statusReply, withInverters } from '../protocols/sec1000/replies.ts'
import { until } from '../until.ts'
import { asked, DOCUMENT, ELEVEN, GOOD, hostOf, lines, never, STRANGE } from './sec1000-run.ts'

describe('--watch', () => {
  test('asks every 30 s, a connection each time, and prints lines', async () => {
    const { io, code, clock } = await asked([GOOD, withInverters(0), GOOD], ['--watch', '--count', '3'])
    const readings = lines(io)
    expect(readings.map(({ time }) => time)).toEqual(
      ['00.000', '30.000', '00.000'].map((second, i) => `2026-03-01T10:0${i >> 1}:${second}Z`),
    )
    expect(readings.map(({ values }) => values.substituted)).toEqual([false, true, false])
    expect(Object.keys(readings[1].values)).toEqual(Object.keys(JSON.parse(DOCUMENT)))
    expect(clock.asked.filter(ms => ms === 30_000)).toHaveLength(2)
    expect(code).toBe(0)
  })

  test('is meant by --interval too, which never is below 5 s, and says so', async () => {
    const { clock, complaints } = await asked([GOOD], ['--interval', '1', '--count', '2'])
    expect(clock.asked.filter(ms => ms !== 10_000 && ms !== 2000)).toEqual([5000])
    expect(complaints).toMatch(
      /^wattzup: --interval 1: taken as 5; controllers that are asked more often than every 5 s/,
    )
  })

  test('has only the keys of the original with --compat', async () => {
    const { io } = await asked([GOOD], ['--watch', '--count', '1', '--compat'])
    expect(Object.keys(lines(io)[0].values)).toEqual(ELEVEN)
  })

  test('goes on when the controller does not answer, and says once that it is away and once that it is back', async () => {
    const args = ['--watch', '--count', '2', '--retries', '2', '--no-cache']
    const { io, code, complaints, host } = await asked([GOOD, ...new Array(6).fill(statusReply(6)), GOOD], args)
    const why = 'status 0x06 (accepted) instead of data'
    expect([lines(io).length, code]).toEqual([2, 0])
    expect(complaints.split('\n')).toEqual([
      `wattzup: try 1 of 2: ${why}; next try in 5 s`,
      `wattzup: no data from ${host} in 2 tries; the last time: ${why}; trying again every 30 s`,
      `wattzup: ${host} answers again`,
      'wattzup: rejected: 6 status instead of data',
      '',
    ])
  })

  test('says what is implausible when it begins, not with every reading', async () => {
    const turns = [STRANGE, STRANGE, GOOD, STRANGE]
    const { complaints } = await asked(turns, ['--watch', '--count', '4', '--no-cache'])
    expect(complaints.match(/implausible/g)).toHaveLength(2)
  })

  test('publishes to a file with every reading', async () => {
    const { io, host } = await asked(
      [GOOD, withInverters(5000)],
      ['--watch', '--count', '2', '--json-file', 'now.json'],
    )
    expect(JSON.parse(io.files.readText('now.json')).devices[host].values.inverters_power).toBe(5)
  })

  test('without an answer ends with 3 after --timeout', async () => {
    const clock = new WatchedClock()
    let requests = 0
    await using listener = await server(clock, async client => {
      for await (const _ of client.packets(never)) requests++
    })
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--watch', '--timeout', '8', '--no-cache'], { clock })
    const done = main(io)
    await until(() => requests === 1)
    await clock.advance(8000)
    expect(await done).toBe(3)
    expect(clock.sleeping).toBe(0)
  })

  test('ends with SIGINT between two requests: 0', async () => {
    const clock = new WatchedClock()
    await using listener = await replier(clock, [GOOD])
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--watch', '--no-cache'], { clock })
    const done = main(io)
    await until(() => clock.asked.includes(30_000))
    io.abort()
    expect([await done, lines(io).length, clock.sleeping]).toEqual([0, 1, 0])
  })
})
