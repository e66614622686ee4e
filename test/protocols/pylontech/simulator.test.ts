import { describe, expect, test } from 'vitest'
import { parseFaultRates } from '../../../src/cli/fault-rates.ts'
import type { Values } from '../../../src/core/values.ts'
import { READ_COMMANDS, requestFrame } from '../../../src/protocols/pylontech/commands.ts'
import { frameBytes, parseFrame } from '../../../src/protocols/pylontech/frame.ts'
import { WIRE_FAULTS, type WireFault } from '../../../src/protocols/pylontech/simulator/faults.ts'
import { PACK_ALARMS } from '../../../src/protocols/pylontech/simulator/pack.ts'
import { handClock } from '../../../src/protocols/pylontech/simulator/poll-log.ts'
import { SimulatedStack, type StackOptions } from '../../../src/protocols/pylontech/simulator/stack.ts'
import { decodePackets, structs } from './decoding.ts'

const START = Date.UTC(2026, 5, 1, 6)

function stackOf(options: Partial<StackOptions> = {}) {
  const clock = handClock(START)
  const faults = new Map<WireFault, number>()
  const plain = {
    packs: 3,
    seed: 1,
    kinds: ['us2000'],
    faults,
    group: 0,
    first: 2,
    together: true,
    system: false,
    latencyMs: 60,
    start: START,
  } as const
  return { clock, stack: new SimulatedStack(structs, clock, { ...plain, ...options }) }
}

async function ask(stack: SimulatedStack, cid2: number, adr: number, all = false): Promise<Values[]> {
  const request = requestFrame(cid2, adr, all)
  const reply = stack.answer(request)
  const { readings, tally } = await decodePackets(reply === undefined ? [request] : [request, reply])
  expect(tally.rejects).toEqual({})
  return readings.map(({ values }) => values)
}

const packsOf = (values: Values | undefined) => (values?.['packs'] ?? []) as Values[]

describe.each(['us2000', 'us3000c', 'us5000'] as const)('a stack of %s', kind => {
  const { stack, clock } = stackOf({ kinds: [kind], group: 1 })

  test('answers every command for every module with what the module is like', async () => {
    clock.wait(600_000)
    for (const [index, pack] of stack.packs.entries()) {
      const adr = stack.address(index)
      const [analog] = await ask(stack, 0x42, adr)
      const { cells, temperatures, current } = pack
      expect(analog).toMatchObject({ adr, rtn: 0, command_value: adr })
      expect(packsOf(analog)).toMatchObject([
        { cell_voltages: cells, temperatures, current, total_ah: pack.kind.capacityAh },
      ])
      const sum = cells.reduce((total, cell) => total + Math.round(cell * 1000), 0) / 1000
      expect(packsOf(analog)[0]).toMatchObject({ voltage: sum, cell_max: Math.max(...cells) })
      expect((await ask(stack, 0x93, adr))[0]).toMatchObject({ serial: pack.serial })
      expect((await ask(stack, 0x96, adr))[0]).toMatchObject({ mainline_version: '0.9.12' })
      expect(packsOf((await ask(stack, 0x92, adr))[0])).toMatchObject([
        { charge_enable: true, discharge_current_limit: -pack.kind.currentLimit },
      ])
    }
  })

  test('answers once for all modules', async () => {
    const [analog] = await ask(stack, 0x42, stack.address(0), true)
    expect(packsOf(analog).map(pack => pack['cell_voltages'])).toEqual(stack.packs.map(({ cells }) => cells))
    const [alarm] = await ask(stack, 0x44, stack.address(0), true)
    expect(packsOf(alarm)).toHaveLength(3)
    expect(Object.hasOwn(alarm!, 'trailing')).toBe(kind !== 'us2000')
    expect(packsOf((await ask(stack, 0x92, stack.address(0), true))[0])).toHaveLength(3)
  })

  test('says what it is', async () => {
    const adr = stack.address(0)
    expect(await ask(stack, 0x4f, adr)).toMatchObject([{ ver: '2.0' }])
    expect(await ask(stack, 0x51, adr)).toMatchObject([{ manufacturer: 'Simulated', software_version: '1.7' }])
    expect(await ask(stack, 0x90, adr)).toMatchObject([{ pack_count: 3 }])
    expect(await ask(stack, 0x47, adr)).toMatchObject([{ cell_high_voltage_limit: 3.65 }])
  })
})

describe('a stack', () => {
  test('drifts: charges and discharges within its capacity, and tells the same story for the same seed', async () => {
    const story = async () => {
      const { stack, clock } = stackOf({ packs: 1 })
      const packs: Values[] = []
      for (let i = 0; i < 60; i++) {
        clock.wait(180_000)
        packs.push(...packsOf((await ask(stack, 0x42, 2))[0]))
      }
      return packs
    }
    const packs = await story()
    const currents = packs.map(pack => Number(pack['current']))
    expect(Math.max(...currents)).toBeGreaterThan(5)
    expect(Math.min(...currents)).toBeLessThan(-5)
    for (const { remaining_ah: left } of packs) expect(Number(left)).toBeGreaterThanOrEqual(0)
    expect(new Set(packs.map(pack => pack['remaining_ah'])).size).toBeGreaterThan(30)
    expect(await story()).toEqual(packs)
  })

  test.each(PACK_ALARMS)('shows %s where it is told to', async alarm => {
    const { stack } = stackOf()
    stack.packs[1]!.alarm = alarm
    const [values] = await ask(stack, 0x44, 2, true)
    const [sound, ill] = packsOf(values)
    const raised = ({ flags }: Values) => Object.entries(flags as Values).filter(([, on]) => on === true)
    expect(raised(ill!)).not.toEqual(raised(sound!))
    expect((ill!['flags'] as Values)['cell_faults']).toEqual(alarm === 'cell_fault' ? [3] : [])
  })

  test('is silent to addresses that nobody has, to damage and to strangers', () => {
    const { stack } = stackOf()
    const broken = Buffer.from(requestFrame(0x42, 2))
    broken[5] = 0x30
    const stranger = frameBytes({ ver: 0x20, adr: 2, cid1: 0x4a, code: 0x42, info: Uint8Array.of(2) })
    for (const request of [requestFrame(0x42, 5), requestFrame(0x42, 1), broken, stranger, Buffer.from('~')]) {
      expect(stack.answer(request)).toBeUndefined()
    }
  })

  test('refuses what it does not know and what makes no sense', () => {
    const { stack } = stackOf()
    const rtn = (code: number, adr: number, ...info: readonly number[]) => {
      const reply = stack.answer(frameBytes({ ver: 0x20, adr, cid1: 0x46, code, info: Uint8Array.from(info) }))!
      const frame = parseFrame(reply.subarray(1, -1))
      return 'reason' in frame ? frame.reason : frame.code
    }
    for (const write of [0x91, 0x94, 0x95, 0x99]) expect(rtn(write, 2, 2)).toBe(0x04)
    expect(rtn(0x61, 2)).toBe(0x04)
    expect(rtn(0x42, 2)).toBe(0x05)
    expect(rtn(0x42, 2, 3)).toBe(0x06)
    expect(rtn(0x42, 3, 0xff)).toBe(0x06)
    expect(rtn(0x93, 2, 0xff)).toBe(0x06)
  })
})

describe('a bad line', () => {
  test.each([
    ['checksum', ['checksum', 'length checksum', 'not hex']],
    ['truncate', ['truncated']],
    ['noise', []],
    ['echo', []],
    ['refuse', []],
  ] as const)('with %s is told as what it is', async (fault, reasons) => {
    const { stack } = stackOf({ faults: new Map([[fault, 1]]) })
    for (let i = 0; i < 50; i++) {
      const request = requestFrame(0x42, 2)
      const { readings, tally } = await decodePackets([request, stack.answer(request)!])
      expect([...reasons, 'none']).toContain(Object.keys(tally.rejects)[0] ?? 'none')
      expect(readings.length + Object.keys(tally.rejects).length).toBe(1)
      if (fault === 'refuse') expect(readings[0]!.message).toBe('error')
    }
  })

  test('may be silent', () => {
    const { stack } = stackOf({ faults: new Map([['silent', 1]]) })
    expect([...READ_COMMANDS.keys()].map(cid2 => stack.answer(requestFrame(cid2, 2)))).toEqual(
      [...READ_COMMANDS].map(() => undefined),
    )
  })

  test('may be slow, by so much that nobody waits for the reply any more', () => {
    const { stack } = stackOf({ faults: new Map([['slow', 0.5]]) })
    const delays = Array.from({ length: 100 }, () => stack.latencyMs())
    expect(Math.min(...delays)).toBeLessThan(100)
    expect(Math.max(...delays)).toBeGreaterThan(1000)
    expect(parseFaultRates('all', WIRE_FAULTS, 0.05).size).toBe(Object.keys(WIRE_FAULTS).length)
  })
})
