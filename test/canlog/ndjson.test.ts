process.env.TZ = 'Asia/Kolkata'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { a, announce, b, c, candump, everySecond, savvycan, single } from './build-log.ts'
import { canlog } from './run.ts'

/** One object per line. */
async function objects(log: string, ...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, lines, err } = await canlog(log, ...args)
  expect(code, err).toBe(0)
  return lines.map(line => JSON.parse(line))
}

const SERIAL = 'M999DEMO00000001'
const head = { family: 'ecoflow', channel: 'B', node: '03001', device: '03001-03-01', src: 3, srcName: 'battery' }

describe('--format ndjson', () => {
  test('gives an object per message, with the values of its record in real units', async () => {
    const payload = Buffer.alloc(132)
    payload.write(SERIAL, 3)
    payload.writeUInt32LE(51_866, 57) // mV
    payload.writeInt32LE(-183, 61) // mA
    payload[56] = 15
    const [object] = await objects(everySecond(b({ payload })), '--format', 'ndjson')
    expect(object).toMatchObject({
      ...head,
      time: '2023-11-14T22:13:20.001Z',
      message: 'base_info',
      dst: 20,
      dstName: 'powerstream',
      cmdSet: 3,
      cmdId: 0x2f,
      values: { serial: SERIAL, vol: 51.866, amp: -0.183, soc: 15 },
    })
  })

  test('has its members in one order, and nothing that is unknown', async () => {
    const [known, unknown] = await objects(
      everySecond(b(), b({ source: 0x77, destination: 0x78, command: 'EEEF' })),
      '--json',
    )
    const names = 'time family device message channel node src srcName dst dstName cmdSet cmdId values'.split(' ')
    expect(Object.keys(known!)).toEqual(names)
    expect(Object.keys(unknown!)).toEqual(names.filter(name => !name.endsWith('Name')))
    expect(unknown).toMatchObject({ src: 0x77, dst: 0x78, cmdSet: 0xee, cmdId: 0xef, values: {} })
  })

  test('has time in UTC with milliseconds, of CSV logs too', async () => {
    const csv = savvycan([[0.0049, b()]], 0)
    expect((await objects(csv, '--json')).map(({ time }) => time)).toEqual(['2023-11-14T22:13:20.005Z'])
    expect((await objects(everySecond(b()), '--json', '--tinc=1500')).map(({ time }) => time)).toEqual([
      '1970-01-01T00:00:06.000Z',
    ])
  })

  test('has A, B and C, and single frames as they are', async () => {
    const log = everySecond(a(), b(), c(), single('10603001', '4142'), single('1FF03130', '43'))
    const shown = await objects(log, '--json', '--106', '--unk')
    expect(shown.map(({ channel, node }) => [channel, node])).toEqual([
      ['A', '31403'],
      ['B', '03001'],
      ['C', '12001'],
      ['D', '03001'],
      [undefined, '03130'],
    ])
    expect(shown[3]).toEqual({
      time: '2023-11-14T22:13:23.000Z',
      family: 'ecoflow',
      device: '03001',
      message: '106',
      channel: 'D',
      node: '03001',
      raw: '4142',
    })
  })

  test('shows with --raw the payload in clear', async () => {
    const [object] = await objects(everySecond(b()), '--json', '--raw')
    expect(object).toMatchObject({ raw: '0102030405060708' })
    expect(await objects(everySecond(b()), '--json')).not.toHaveProperty('0.raw')
  })

  test('shows guesses with --guesses only', async () => {
    const log = everySecond(b({ command: '0351', payload: '07' }))
    expect(await objects(log, '--json')).toMatchObject([{ message: 'attention', values: {} }])
    expect(await objects(log, '--json', '--guesses')).toMatchObject([{ values: { b0: 7 } }])
  })

  test('filters like the text, prints nothing under --quiet, and no columns', async () => {
    const log = everySecond(b(), b({ flags: 0x2d }))
    expect(await objects(log, '--json', '--rrf=2D', '--hex', '--str', '--tab')).toMatchObject([
      { time: '2023-11-14T22:13:21.000Z' },
    ])
    expect(await objects(log, '--json', '--quiet')).toEqual([])
  })

  test('leaves out fields that a short payload does not have, and says how many on stderr', async () => {
    const { lines, err } = await canlog(everySecond(b({ payload: '0102030405', command: '0506' })), '--json')
    expect(JSON.parse(lines[0]!).values).toEqual({ Set_PVIn1: 1, Set_PVIn2: 2 })
    expect(err).toBe('')
    const short = await canlog(everySecond(b({ payload: '01', command: '0506' })), '--json')
    expect(JSON.parse(short.lines[0]!).values).toEqual({ Set_PVIn1: 1 })
    expect(short.err).toBe('wattzup: passed over: 1 fields beyond the end of their payload\n')
  })

  test('is JSON whatever the payload', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 140 }),
      fc.constantFrom('3510', '032F', '0303', '031A', '2032'),
      fc.constantFrom(3, 0x13),
      async (payload, command, version) => {
        const list = await objects(everySecond(b({ payload, command, version })), '--json', '--guesses', '--raw')
        expect(list).toMatchObject([{ raw: Buffer.from(payload).toString('hex') }])
      },
    )
    await fc.assert(property, { numRuns: 80 })
  })

  test('decodes what another tool wrote of a protobuf payload', async () => {
    // fields 16 and 21, varints: 358 = E6 02, 349 = DD 02
    const payload = Buffer.from([0x80, 0x01, 0xe6, 0x02, 0xa8, 0x01, 0xdd, 0x02])
    const [object] = await objects(everySecond(b({ version: 0x13, source: 0x35, command: '1401', payload })), '--json')
    expect(object).toMatchObject({
      message: 'powerstream_heartbeat',
      values: { pv1InputVolt: 35.8, pv2InputVolt: 34.9 },
    })
  })

  test('skips a protobuf payload that is broken, and counts it', async () => {
    const broken = b({ version: 0x13, source: 0x35, command: '1401', payload: '0a7f' })
    const { lines, err } = await canlog(everySecond(broken), '--json')
    expect(JSON.parse(lines[0]!).values).toEqual({})
    expect(err).toBe('wattzup: passed over: messages 1 not decodable\n')
  })
})

describe('--format json', () => {
  test('without a report is wrong usage; so is an unknown format', async () => {
    const { code, out, err } = await canlog(everySecond(b()), '--format', 'json')
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^wattzup: --format json prints reports: add one[^\n]*\n$/)
    expect((await canlog('', '--format=xml')).code).toBe(2)
  })

  test('is one document of all reports, and nothing else', async () => {
    const { out } = await canlog(
      everySecond(b()),
      '-f',
      'json',
      '--count',
      '--sum',
      '--hist',
      '--scan=5',
      '--stat',
      '--pivot',
      '--pmm',
    )
    expect(Object.keys(JSON.parse(out))).toEqual(['count', 'sum', 'hist', 'pivot', 'scan', 'stat', 'pmm'])
  })

  test('follows messages as NDJSON when asked for in this way', async () => {
    const { lines } = await canlog(everySecond(announce(SERIAL)), '--format=ndjson', '--count')
    expect(JSON.parse(lines[0]!).values).toMatchObject({ serial: SERIAL })
  })

  test('is what --json means beside a report', async () => {
    const { out } = await canlog(candump([0, b()]), '--json', '--sum')
    expect(JSON.parse(out).sum).toMatchObject({ recs: 1, lines: 4 })
  })
})
