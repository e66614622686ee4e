import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { SCENARIOS } from '../../../src/protocols/ecoflow/simulator/simulator.ts'
import { fakeIo } from '../../fake-io.ts'
import {
  commandOf,
  crc8,
  crc16,
  goodCrc8,
  goodCrc16,
  hex,
  type Packet,
  padding,
  payloadLength,
  payloadOf,
  readLog,
  typOf,
} from './slow-reader.ts'

const SAMPLES = join(import.meta.dirname, '../../../samples/ecoflow')

async function simulate(...args: string[]): Promise<string> {
  const io = fakeIo(['simulate', 'ecoflow', ...args])
  expect(await main(io), io.stderr).toBe(0)
  return io.stdout
}

const home = readLog(await simulate('--minutes', '2'))

/** The packets of a user's action, in order. */
const events = home.packets.filter(
  packet =>
    packet.channel === 'B' &&
    ['34001', '50001'].includes(packet.nid) &&
    ['0351', '0506'].includes(commandOf(packet)) &&
    ['A3:05', 'A3:50', 'F4:05', 'F4:50', 'CB:03', 'CB:00'].includes(typOf(packet)),
)

describe('a log', () => {
  test('is the same for the same options, and another for another seed', async () => {
    const options = fc.record({
      seed: fc.maxSafeNat(),
      scenario: fc.constantFrom(...SCENARIOS),
      faults: fc.constantFrom('', 'all', 'lost=0.5,noise=0.1'),
      rate: fc.constantFrom('0.3', '1', '4'),
    })
    await fc.assert(
      fc.asyncProperty(options, async ({ seed, scenario, faults, rate }) => {
        const run = (seed: number) =>
          simulate('--minutes', '0.03', '--seed', `${seed}`, '--scenario', scenario, '--faults', faults, '--rate', rate)
        const log = await run(seed)
        expect(await run(seed)).toBe(log)
        expect(await run((seed + 1) % 1_000_003)).not.toBe(log)
      }),
      { numRuns: 15 },
    )
  })

  test('is what the samples are, by the commands of their page', async () => {
    const page = readFileSync(join(SAMPLES, 'README.md'), 'utf8')
    const commands = [...page.matchAll(/^wattzup simulate ecoflow (.*) --output samples\/ecoflow\/(.*)$/gm)]
    expect(commands.map(([, , file]) => file)).toEqual(['powerkit.log', 'powerstream.log', 'faults.log'])
    for (const [, args, file] of commands) {
      const sample = readFileSync(join(SAMPLES, file!), 'utf8')
      expect((await simulate(...args!.split(' '))) === sample, file).toBe(true)
    }
  })

  test('has only lines of frames, in the order of their time, at the rate of real buses', () => {
    expect(home.strange).toEqual([])
    expect(home.frames.every((frame, i) => i === 0 || frame.at > home.frames[i - 1]!.at)).toBe(true)
    expect(home.frames.length / 120).toBeGreaterThan(600)
    expect(home.frames.length / 120).toBeLessThan(1100)
  })

  test('has all channels, and leaves no message open', () => {
    const commands = new Set(home.frames.map(({ id }) => (id.startsWith('0') ? 'A' : id.slice(0, 3))))
    expect([...commands].sort()).toEqual(['100', '101', '102', '106', '10A', '120', '121', '122', 'A'])
    expect(home.problems).toEqual([])
    const { frames, packets } = home
    const single = frames.filter(({ id }) => /^10[6A]/.test(id)).length
    expect(packets.reduce((sum, packet) => sum + packet.frames.length, single)).toBe(frames.length)
  })
})

describe('every packet of a clean log', () => {
  test('has a good CRC-8 and CRC-16', () => {
    expect([crc8(Buffer.from('123456789')), crc16(Buffer.from('123456789'))]).toEqual([0xf4, 0xbb3d]) // catalogue values
    expect(home.packets.filter(packet => !goodCrc8(packet) || !goodCrc16(packet))).toEqual([])
  })

  test('has the version of its channel, and padding only as its module pads', () => {
    const versions = home.packets.map(({ channel, bytes }) => channel + hex(bytes[0]!) + hex(bytes[1]!))
    expect([...new Set(versions)].sort()).toEqual(['AAA02', 'BAA03', 'BAA13', 'CAA03'])
    const rest = (packet: Packet) =>
      packet.channel === 'B' && packet.nid === '50001' ? (8 - ((payloadLength(packet) + 20) % 8)) % 8 : 0
    expect(home.packets.filter(packet => padding(packet) !== rest(packet))).toEqual([])
    expect(home.packets.some(packet => padding(packet) > 0)).toBe(true)
    expect(home.packets.some(({ channel, frames }) => channel === 'A' && isFilledUp(frames.at(-1)!.data))).toBe(true)
  })

  test('counts its sender up by one, relayed packets aside', () => {
    const last = new Map<string, number>()
    for (const { channel, bytes, frames, nid } of home.packets) {
      const relayed = channel === 'A' && Number.parseInt(frames[0]!.id.slice(4, 6), 16) !== bytes[12]
      if (relayed) continue
      // a battery of each kind speaks on channel A: they are told apart by whom they speak to
      const sender = [channel === 'A' ? (bytes[13] === 8 ? 'kit' : 'stream') : nid, bytes[1], bytes[12]].join()
      const sequence = bytes.readUInt32LE(6)
      expect(sequence - (last.get(sender) ?? sequence - 1)).toBe(1)
      last.set(sender, sequence)
    }
  })

  test('comes in frames 0.12 to 0.16 ms apart unless other nodes come in between', () => {
    const { frames } = home
    const gaps = frames.slice(1).map((frame, i) => frame.at - frames[i]!.at)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(120)
    const index = new Map(frames.map((frame, i) => [frame, i]))
    const interleaved = home.packets.filter(packet => {
      const places = packet.frames.map(frame => index.get(frame)!)
      for (let i = 1; i < places.length; i++) {
        const gap = packet.frames[i]!.at - packet.frames[i - 1]!.at
        if (places[i]! === places[i - 1]! + 1 && gap > 160) expect.fail(`${gap} us within a message`)
      }
      return places.at(-1)! - places[0]! >= places.length
    })
    expect(interleaved.length).toBeGreaterThan(100)
  })

  test('says what the protocol page lists', () => {
    const seen = new Set(home.packets.map(packet => `${packet.channel} ${commandOf(packet)} ${packet.frames.length}`))
    for (const message of ['A 0150 3', 'A 0330 11', 'A 2002 10', 'A 2032 30', 'A 032F 22', 'B 3510 7', 'B 031A 19']) {
      expect(seen).toContain(message)
    }
    const flags = new Set(home.packets.map(({ bytes }) => hex(bytes[5]!)))
    for (const flag of ['0C', '2C', '2D', '2E', '2F']) expect(flags).toContain(flag)
    const announced = home.packets.filter(packet => commandOf(packet) === '3510')
    const serials = new Set(announced.map(packet => payloadOf(packet).toString('latin1', 1, 17)))
    expect(serials.size).toBe(14)
    for (const serial of serials) expect(serial).toMatch(/^(M1|HW51)[0-9A-Z-]*DEMO[0-9]+$/)
  })
})

describe('PV switches', () => {
  const says = (packet: Packet) => [packet.nid, typOf(packet), payloadOf(packet).toString('hex')].join(' ')

  test('are thrown at the console after three calls for attention, and from the app', () => {
    const zeros = '00'.repeat(16)
    expect(events.map(says)).toEqual([
      ...['34001 CB:03 01', '34001 CB:03 01', '34001 CB:03 01', '34001 F4:05 0001'],
      ...['34001 CB:03 01', '34001 CB:03 01', '34001 CB:03 01', '34001 F4:05 0101'],
      ...['50001 CB:00 01', `50001 A3:50 0100${zeros}`, '50001 CB:03 01'],
      ...['50001 CB:00 01', `50001 A3:50 0101${zeros}`, '50001 CB:03 01'],
    ])
  })

  test('show in the state records, the counters and the power', () => {
    const [off, , on] = events.filter(packet => commandOf(packet) === '0506').map(({ at }) => at)
    const following = (typ: string, at: number) => home.packets.find(packet => packet.at > at && typOf(packet) === typ)!
    expect(payloadOf(following('49:02', off!))[3]).toBe(0)
    expect(payloadOf(following('49:05', on!))[3]).toBe(0)
    for (const typ of ['E1:02', 'E1:04', 'E1:05', 'E1:51']) expect(following(typ, off!).at - off!).toBeLessThan(100_000)
    const solar = payloadOf(following('C0:21', off!))
    expect([solar.readUInt16LE(48), solar[80], solar[81]]).toEqual([0, 0, 1])
    const before = home.packets.findLast(packet => packet.at < off! && typOf(packet) === 'C0:21')!
    expect(payloadOf(before).readUInt16LE(48)).toBeGreaterThan(50)
  })
})

describe('the command', () => {
  const fails = async (...args: string[]) => {
    const io = fakeIo(['simulate', 'ecoflow', ...args])
    return [await main(io), io.stderr]
  }

  test('starts when it is told', async () => {
    const first = async (start: string) => (await simulate('--minutes', '0.002', '--start', start)).slice(1, 11)
    expect(await first('2026-06-01T06:00:00Z')).toBe(`${START_SECONDS}`)
    expect(await first('2026-06-01T06:00')).toBe(`${START_SECONDS}`)
    expect(await first('2026-06-01T08:00:00+02:00')).toBe(`${START_SECONDS}`)
    expect(await first('1700000000.5')).toBe('1700000000')
    expect(await first('now')).toBe(`${Math.floor(fakeIo([]).clock.now() / 1000)}`)
  })

  test('refuses what makes no sense with status 2', async () => {
    expect(await fails('--start', 'yesterday')).toEqual([2, expect.stringContaining('--start: yesterday is no time')])
    expect(await fails('--faults', 'loss')).toEqual([
      2,
      expect.stringContaining('there is no fault loss; there are lost'),
    ])
    expect(await fails('--faults', 'lost=2')).toEqual([2, expect.stringContaining('needs a rate from 0 to 1')])
    for (const args of [
      ['--seed', '-1'],
      ['--minutes', '0'],
      ['--rate', '6'],
      ['--scenario', 'boat'],
    ]) {
      expect((await fails(...args))[0]).toBe(2)
    }
  })

  test('writes a file, and overwrites one only when forced', async () => {
    const args = ['simulate', 'ecoflow', '--minutes', '0.01', '--output', 'a.log']
    const io = fakeIo(args, { files: { 'a.log': 'mine' } })
    expect(await main(io)).toBe(1)
    expect(io.stderr).toBe('wattzup: cannot write a.log: it exists; --force overwrites it\n')
    expect(io.files.readText('a.log')).toBe('mine')
    const forced = fakeIo([...args, '--force'], { files: { 'a.log': 'mine' } })
    expect(await main(forced)).toBe(0)
    expect(forced.stdout).toBe('')
    expect(forced.files.readText('a.log')).toBe(await simulate('--minutes', '0.01'))
  })

  test('shows how far it is on a terminal, and ends at a signal with whole lines', async () => {
    const io = fakeIo(['simulate', 'ecoflow', '--minutes', '60'], { errIsTerminal: true })
    let now = 0
    const hurried = Object.create(io, { clock: { value: { ...io.clock, now: () => (now += 150) } } }) as typeof io
    setImmediate(() => setImmediate(() => setImmediate(() => io.abort())))
    expect(await main(hurried)).toBe(0)
    expect(io.stderr).toMatch(/^\r\u001b\[K\d+ %, \d+ k frames\/s, \d+ s left/)
    expect(io.stderr.endsWith('\r\u001b[K')).toBe(true)
    const lines = io.stdout.match(/\n/g)?.length ?? 0
    expect(lines % 65_536).toBe(0)
    expect(lines).toBeGreaterThan(0)
    expect(io.stdout.endsWith('\n')).toBe(true)
  })
})

const START_SECONDS = Date.UTC(2026, 5, 1, 6) / 1000

/** A full frame of channel A that holds less than seven bytes of its packet. */
function isFilledUp(data: Buffer): boolean {
  return data.length === 8 && data[0]! < 7
}
