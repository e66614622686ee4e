import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { BusWatch } from '../transport/can/bus-watch.ts'

const LOG = `(1700000000.000000) can0 100#00
(1700000000.010000) can0 18FF50E5#01
(1700000000.500000) can1 102#02
(1700000000.750000) can0 20000088#0000000000000000
(1700000001.000000) can0 103##100010203040506070809
(1700000060.000000) can1 104#R4
`
const BEGIN = 1_000_000

interface Played {
  readonly io: FakeIo
  readonly code: number
  /** What came on virtual:a and virtual:b, with the ms since the first frame. */
  readonly a: readonly string[]
  readonly b: readonly string[]
}

/** Plays a log to its end, or for so long. */
async function play(args: string, world: World = {}, longestMs = 300_000): Promise<Played> {
  const clock = new ManualClock(BEGIN)
  const network = localNetwork(clock)
  const io = fakeIo(['can', 'play', ...args.split(' ')], { clock, network, files: { 'drive.log': LOG }, ...world })
  const never = new AbortController().signal
  const open = (name: string) => network.openCan({ kind: 'virtual', name }, { random: () => 0.5 }, never)
  await using busA = await open('a')
  await using busB = await open('b')
  const [a, b] = [new BusWatch(busA, clock).heard, new BusWatch(busB, clock).heard]
  let code: number | undefined
  const running = main(io).then(status => {
    code = status
  })
  // time stands still until the first frame has come: commands take a while to load
  while (code === undefined && a.length + b.length === 0) await clock.advance(0)
  while (code === undefined) {
    await clock.advance(25)
    if (clock.now() - BEGIN >= longestMs) io.abort()
  }
  await running
  await clock.advance(0)
  const relative = (text: string) => text.replace(/^\d+/, ms => String(Number(ms) - BEGIN))
  return { io, code: code ?? -1, a: a.map(relative), b: b.map(relative) }
}

/** CAN FD is filled up to a length that it has. */
const FD = '103##1000102030405060708090000'
const ALL = ['0 100#00', '10 18FF50E5#01', '500 102#02', `1000 ${FD}`, '60000 104#R4']

describe('can play', () => {
  test('sends a log with its timing', async () => {
    const { a, b, code, io } = await play('drive.log virtual:a')
    expect(a).toEqual(ALL)
    expect([b, code, io.stdout]).toEqual([[], 0, ''])
    expect(io.stderr.split('\n')).toEqual([
      'wattzup: 5 frames sent',
      'wattzup: 1 error frame left out: nobody sends those',
      'wattzup: the frames of can0, can1 all went to virtual:a; virtual:a=can0 takes only those of can0',
      '',
    ])
  })

  test('sends each interface to a bus of its own, in one time', async () => {
    const { a, b, io } = await play('drive.log virtual:a=can1 virtual:b=can0')
    expect(a).toEqual(['500 102#02', '60000 104#R4'])
    expect(b.map(text => text.slice(0, 8))).toEqual(['0 100#00', '10 18FF5', '1000 103'])
    expect(io.stderr).not.toContain('all went to')
  })

  test.each([
    ['--speed 10', ['0', '1', '50', '100', '6000']],
    ['--speed 0.5', ['0', '20', '1000', '2000', '120000']],
    ['--speed 0', ['0', '0', '0', '0', '0']],
    ['--speed 0 --gap 20', ['0', '20', '40', '60', '80']],
    ['--gap 100', ['0', '100', '590', '1090', '60090']],
    ['--skip-gaps 1', ['0', '10', '500', '1000', '2000']],
    ['--from 0.5', ['0', '500', '59500']],
    ['--from 2023-11-14T22:13:20.5Z --until 1', ['0', '500']],
    ['--until 1700000000.01', ['0', '10']],
    ['--count 2', ['0', '10']],
    ['--only 100:7FC', ['0', '500', '1000']],
  ])('%s', async (options, times) => {
    const { a } = await play(`drive.log virtual:a ${options}`)
    expect(a.map(text => text.split(' ')[0])).toEqual(times)
  })

  test('changes IDs, also their kind', async () => {
    const { a } = await play('drive.log virtual:a --map-id 100=00000100 --map-id 18FF50E5=7FF --until 0.1')
    expect(a).toEqual(['0 00000100#00', '10 7FF#01'])
  })

  test('goes round, so many times or until it is stopped', async () => {
    const log = { files: { 'a.log': '(1.000000) can0 100#\n(1.100000) can0 101#\n' } }
    const three = await play('a.log virtual:a --loop 3 --gap 10', log)
    expect(three.a).toEqual(['0 100#', '100 101#', '110 100#', '210 101#', '220 100#', '320 101#'])
    const forever = await play('a.log virtual:a --loop', log, 1000)
    expect(forever.a.length).toBeGreaterThan(18)
    expect(forever.code).toBe(0)
    expect(forever.io.stderr).toMatch(/^wattzup: \d+ frames sent\n$/)
  })

  test('a log of one moment does not flood the bus when it goes round', async () => {
    const { a } = await play('a.log virtual:a --loop', { files: { 'a.log': '(1.000000) can0 100#\n' } }, 50)
    expect(a.length).toBeLessThanOrEqual(52)
  })

  test('a log without frames is not gone round for ever', async () => {
    const { code, io } = await play('a.log virtual:a --loop', { files: { 'a.log': '' } })
    expect([code, io.stderr]).toEqual([0, 'wattzup: 0 frames sent\n'])
  })

  test('stops at once when it is told to', async () => {
    const { a, code, io } = await play('drive.log virtual:a', {}, 600)
    expect(a.map(text => text.split(' ')[0])).toEqual(['0', '10', '500'])
    expect([code, io.stderr.split('\n')[0]]).toEqual([0, 'wattzup: 3 frames sent'])
  })

  test('prints what it would send and when, and transmits nothing, with --dry-run', async () => {
    const { a, io, code } = await play('drive.log virtual:a=can0 can7=can1 --dry-run --speed 2')
    expect(a).toEqual([])
    expect(io.stdout.split('\n')).toEqual([
      '(000.000000) a 100#00',
      '(000.005000) a 18FF50E5#01',
      '(000.250000) can7 102#02',
      `(000.500000) a ${FD}`,
      '(030.000000) can7 104#R4',
      '',
    ])
    expect(code).toBe(0)
    expect(io.stderr).toContain('wattzup: 5 frames would be sent\n')
  })

  test('reads any format, and standard input', async () => {
    const csv =
      'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n0,00000100,false,Rx,0,1,AA,\n20000,00000101,false,Rx,0,0,\n'
    expect((await play('a.csv virtual:a', { files: { 'a.csv': csv } })).a).toEqual(['0 100#AA', '20 101#'])
    expect((await play('- virtual:a', { stdin: csv })).a).toEqual(['0 100#AA', '20 101#'])
    const asc = 'base hex timestamps absolute\n 0.000000 1 123 Rx d 2 11 22\n 0.500000 1 18FF50E5x Rx d 1 AA\n'
    expect((await play('a.asc virtual:a', { files: { 'a.asc': asc } })).a).toEqual(['0 123#1122', '500 18FF50E5#AA'])
  })

  test('an interface that the log does not have is told, and is a failure', async () => {
    const { a, code, io } = await play('drive.log virtual:a=can1 virtual:b=can7')
    expect([a.length, code]).toEqual([2, 1])
    expect(io.stderr).toContain('wattzup: no frame of can7 in drive.log; it has can0, can1\n')
    const { code: cut, io: cutIo } = await play('drive.log virtual:a=can0 virtual:b=can1 --count 1')
    expect([cut, cutIo.stderr]).toEqual([0, 'wattzup: 1 frame sent\n']) // it was not looked for
  })

  test('a log without times is sent at once, which is told', async () => {
    const files = { 'a.log': ' can0  100   [1]  00\n can0  101   [1]  01\n' }
    const { a, io } = await play('a.log virtual:a', { files })
    expect(a).toEqual(['0 100#00', '0 101#01'])
    expect(io.stderr).toContain('all frames have the same time, so none was waited for; --gap says')
    expect((await play('a.log virtual:a --gap 50', { files })).a).toEqual(['0 100#00', '50 101#01'])
  })

  test('says where a log breaks off, once what came before has been sent', async () => {
    const { a, code, io } = await play('a.log virtual:a', { files: { 'a.log': 'Bogus\n' } })
    expect([a, code]).toEqual([[], 1])
    expect(io.stderr).toContain('no CAN log; it begins with "Bogus"; can play reads')
  })

  test.each([
    ['a.log file:b.log', 'is a recording: nothing can be sent there'],
    ['a.log can0 --map-id 123', '123 is no pair of IDs'],
    ['a.log can0 --map-id 800=123', 'is no pair of IDs'],
    ['a.log can0 --from yesterday', 'It must be a number of seconds or a time'],
    ['a.log can0 --only x', 'x is no filter'],
    ['a.log can0 --loop 0', 'It must be a whole number, 1 or more'],
    ['- can0 --loop', '--loop needs a file'],
    ['a.log can0=', 'can0= is no bus; write BUS or BUS=INTERFACE'],
    ['a.log =can0', '=can0 is no bus'],
    ['a.log can0 --from 5 --until 2', '--until is before --from'],
  ])('refuses %s', async (args, message) => {
    const io = fakeIo(['can', 'play', ...args.split(' ')])
    expect(await main(io)).toBe(2)
    expect(io.stderr).toContain(message)
  })

  test('replays an event that canlog has picked out of a log', async () => {
    const args = ['canlog', 'samples/ecoflow/powerkit.log', '--quiet', '--typs=F4:05', '--pick=260601.060040.270']
    const canlog = fakeIo(args)
    expect(await main(canlog)).toBe(0)
    const picked = canlog.stdout.trimEnd().split('\n')
    expect(picked.length).toBeGreaterThan(1)
    const { a, code } = await play('- virtual:a', { stdin: canlog.stdout })
    expect(code).toBe(0)
    expect(a.map(text => text.split(' ')[1])).toEqual(picked.map(line => line.split(' ')[2]))
  })
})
