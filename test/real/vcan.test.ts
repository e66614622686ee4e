import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canVmPart, loadedPackage, SCENARIO_MS, Scenario } from './can-vm.ts'
import { realPart } from './real-part.ts'

// The binary on real CAN sockets beside can-utils, in a kernel that is started for it. What happens there stands in
// vcan-scenario.sh; here is looked at what all of them said.

const SAMPLES = join(import.meta.dirname, '../../samples')
const part = canVmPart(realPart('slcanpty', 'can-utils'), loadedPackage('serialport'))

describe.skipIf(part.missing)(`CAN buses of a real kernel${part.reason}`, () => {
  let buses: Scenario
  const said = (name: string) => buses.said(name)
  const lines = (name: string) => buses.lines(name)

  beforeAll(() => {
    buses = new Scenario()
    return buses.run('vcan-scenario.sh')
  }, SCENARIO_MS)

  afterAll(() => buses[Symbol.dispose]())

  test('are heard as candump hears them, frame by frame and microsecond by microsecond', () => {
    const ours = lines('dump.log')
    // 14 by cansend, 4 by us, 400 by cangen and 5 between them
    expect(ours.length).toBe(423)
    expect(ours.slice(1).map(asWeKnow)).toEqual(lines('dump.log.candump').slice(1).map(asWeKnow))
    // of the first frame the package asks for the time only when it is there
    expect(ours[0]!.slice(-6)).toBe('7EF#00')
  })

  test('are shown as candump shows them', () => {
    expect(lines('dump.screen')).toEqual(lines('dump.screen.candump').map(withoutShortFd))
  })

  test('are filtered as candump filters them, and counted whole', () => {
    expect(lines('dump.filter').slice(1).map(asWeKnow)).toEqual(lines('dump.filter.candump').slice(1).map(asWeKnow))
    expect(said('dump.filter.err')).toMatch(/vcan0: 419 frames, .* 4 error frames in/)
  })

  test('tell their troubles', () => {
    const troubles = [
      'wattzup: vcan0: protocol violation (while sending), bus error, 17 errors sending, 34 receiving',
      'wattzup: vcan0: a buffer overran, frames were lost',
      expect.stringMatching(/^wattzup: lost vcan0: its controller is off the bus: .*; waiting for it$/),
      'wattzup: vcan0: works again',
      'wattzup: vcan0: down 1 time, 1 error, buffers overran 1 time',
    ]
    expect(lines('dump.log.err')).toEqual(troubles)
    expect(lines('dump.screen.err')).toEqual(troubles)
  })

  test('are sent to as cansend sends', () => {
    expect([buses.status('send'), said('send.err')]).toEqual([0, ''])
    const heard = lines('dump.screen.candump').map(line => line.replace(/^ +vcan0 +/, ''))
    expect(heard.slice(10, 14)).toEqual([
      ...[
        '7FE   [1]  01',
        '18FF50E5   [2]  A1 B2',
        '7FE  [12]  11 22 33 44 55 66 77 88 99 00 00 00',
        '7FE   [8]  remote request',
      ],
    ])
  })

  test('are played to in the order and with the gaps of the log, as canplayer plays', () => {
    const log = readFileSync(join(import.meta.dirname, 'played.log'), 'utf8')
      .split('\n')
      .slice(0, -1)
    const frames = log.map(line => withoutTime(line).replace('can', 'vcan'))
    const heard = inTime(lines('play.candump'))
    expect(heard.slice(0, 6).map(withoutTime)).toEqual(frames) // canplayer
    expect(heard.slice(6, 12).map(withoutTime)).toEqual(frames)
    expect([buses.status('play'), said('play.err')]).toEqual([0, 'wattzup: 6 frames sent\n'])
    // 1.2 s at half the speed; a machine within a machine may be late, and makes up for a second
    const times = heard.slice(6, 12).map(line => Number(/^\((.*?)\)/.exec(line)![1]))
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(1.3)
  })

  test('are given a single event again that was picked out of a log', () => {
    const frames = inTime(lines('play.candump')).slice(12, 15).map(withoutTime)
    expect(frames).toEqual([
      ...['vcan0 10034001#AA030200F42D5E22', 'vcan0 10134001#0700000052050100', 'vcan0 10234001#05065F5FD532'],
    ])
    const recorded = readFileSync(join(SAMPLES, 'ecoflow/powerkit.log'), 'latin1').split('\n').map(withoutTime)
    expect(recorded.join('\n')).toContain(frames.join('\n').replaceAll('vcan0', 'can0'))
    expect([buses.status('pick'), said('pick.err')]).toEqual([0, 'wattzup: 3 frames sent\n'])
  })

  test('are written to a log that has everything that came before Ctrl-C', () => {
    expect([buses.status('play.dump'), said('play.dump.err')]).toEqual([0, ''])
    const ours = lines('play.dump')
    expect(ours.length).toBeGreaterThanOrEqual(65)
    for (const bus of ['vcan0', 'vcan1']) {
      const heard = ours.filter(line => line.includes(bus))
      const all = lines('play.candump').filter(line => line.includes(bus))
      expect(heard.slice(1)).toEqual(all.slice(1, heard.length))
    }
    const logs = readdirSync(join(buses.folder, 'play.log')).sort()
    expect(logs.map(name => said(`play.log/${name}`)).join('')).toBe(said('play.dump'))
  })

  test('lose frames when nobody fetches them, and it is known how many', () => {
    const [, lost] = /^wattzup: vcan0: (\d+) frames lost: they came too fast$/m.exec(said('lost.err')) ?? []
    expect(Number(lost)).toBeGreaterThan(1000)
    expect(Number(lost)).toBeLessThan(3000)
  })

  test('are waited for when they go down and when they go away', () => {
    expect(lines('lost.err').filter(line => !line.includes('frames lost'))).toEqual([
      'wattzup: lost vcan0: the interface is down; sudo ip link set vcan0 up type can bitrate 500000; waiting for it',
      'wattzup: vcan0: works again',
      'wattzup: lost vcan0: no such interface; see: ip link; waiting for it',
      'wattzup: vcan0: works again',
    ])
    expect(said('lost.err')).toMatch(/^wattzup: vcan0: down 2 times, \d+ frames lost/m)
  })

  test('that cannot be opened are told from each other', () => {
    const refusals = ['unknown', 'other', 'down'].map(name => `refused.${name}`)
    expect(refusals.map(name => said(`${name}.err`))).toEqual([
      'wattzup: cannot open vcan9: no such interface; see: ip link\n',
      'wattzup: cannot open lo: it is no CAN interface; see: ip link show type can\n',
      'wattzup: cannot open vcan1: the interface is down; sudo ip link set vcan1 up type can bitrate 500000\n',
    ])
    expect(refusals.map(name => buses.status(name))).toEqual([1, 1, 1])
  })

  test('are reached through an slcan adapter', () => {
    expect(lines('slcan.dump').map(withoutTime)).toEqual(['0 123#DEADBEEF', '0 18FF50E5#A1B2C3', '0 123#R4'])
    expect(lines('slcan.candump').map(withoutTime)).toEqual([
      ...['vcan1 123#DEADBEEF', 'vcan1 18FF50E5#A1B2C3', 'vcan1 123#R4', 'vcan1 7FE#0102', 'vcan1 00000123#03'],
    ])
    expect([buses.status('slcan.send'), said('slcan.send.err')]).toEqual([0, ''])
  })

  test('are left in good order at the end of every run', () => {
    const runs = ['dump.log', 'dump.screen', 'dump.filter', 'lost', 'slcan.dump']
    expect(runs.map(name => buses.status(name))).toEqual(runs.map(() => 0))
  })
})

/** A line of a log as far as the package tells: no flags of CAN FD, and no CAN FD that is as short as classic. */
function asWeKnow(line: string): string {
  return line.replace(/##[0-9A-F](?=(..){0,8}$)/, '#').replace(/##[0-9A-F]/, '##')
}

/** The same of a line of the screen: lengths of CAN FD have two digits there. */
function withoutShortFd(line: string): string {
  return line.replace(/ \[0(\d)\]/, '  [$1]')
}

/** By the times of the kernel: who reads two buses late does not know which frame was first. */
function inTime(lines: readonly string[]): string[] {
  return lines.toSorted()
}

function withoutTime(line: string): string {
  return line.replace(/^\(.*?\) +/, '')
}
