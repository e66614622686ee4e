import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { type SignalHost, StopSignals } from '../../src/cli/stop-signals.ts'
import { ManualClock } from '../manual-clock.ts'

/** A process that nobody ends: it keeps what it was sent. */
class FakeProcess extends EventEmitter implements SignalHost {
  readonly pid = 4711
  readonly killed: string[] = []

  kill(pid: number, signal: string): void {
    this.killed.push(`${pid} ${signal}`)
  }

  /** Sends a signal; tells whether the program takes it, or the system would end it. */
  send(signal: string): boolean {
    return this.emit(signal, signal)
  }
}

function setUp() {
  const host = new FakeProcess()
  const clock = new ManualClock()
  return { host, clock, signals: new StopSignals(host, clock) }
}

describe('the first signal', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('stops the run: %s', signal => {
    const { host, signals } = setUp()
    signals.takeHangUp()
    expect(signals.stop.aborted).toBe(false)
    expect(host.send(signal)).toBe(true)
    expect(signals.stop.aborted).toBe(true)
    signals.finish()
    expect(host.killed).toEqual([])
  })
})

describe('the second signal', () => {
  test("is the system's affair where nobody has asked for it, if it is SIGINT", () => {
    const { host } = setUp()
    host.send('SIGTERM')
    expect(host.send('SIGTERM')).toBe(true)
    expect(host.send('SIGINT')).toBe(false)
  })

  test.each(['SIGINT', 'SIGTERM'])('hurries a run that has asked, which then ends by it: %s', async signal => {
    const { host, clock, signals } = setUp()
    const hurry = signals.hurry()
    host.send('SIGTERM')
    expect(signals.hurry().aborted).toBe(false)
    await clock.advance(250)
    expect(host.send(signal)).toBe(true)
    expect(hurry.aborted).toBe(true)
    expect(host.killed).toEqual([])
    expect([host.send('SIGINT'), host.send('SIGTERM')]).toEqual([false, false]) // the third one needs nobody's leave
    signals.finish()
    expect(host.killed).toEqual([`4711 ${signal}`])
  })

  test('is the first one again when it comes at the same time, and never the end of the terminal', async () => {
    const { host, clock, signals } = setUp()
    signals.takeHangUp()
    const hurry = signals.hurry()
    host.send('SIGINT')
    await clock.advance(249)
    host.send('SIGINT')
    await clock.advance(10_000)
    host.send('SIGHUP')
    expect(hurry.aborted).toBe(false)
    host.send('SIGINT')
    expect(hurry.aborted).toBe(true)
  })
})
