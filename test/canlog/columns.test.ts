process.env.TZ = 'UTC'

import { describe, expect, test } from 'vitest'
import { crc16 } from '../protocols/ecoflow/slow-reader.ts'
import { a, announce, b, c, candump, everySecond } from './build-log.ts'
import { A, at, B, C, C_HEAD, HEX, timed } from './expected.ts'
import { linesOf } from './run.ts'

const [start] = [at(0)]
const head = 'AA030800762C620100000B3C03140101032F'
const wireOf = (frames: ReturnType<typeof b>) => Buffer.concat(frames.map(({ data }) => data))
const wire = wireOf(b())
const crc = crc16(wire.subarray(0, -2)).toString(16).padStart(4, '0')
const decimals = [1, 2, 3, 4, 5, 6, 7, 8].map(value => String(value).padStart(5))
const values = decimals.join(' ')
const serial = 'M999DEMO00000001'

describe('a line of channel B', () => {
  test.each([
    [[], B],
    [['--str'], `03-01-00 ${B}`],
    [['--smo'], `03-01 ${B}`],
    [['--str', '--smo', '--ser'], `03-01-00 03-01 ________________ ${B}`],
    [['--hdr'], B.replace('03001', `03001 ${head}`)],
    [['--crc'], `${B} ${crc} ${crc}`],
    [['--hex'], `${B} ${HEX}`],
    [['--val'], `${B} ${values}`],
    [['--chr'], `${B} ........`],
    [['--rec'], `${B} {}`],
    [['--msg'], `${B} ${wire.toString('hex').toUpperCase()}`],
    [['--seq'], `${B} 0`],
    [['--dup'], B],
    [['--field=b0'], B],
    [['--flg', '--pairs', '--time'], B],
    [
      ['--seq', '--msg', '--rec', '--chr', '--val', '--hex', '--crc', '--hdr', '--ser', '--smo', '--str'],
      `03-01-00 03-01 ________________ ${B.replace('03001', `03001 ${head}`)} ${crc} ${crc} ${HEX} ${values} ........ {} ${wire.toString('hex').toUpperCase()} 0`,
    ],
  ])('has with %j the columns of the page in their order', async (args, line) => {
    expect(await linesOf(everySecond(b()), ...args)).toEqual([`${start} ${line}`])
  })

  test('has every column separated by one TAB with --tab', async () => {
    const [line] = await linesOf(everySecond(b()), '--tab', '--hex', '--val', '--str')
    expect(line).toBe([start, '03-01-00', ...B.split(' '), ...HEX.split(' '), ...decimals].join('\t'))
  })

  test('has the time of its last frame, cut to the millisecond', async () => {
    const log = candump([0.9996, b()], [2, b({ payload: new Uint8Array(400) })])
    expect((await linesOf(log)).map(line => line.slice(14, 17))).toEqual(['999', '005'])
  })

  test('has the node of the last frame and the sequence number in the odd order 7, 6, 8, then 9', async () => {
    const [line] = await linesOf(everySecond(b({ node: '0AB01', sequence: 0x44332211, command: 'ABCD' })))
    expect(line).toBe(`${start} B 0AB01 AA03 0008 76 2C 221133 44 0B 3C 03 14 01 01 ABCD`)
  })

  test('shows payload bytes as characters from blank to tilde and as dots beyond', async () => {
    const [line] = await linesOf(everySecond(b({ payload: '1f20417e7f80ff00' })), '--chr', '--val')
    expect(line).toBe(`${start} ${B}    31    32    65   126   127   128   255     0 . A~....`)
  })

  test('shows the whole packet with its padding on --msg, and the CRC of the padded one on --crc', async () => {
    const padded = b({ padding: 4 })
    const [line] = await linesOf(everySecond(padded), '--msg', '--crc', '--hex')
    expect(line).toBe(`${start} ${B} 0000 0000 ${HEX} ${wireOf(padded).toString('hex').toUpperCase()}`)
    const [one] = await linesOf(everySecond(b({ padding: 1 })), '--crc')
    const both = (wire[wire.length - 1]! & 0xff).toString(16).padStart(4, '0')
    expect(one).toBe(`${start} ${B} ${both} ${both}`)
  })

  test('takes the XOR off where the flags say so, never with --nox, always with --fxo', async () => {
    const masked = HEX.split(' ').map(byte => (Number.parseInt(byte, 16) ^ 0x62).toString(16).padStart(2, '0'))
    const log = everySecond(b(), b({ flags: 0x0c }))
    const plain = B.replace('2C', '0C')
    const run = (...args: string[]) => linesOf(log, '--hex', ...args)
    expect(await run()).toEqual(timed(`${B} ${HEX}`, `${plain} ${HEX}`))
    expect(await run('--nox')).toEqual(timed(`${B} ${masked.join(' ')}`, `${plain} ${HEX}`))
    expect(await run('--fxo')).toEqual(timed(`${B} ${HEX}`, `${plain} ${masked.join(' ')}`))
  })

  test('shows the serial number that its stream has told, from that message on', async () => {
    const other = b({ source: 4 })
    const lines = await linesOf(everySecond(b(), announce(serial), b(), other), '--ser')
    expect(lines.map(line => line.split(' ')[1])).toEqual(['_'.repeat(16), serial, serial, '_'.repeat(16)])
  })
})

describe('a line of channel A', () => {
  const wireOfA = a().map(({ data }) => data.subarray(1, 1 + data[0]!))
  const crcOfA = crc16(Buffer.concat(wireOfA).subarray(0, -2)).toString(16).padStart(4, '0')
  const hex = Buffer.concat(wireOfA).toString('hex').toUpperCase()

  test.each([
    [['--flg'], `004 ${start} ${A}`],
    [['--str'], `${start} A ........... ${A.slice(2)}`],
    [['--ser'], `${start} A ................ ${A.slice(2)}`],
    [['--hex'], `${start} ${A} 2a`],
    [['--hex=diff'], `${start} ${A} 2a`],
    [['--crc'], `${start} ${A} ${crcOfA} ${crcOfA}`],
    [['--chr'], `${start} ${A} *`],
    [['--msg'], `${start} ${A} ${hex}`],
    [['--rec'], `${start} ${A}`],
    [['--hdr', '--val', '--seq', '--dup', '--field=b0', '--smo', '--pairs'], `${start} ${A}`],
    [
      ['--msg', '--chr', '--crc', '--hex', '--ser', '--str', '--flg'],
      `004 ${start} A ........... ................ ${A.slice(2)} 2a ${crcOfA} ${crcOfA} * ${hex}`,
    ],
  ])('has with %j the columns of the page in their order', async (args, line) => {
    expect(await linesOf(everySecond(a()), ...args)).toEqual([line])
  })

  test('joins its payload and unknown bytes by commas, also with --tab', async () => {
    const [line] = await linesOf(everySecond(a({ payload: '0102' })), '--tab', '--hex')
    expect(line?.split('\t').slice(-2)).toEqual(['00,01,4B,14,03,01,50', '01,02'])
  })

  test('has the record of its own definitions', async () => {
    const payload = Buffer.alloc(69)
    payload.write(serial, 3)
    const [line] = await linesOf(everySecond(a({ payload })), '--rec')
    expect(line).toMatch(/ A D1403 AA02 0045 AF 2C 016200 [0-9A-F,]{20} \{ serial: 'M999DEMO00000001' \}$/)
  })

  test.each([
    [15 * 7, '004'],
    [16 * 7, '005'],
    [32 * 7, '006'],
    [63 * 7, '007'],
  ])('of %i bytes begins with command %s', async (size, command) => {
    const [line] = await linesOf(everySecond(a({ payload: new Uint8Array(size - 18) })), '--flg')
    expect(line?.slice(0, 4)).toBe(`${command} `)
  })
})

describe('a line of channel C', () => {
  const wireOfC = Buffer.concat(c().map(({ data }) => data))
    .toString('hex')
    .toUpperCase()
  const pairs = wireOfC.match(/../g)!.join(' ')

  test.each([
    [[], `${start} ${C}`],
    [['--hdr'], `${start} ${C.replace('12001', `12001 ${wireOfC.slice(0, 36)}`)}`],
    [['--pairs'], `${start} ${C_HEAD} ${pairs} ${HEX}`],
    [['--chr'], `${start} ${C} ........`],
    [
      ['--hdr', '--pairs', '--chr'],
      `${start} ${C_HEAD.replace('12001', `12001 ${wireOfC.slice(0, 36)}`)} ${pairs} ${HEX} ........`,
    ],
    [
      ['--str', '--smo', '--ser', '--crc', '--rec', '--msg', '--seq', '--dup', '--val', '--flg', '--field=b0'],
      `${start} ${C}`,
    ],
    [['--hex'], `${start} ${C}`],
  ])('has with %j the columns of the page in their order', async (args, line) => {
    expect(await linesOf(everySecond(c()), ...args)).toEqual([line])
  })

  test('keeps blanks between its payload bytes with --tab, TABs between its pairs', async () => {
    const [line] = await linesOf(everySecond(c()), '--tab', '--pairs')
    expect(line).toBe([start, ...C_HEAD.split(' '), ...pairs.split(' '), HEX].join('\t'))
  })
})
