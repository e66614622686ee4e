import { describe, expect, test } from 'vitest'
import { TransportError } from '../../../src/core/errors.ts'
import { requestFrame } from '../../../src/protocols/pylontech/commands.ts'
import { frameBytes, parseFrame } from '../../../src/protocols/pylontech/frame.ts'
import { GAP_MS } from '../../../src/protocols/pylontech/poll/line.ts'
import { INTERVAL_MS, packsOf, polled, requestsOf, START } from './polled.ts'

const BITS_PER_BYTE = 10

/** ADR, CID1 and CID2 of requests to modules, as they stand in frames. */
const asked = (cid2: string, ...modules: readonly number[]): string[] =>
  modules.map(adr => `${adr.toString(16).padStart(2, '0').toUpperCase()}46${cid2}`)

describe('modules', () => {
  test('are found by their serial numbers, until two in a row are silent', async () => {
    await using line = polled({ packs: 3 })
    const round = await line.until(1)
    expect(requestsOf(line, 1).slice(0, 5)).toEqual(asked('93', 2, 3, 4, 5, 6))
    expect(packsOf(round).map(({ serial }) => serial)).toEqual(line.stack.packs.map(({ serial }) => serial))
    expect(round.document).toMatchObject({
      pack_count: 3,
      device_name: 'US2KBPL',
      manufacturer: 'Simulated',
      protocol_version: '2.0',
      system: { cell_high_voltage_limit: 3.65 },
    })
  })

  test('of every kind in one stack give what they measure', async () => {
    await using line = polled({ packs: 4, kinds: ['us2000', 'us5000', 'us3000c'] })
    const round = await line.until(2)
    const { packs } = line.stack
    expect(packsOf(round)).toMatchObject(
      packs.map(({ kind, serial }, i) => ({
        ...{ pack: i + 1, group: 0, address: 2 + i, serial, firmware: '0.9.12', total_ah: kind.capacityAh },
        ...{ cell_count: kind.cells, temp_count: kind.sensors, stale: false, error: null },
        alarm: { status2: 14, flags: { charge_fet: true, buzzer: false } },
        management: { charge_enable: true, discharge_current_limit: -kind.currentLimit },
      })),
    )
  })

  test('behind a hub and on the console plug have addresses of their own', async () => {
    await using hub = polled({ packs: 2, group: 3 }, { groups: [3] })
    expect(packsOf(await hub.until(1)).map(({ address, group }) => [group, address])).toEqual([[3, 0x32], [3, 0x33]]) // biome-ignore format: pairs
    await using plug = polled({ packs: 2, first: 1 }, { rs232: true })
    expect(packsOf(await plug.until(1)).map(({ address }) => address)).toEqual([1, 2])
  })

  test('of several groups are polled in turn, and one group that is silent does not end it', async () => {
    await using line = polled({ packs: 2, group: 1 }, { groups: [0, 1] })
    await line.until(8)
    expect(line.rounds.map(({ document }) => document['pack_count'])).toEqual([0, 2, 0, 2, 0, 2, 0, 2])
  })

  test('that are silent between others are listed, with nothing but nulls', async () => {
    await using line = polled({ packs: 3 })
    line.stack.packs[1]!.silent = true
    const [, second, third] = packsOf(await line.until(1))
    expect(second).toMatchObject({
      ...{ address: 3, serial: null, voltage: null, cell_voltages: null, alarm: null, management: null },
      ...{ updated_at: null, stale: true, error: 'timeout' },
    })
    expect(third).toMatchObject({ stale: false, serial: line.stack.packs[2]!.serial })
  })

  test('that answer but cannot be understood are listed with the reason', async () => {
    await using line = polled({ packs: 2, faults: new Map([['checksum', 1]]) })
    const packs = packsOf(await line.until(1))
    expect(packs[0]).toMatchObject({ address: 2, stale: true, voltage: null })
    expect(['checksum', 'length checksum', 'not hex']).toContain(packs[0]!['error'])
  })
})

describe('a round', () => {
  test('asks every module three times and nothing else, and begins when it is due', async () => {
    await using line = polled()
    await line.until(4)
    const each = [2, 3, 4].flatMap(adr => ['42', '44', '92'].flatMap(cid2 => asked(cid2, adr)))
    for (const round of [2, 3, 4]) expect(requestsOf(line, round)).toEqual(each)
    const begins = line.sent.filter(({ text }) => text === '024642').map(({ at }) => at - START)
    expect(begins.slice(1).map(at => at % INTERVAL_MS)).toEqual([0, 0, 0])
  })

  test('of eight modules takes its bytes, the latency of the modules and 50 ms a request, and no more', async () => {
    await using line = polled({ packs: 8 })
    await line.until(1)
    const before = line.bytes()
    const { at } = await line.until(2)
    const requests = requestsOf(line, 2).length
    const start = line.sent.filter(({ text }) => text === '024642')[1]!.at
    expect(requests).toBe(24)
    const lineMs = ((line.bytes() - before) * BITS_PER_BYTE * 1000) / 115_200
    const leastMs = lineMs + requests * 60 + (requests - 1) * GAP_MS // 60: what a simulated module takes to answer
    expect(at - start).toBeGreaterThanOrEqual(leastMs - requests) // times are kept in whole ms
    expect(at - start).toBeLessThanOrEqual(1.1 * (leastMs + GAP_MS))
  })

  test('is held up by a dead module for its own tries only, once', async () => {
    const duration = async (dead: boolean) => {
      await using line = polled({ packs: 8 })
      await line.until(1)
      line.stack.packs[3]!.silent = dead
      const { at } = await line.until(2)
      expect(requestsOf(line, 2).filter(text => text === '054642')).toHaveLength(dead ? 3 : 1)
      expect(requestsOf(line, 2).some(text => text === '054644')).toBe(!dead)
      return at - line.sent.filter(({ text }) => text === '024642')[1]!.at
    }
    const [alive, dead] = [await duration(false), await duration(true)]
    expect(dead - alive).toBeLessThanOrEqual(3 * 500)
  })

  test('marks a module that fails and keeps its last values, until it answers again', async () => {
    await using line = polled()
    const values = packsOf(await line.until(1))[1]!
    line.stack.packs[1]!.silent = true
    const failed = packsOf(await line.until(2))
    expect(failed[1]).toEqual({ ...values, stale: true, error: 'timeout' })
    expect(failed.map(({ stale }) => stale)).toEqual([false, true, false])
    expect(Date.parse(String(failed[2]!['updated_at']))).toBeGreaterThan(line.rounds[0]!.at)
    line.stack.packs[1]!.silent = false
    expect(packsOf(await line.until(3))[1]).toMatchObject({ stale: false, error: null })
  })

  test('survives a line with every fault', async () => {
    const names = ['silent', 'checksum', 'truncate', 'echo', 'noise', 'slow'] as const
    await using line = polled({ packs: 8, faults: new Map(names.map(name => [name, 0.05])) })
    await line.until(60)
    const packs = line.rounds.slice(1).flatMap(packsOf)
    expect(packs.filter(({ stale }) => stale === false).length).toBeGreaterThan(0.95 * packs.length)
    for (const pack of packs) {
      if (pack['voltage'] === null) continue
      const { cell_voltages: cells, voltage } = pack
      const sum = (cells as number[]).reduce((total, cell) => total + Math.round(cell * 1000), 0)
      expect(sum).toBe(Math.round(Number(voltage) * 1000)) // what is published is what a module said
      expect(pack['alarm'] === null || (pack['alarm'] as { status1: number }).status1 === 0).toBe(true)
    }
    expect(new Set(line.rejected)).toContain('checksum')
  })
})

describe('all modules at once', () => {
  test('are one request where the first one answers for all', async () => {
    await using line = polled({ packs: 4, kinds: ['us2000', 'us3000c'] }, { together: true })
    const round = await line.until(2)
    expect(requestsOf(line, 2)).toEqual([...asked('42', 2), ...asked('44', 2), ...asked('92', 2, 3, 4, 5)])
    expect(packsOf(round).map(pack => pack['cell_voltages'])).toEqual(line.stack.packs.map(({ cells }) => cells))
  })

  test('on the console plug have their limits in one request, too', async () => {
    await using line = polled({ packs: 4, first: 1 }, { together: true, rs232: true })
    await line.until(2)
    expect(requestsOf(line, 2)).toEqual([...asked('42', 1), ...asked('44', 1), ...asked('92', 1)])
  })

  test('are asked one by one where nobody answers for all, which is tried twice and not again', async () => {
    await using line = polled({ packs: 2, together: false }, { together: true })
    const round = await line.until(1)
    const tries = line.sent.filter(({ text, at }) => text === '024642' && at <= round.at)
    expect(tries).toHaveLength(3)
    await line.until(3)
    expect(requestsOf(line, 3)).toHaveLength(6)
    expect(packsOf(round).every(({ stale }) => stale === false)).toBe(true)
  })

  test('are asked one by one when one is missing in the reply: nobody knows whose values are whose', async () => {
    await using line = polled({ packs: 4 }, { together: true })
    const before = packsOf(await line.until(1))
    line.stack.packs[1]!.silent = true
    const after = packsOf(await line.until(2))
    expect(after[1]).toEqual({ ...before[1], stale: true, error: 'timeout' })
    expect(after[2]!['cell_voltages']).toEqual(line.stack.packs[2]!.cells)
    expect(requestsOf(line, 2).filter(text => text === '044642')).toHaveLength(1)
  })

  test('have the same frame as the protocol page, and go to the first module', () => {
    expect(Buffer.from(requestFrame(0x44, 2, true)).toString()).toBe('~20024644E002FFFD07\r')
    expect(Buffer.from(requestFrame(0x92, 1, true)).toString()).toBe('~20014692E002FFFD05\r')
  })
})

describe('what not every firmware knows', () => {
  test('is null, and not asked again, where it is refused', async () => {
    await using line = polled({ packs: 2 })
    const answer = line.stack.answer.bind(line.stack)
    line.stack.answer = request => refusalOf(0x44, request) ?? answer(request)
    const packs = packsOf(await line.until(2))
    expect(packs.map(({ alarm }) => alarm)).toEqual([null, null])
    expect(packs[0]).toMatchObject({ stale: false, management: { charge_enable: true } })
    expect(requestsOf(line, 1).filter(text => text.endsWith('4644'))).toEqual(asked('44', 2, 3))
    expect(requestsOf(line, 2).filter(text => text.endsWith('4644'))).toEqual([])
  })

  test('is the whole stack at once, where the first module tells it', async () => {
    await using plain = polled({ packs: 2 })
    expect((await plain.until(1)).document).not.toHaveProperty('system_analog')
    expect(requestsOf(plain, 1).filter(text => text === '024661')).toHaveLength(1)
    await using line = polled({ packs: 2, system: true })
    const { document } = await line.until(2)
    expect(requestsOf(line, 2).slice(-3)).toEqual(['024661', '024662', '024663'])
    expect(document).toMatchObject({
      system_analog: { soh_min: 100, cell_max: Math.max(...line.stack.packs.flatMap(({ cells }) => cells)) },
      system_alarm: { protection1: [] },
      system_management: { charge_current_limit: 50, charge_enable: true },
    })
  })

  test('may be lost for a round: a part that was not answered is null, not old', async () => {
    await using line = polled({ packs: 1 })
    await line.until(1)
    const answer = line.stack.answer.bind(line.stack)
    line.stack.answer = request => (Buffer.from(request).includes('4692') ? undefined : answer(request))
    expect(packsOf(await line.until(2))[0]).toMatchObject({ management: null, stale: false, alarm: { status2: 14 } })
    line.stack.answer = answer
    expect(packsOf(await line.until(3))[0]).toMatchObject({ management: { charge_enable: true } })
  })
})

/** RTN 04 of the module that a request with this CID2 is to; undefined for other requests. */
function refusalOf(cid2: number, request: Uint8Array): Uint8Array | undefined {
  const frame = parseFrame(request.subarray(1, -1))
  if ('reason' in frame || frame.code !== cid2) return undefined
  return frameBytes({ ...frame, code: 0x04, info: new Uint8Array(0) })
}

describe('as time goes by', () => {
  test('a module that was added is found within the hour', async () => {
    await using line = polled({ packs: 3 }, { intervalMs: 60_000 })
    for (const pack of line.stack.packs.slice(2)) pack.silent = true
    expect(packsOf(await line.until(1))).toHaveLength(2)
    line.stack.packs[2]!.silent = false
    expect(packsOf(await line.until(60))).toHaveLength(2)
    expect(packsOf(await line.until(61))).toHaveLength(3)
    expect(requestsOf(line, 61).slice(0, 5)).toEqual(asked('93', 2, 3, 4, 5, 6))
  })

  test('nobody answering for three modules, or three rounds of one, is a reason to connect again', async () => {
    await using line = polled({ packs: 3 })
    await line.until(2)
    for (const pack of line.stack.packs) pack.silent = true
    await expect(line.ended()).rejects.toThrow('nothing answers on memory')
    expect(line.rounds).toHaveLength(3)
    await using single = polled({ packs: 1 })
    await single.until(2)
    single.stack.packs[0]!.silent = true
    await expect(single.ended()).rejects.toThrow(TransportError)
    expect(single.rounds).toHaveLength(5)
    expect(packsOf(single.rounds[2]!)[0]).toMatchObject({ stale: true, error: 'timeout' })
  })

  test('a connection that is cut ends polling; over the next one modules are found again', async () => {
    await using line = polled({ packs: 2 })
    await line.until(2)
    line.cut()
    await expect(line.ended()).rejects.toThrow('reset')
    line.connect()
    const round = await line.until(3)
    expect(requestsOf(line, 3).slice(0, 2)).toEqual(asked('93', 2, 3))
    expect(packsOf(round).map(({ stale }) => stale)).toEqual([false, false])
  })

  test('a clock that is set back by a day changes nothing', async () => {
    await using line = polled({ packs: 1 })
    await line.until(2)
    const now = line.clock.now.bind(line.clock)
    line.clock.now = () => now() - 86_400_000
    const before = now()
    await line.until(4)
    expect(now() - before).toBeLessThan(3 * INTERVAL_MS)
  })
})
