import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Values } from '../../../src/core/values.ts'
import { parseBat, parsePwr } from '../../../src/protocols/pylontech/console/answers.ts'
import { consoleCommand } from '../../../src/protocols/pylontech/console/commands.ts'
import { ConsolePoller } from '../../../src/protocols/pylontech/console/console-poller.ts'
import { ConsoleSession, type Printed } from '../../../src/protocols/pylontech/console/session.ts'
import { consoleAlarm, consoleAnalog } from '../../../src/protocols/pylontech/console/values.ts'
import { wakeConsole } from '../../../src/protocols/pylontech/console/wake.ts'
import { serveConsole } from '../../../src/protocols/pylontech/simulator/console.ts'
import { SimulatedStack } from '../../../src/protocols/pylontech/simulator/stack.ts'
import { snapshot } from '../../../src/protocols/pylontech/snapshot.ts'
import { ManualClock } from '../../manual-clock.ts'
import { type MemoryTransport, memoryPair } from '../../memory-transport.ts'
import { CAPTURES, needsCaptures, pylonCapture, structs } from './decoding.ts'

interface Plugged extends AsyncDisposable {
  readonly clock: ManualClock
  readonly session: ConsoleSession
  readonly typed: string[]
  inTime<T>(promise: Promise<T>): Promise<T>
}

/** A console that does as `answer` says at every line that is typed. */
function plugged(serve: (far: MemoryTransport, signal: AbortSignal, clock: ManualClock) => Promise<void>): Plugged {
  const clock = new ManualClock(Date.UTC(2026, 5, 1, 6))
  const { near, far } = memoryPair(clock)
  const stop = new AbortController()
  const typed: string[] = []
  const onTraffic = ({ data }: { readonly data: Uint8Array }) => {
    const text = Buffer.from(data).toString('latin1')
    if (/^\w* ?\d*\r$/.test(text)) typed.push(text)
  }
  const session = new ConsoleSession(near, clock, { onAlive: () => {}, onTraffic }, stop.signal)
  serve(far, stop.signal, clock).catch(() => {}) // the session is told of the end
  return {
    ...{ clock, session, typed },
    async inTime(promise) {
      let over = false
      const settled = promise.finally(() => {
        over = true
      })
      settled.catch(() => {})
      while (!over) await clock.advance(5)
      return settled
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await session[Symbol.asyncDispose]()
    },
  }
}

/** A console that answers every line so, its text in Latin-1. */
function saying(answer: (line: number) => string): Plugged {
  let lines = 0
  return plugged(async (far, signal) => {
    for await (const _ of far.packets(signal)) await far.send(Buffer.from(answer(lines++), 'latin1'), signal)
  })
}

const OK = '\r\n@\r\nCYCLE Times     : 31\r\nCommand completed successfully\r\n$$\r\npylon>'
const textOf = (printed: Printed) => (printed.ok ? printed.text : printed.reason)

describe('a command', () => {
  test('can only be one that reads', () => {
    expect([consoleCommand('pwr'), consoleCommand('bat', 3)]).toEqual(['pwr', 'bat 3'])
    expect(() => consoleCommand('shut' as 'pwr')).toThrow(RangeError)
    expect(() => consoleCommand('bat', 1.5)).toThrow(RangeError)
    expect(() => consoleCommand('stat', 0)).toThrow(RangeError)
  })

  test('is a line, answered up to $$ whatever the line ends are', async () => {
    for (const text of [OK, OK.replaceAll('\r\n', '\n'), OK.replaceAll('\r\n', '\r'), `\xff\0stat 1${OK}`]) {
      await using plug = saying(() => text)
      expect(await plug.inTime(plug.session.command(consoleCommand('stat', 1)))).toMatchObject({ ok: true })
      expect(plug.typed).toEqual(['stat 1\r'])
    }
  })

  test('goes on where the console waits for a key', async () => {
    await using plug = saying(line => (line === 0 ? 'bat 1\r\n@\r\n0  3300\r\nPress [Enter] to continue' : OK))
    expect(textOf(await plug.inTime(plug.session.command(consoleCommand('bat', 1))))).toContain('3300')
    expect(plug.typed).toEqual(['bat 1\r', '\r'])
  })

  test('that is refused, not answered or drowned in noise is tried twice', async () => {
    const cases = [
      ["\r\n@\r\nUnknown command 'x' - try 'help'\r\n$$\r\npylon>", 'refused'],
      ['\r\n@\r\nInvalid command or fail to excute.\r\n$$\r\npylon>', 'refused'],
      ['', 'timeout'],
      ['\0\0', 'timeout'],
      ['~20014600', 'noise'],
      ['x'.repeat(70_000), 'noise'],
    ] as const
    for (const [answer, reason] of cases) {
      await using plug = saying(() => answer)
      expect(textOf(await plug.inTime(plug.session.command(consoleCommand('pwr'))))).toBe(reason)
      expect(plug.typed).toEqual(['pwr\r', 'pwr\r'])
      expect(plug.clock.now() - Date.UTC(2026, 5, 1, 6)).toBeLessThan(11_000)
    }
  })

  test('finds the console there when Enter is pressed, at the tenth time if need be', async () => {
    await using awake = saying(() => '\r\npylon>')
    expect(await awake.inTime(awake.session.prompt(1))).toBe(true)
    await using waking = saying(line => (line < 6 ? '\xff' : '\r\npylon_debug>'))
    expect(await waking.inTime(waking.session.prompt(10))).toBe(true)
    await using silent = saying(() => '')
    expect(await silent.inTime(silent.session.prompt(3))).toBe(false)
    expect(silent.clock.now() - Date.UTC(2026, 5, 1, 6)).toBeLessThan(3100)
  })

  test('ends with the connection', async () => {
    await using plug = plugged(async far => far.lose())
    await expect(plug.inTime(plug.session.command(consoleCommand('pwr')))).rejects.toThrow('reset')
  })
})

describe('a simulated console', () => {
  const options = {
    seed: 1,
    kinds: ['us2000', 'us5000'],
    faults: new Map(),
    group: 0,
    first: 1,
    together: true,
  } as const

  test('gives the snapshot that the modules are', async () => {
    let stack: SimulatedStack | undefined
    await using plug = plugged((far, signal, clock) => {
      stack = new SimulatedStack(structs, new ManualClock(), {
        packs: 3,
        system: false,
        latencyMs: 0,
        start: 0,
        ...options,
      })
      return serveConsole(stack, far, { requests: 0, answered: 0 }, clock, signal) // whose modules' time stands still
    })
    const poller = new ConsolePoller(plug.clock)
    expect(await plug.inTime(poller.round(plug.session))).toBe(true)
    const document = snapshot(poller.state)
    const packs = document['packs'] as Values[]
    expect(packs).toMatchObject(
      stack!.packs.map(({ serial, cells, current, kind, cycles, remainingAh }, i) => ({
        ...{ pack: i + 1, address: i + 1, serial, firmware: '0.9.12', cell_voltages: cells, current, cycles },
        ...{ remaining_ah: remainingAh, total_ah: kind.capacityAh, stale: false, management: null },
        alarm: { module_voltage: 0, status1: null, cells: cells.map(() => 0) },
      })),
    )
    expect(document).toMatchObject({ device_name: 'US2KBPL', software_version: 'V1.7', manufacturer: 'Simulated' })
    expect(plug.typed.filter(line => line.startsWith('info'))).toHaveLength(3)
    stack!.packs[1]!.silent = true
    await plug.inTime(poller.round(plug.session))
    expect((snapshot(poller.state)['packs'] as Values[])[1]).toMatchObject({ stale: true, error: 'absent', address: 2 })
    expect(plug.typed.filter(line => line.startsWith('info'))).toHaveLength(3) // within the hour
  })
})

test('a plug that speaks frames is woken with the bytes of the protocol page, and given a second', async () => {
  const clock = new ManualClock(0)
  const { near, far } = memoryPair(clock)
  const woken = wakeConsole(near, clock, new AbortController().signal)
  await clock.advance(999)
  expect(clock.sleeping).toBe(1)
  await clock.advance(1)
  await woken
  for await (const { data } of far.packets(new AbortController().signal)) {
    const hex = '7E 32 30 30 31 34 36 38 32 43 30 30 34 38 35 32 30 46 43 43 33 0D'
    expect(Buffer.from(data).toString('hex').toUpperCase()).toBe(hex.replaceAll(' ', ''))
    break
  }
})

describe('what a console prints', () => {
  const cell = (voltage: number, temperature: number, voltage_state = 'Normal', temp_state = 'Normal') => ({
    ...{ voltage, temperature, voltage_state, temp_state },
  })

  test('becomes the values of replies to 42h and 44h', () => {
    const row = {
      ...{ pack: 1, voltage: 13.3, current: -1.187, temperature: 22, soc: 91, mosfet_temp: 20.7 },
      ...{ voltage_state: 'Normal', current_state: 'High', temp_state: 'Normal', mosfet_temp_state: 'OT' },
    }
    const cells = [cell(3.32, 20), cell(3.331, 21), cell(3.33, 20.5), cell(3.329, 20.5), cell(2.9, 19, 'Low', 'LT')]
    const told = { row, cells, info: { Specification: '48V/74AH' }, stat: { 'Pwr Coulomb': '158824440' } }
    expect(consoleAnalog(told)).toMatchObject({
      ...{ temperatures: [22, 20.5, 19, 20.7], temp_count: 4, cell_count: 5 },
      ...{ current: -1.187, power: -15.8, remaining_ah: 44.118, total_ah: 74, soc: 91, cycles: null }, // 44117.9 mAh
      ...{ cell_min: 2.9, cell_max: 3.331, cell_delta_mv: 431 },
    })
    expect(consoleAlarm(told)).toMatchObject({
      ...{ cells: [0, 0, 0, 0, 1], temps: [0, 0, 1, 2], module_voltage: 0 },
      ...{ charge_current: 0, discharge_current: 2, status1: null },
    })
  })

  test('is null where a command gave nothing', () => {
    const told = {
      row: { pack: 1, voltage: 49.9, soc: 50, cell_min: 3.3, cell_max: 3.31 },
      cells: [],
      info: {},
      stat: {},
    }
    expect(consoleAnalog(told)).toMatchObject({
      ...{ cell_count: null, cell_voltages: null, remaining_ah: null, total_ah: null, current: null, power: null },
      ...{ cell_min: 3.3, cell_max: 3.31, cell_delta_mv: 10 },
    })
    expect(consoleAnalog({ ...told, info: { Specification: '48V/50AH' } })).toMatchObject({ remaining_ah: 25 })
  })

  test.skipIf(CAPTURES === undefined)(`by a real one fits together${needsCaptures}`, () => {
    const read = (name: string) => readFileSync(pylonCapture(`console/${name}`), 'latin1')
    const [row] = parsePwr(read('us3000c-pwr.txt'))
    const analog = consoleAnalog({ row: row!, cells: parseBat(read('us3000c-bat-1.txt')), info: {}, stat: {} })
    // the row's own figures for lowest and highest, and its voltage, which is the sum of the cells
    expect(analog).toMatchObject({ cell_min: row!['cell_min'], cell_max: row!['cell_max'], cell_count: 15 })
    const sum = (analog['cell_voltages'] as number[]).reduce((total, volts) => total + volts * 1000, 0)
    expect(Math.abs(sum - Number(row!['voltage']) * 1000)).toBeLessThan(10)
  })
})
