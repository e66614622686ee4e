import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { ByteWriter } from '../../src/core/writer.ts'
import { writePcapHeader, writePcapPacket } from '../../src/framing/pcap-writer.ts'
import { fakeIo, type World } from '../fake-io.ts'
import { CAPTURES, needsCaptures, pylonCapture } from '../protocols/pylontech/decoding.ts'

async function run(line: string, world: World = {}) {
  const io = fakeIo(line.split(' '), world)
  const status = await main(io)
  return { status, out: io.stdout, err: io.stderr }
}

// made up, put together and summed by another program
const REQUEST = '~20024692E00202FD2E'
const REPLY = '~20024600B01402CEA4B4DC00F3FEFF58F8E2'
const DIALECT = '~20024600002E0002030CE40CEE0CF8010BA5000A03E1753002C3500007F3D6'
const VALUES = {
  ver: '2.0',
  adr: 2,
  rtn: 0,
  rtn_text: 'normal',
  command_value: 2,
  packs: [
    {
      charge_voltage_limit: 52.9,
      discharge_voltage_limit: 46.3,
      charge_current_limit: 24.3,
      discharge_current_limit: -25.7,
      status: 88,
      charge_enable: false,
      discharge_enable: true,
      charge_immediately_1: false,
      charge_immediately_2: true,
      full_charge_request: true,
    },
  ],
}

const reading = { family: 'pylontech', device: '0/2', message: 'management', values: VALUES }

describe('pylon decode', () => {
  test('decodes a pasted request and reply, in every format', async () => {
    const line = `pylon decode ${REQUEST} ${REPLY} --format`
    expect(JSON.parse((await run(`${line} ndjson`)).out)).toEqual(reading)
    expect(JSON.parse((await run(`${line} json`)).out)).toEqual([reading])
    const [header, row] = (await run(`${line} csv`)).out.split('\n').map(text => text.split(','))
    expect(row![header!.indexOf('packs_1_charge_voltage_limit')]).toBe('52.9')
    expect(await run(`${line} text`)).toEqual({
      status: 0,
      err: '',
      out: [
        '- 0/2 management  command_value 2  ver 2.0  adr 2  rtn 0  rtn_text normal',
        '  packs 1  charge_voltage_limit 52.9 V  discharge_voltage_limit 46.3 V  charge_current_limit 24.3 A  ' +
          'discharge_current_limit -25.7 A  status 88  charge_enable false  discharge_enable true  ' +
          'charge_immediately_1 false  charge_immediately_2 true  full_charge_request true',
        '',
      ].join('\n'),
    })
  })

  test('says what it takes a reply for whose request is not there', async () => {
    const { status, out, err } = await run(`pylon decode ${REPLY} --json`)
    expect(JSON.parse(out)).toEqual(reading)
    expect(err).toBe('wattzup: no request before 1 reply; taken as management (92), the only one that fits\n')
    expect(status).toBe(0)
  })

  test('believes --command, and refuses what does not fit it', async () => {
    expect((await run(`pylon decode ${REPLY} --command 92`)).err).toBe('')
    const { status, out, err } = await run(`pylon decode ${REPLY} --command 42 --trace-bytes`)
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toContain('wattzup: pylontech: INFO is no answer to 42: 02cea4b4dc00f3feff58\n')
    expect(err).toContain('skipped: 1 layout')
  })

  test('exits with 1 when nothing decodes, and with --strict when anything is skipped', async () => {
    const bad = `${REPLY.slice(0, -1)}0`
    expect(await run(`pylon decode ${bad}`)).toMatchObject({ status: 1, out: '' })
    expect((await run(`pylon decode ${bad} --json`)).out).toBe('')
    expect((await run(`pylon decode ${bad} --format json`)).out).toBe('[]\n')
    expect(await run(`pylon decode ${bad} ${REPLY} --strict`)).toMatchObject({ status: 1 })
    expect(await run(`pylon decode ${bad} ${REPLY}`)).toMatchObject({ status: 0 })
  })

  test('reads a log from standard input and a capture of bare frames from a file', async () => {
    const stdin = `1772359200.5 ${REQUEST}\n1772359200.623 < ${REPLY}\n`
    const time = '2026-03-01T10:00:00.623Z'
    expect(JSON.parse((await run('pylon decode - --json', { stdin })).out)).toEqual({ time, ...reading })
    const files = { 'bus.pcap': capture(147), 'net.pcap': capture(1) }
    expect(JSON.parse((await run('pylon decode bus.pcap --json', { files })).out)).toEqual({ time, ...reading })
    expect(await run('pylon decode net.pcap', { files })).toMatchObject({
      status: 1,
      err: 'wattzup: cannot read net.pcap: its link type is 1; 147 holds bare frames\n',
    })
  })

  test.skipIf(CAPTURES === undefined)(`reads the recording as log and as pcapng alike${needsCaptures}`, async () => {
    const [log, capture] = await Promise.all(
      ['rs485-2packs-sniff.log', 'rs485-2packs.pcapng'].map(name => run(`pylon decode ${pylonCapture(name)} --json`)),
    )
    const lines = log!.out.trimEnd().split('\n')
    expect(lines).toHaveLength(522)
    expect(capture!.out.startsWith(log!.out.slice(0, 10_000))).toBe(true)
  })

  test('masks serial numbers', async () => {
    const log = join(import.meta.dirname, '../../samples/pylontech/stack.log')
    expect((await run(`pylon decode ${log}`)).out).toContain('serial DEMO')
    expect((await run(`pylon decode ${log} --redact`)).out).not.toContain('DEMO')
    const torn = `${REPLY.slice(0, -1)}0`
    expect((await run(`pylon decode ${torn} --redact --trace-bytes`)).err).toContain('bad checksum: X\n')
  })

  test('warns of modules whose cells do not add up', async () => {
    // the same program: three cells of 9.93 V in all, and a module voltage in units of 10 mV
    const { status, err } = await run(`pylon decode ${DIALECT} --command 42`)
    expect(err).toBe('wattzup: module 1 says 0.993 V, its cells add up to 9.93 V: this may be another dialect\n')
    expect(status).toBe(0)
  })

  test('is wrong usage without a source, with a strange command, and with a terminal as input', async () => {
    expect((await run('pylon decode')).status).toBe(2)
    expect(await run(`pylon decode ${REPLY} --command 95`)).toMatchObject({ status: 2 })
    expect((await run('pylon decode -', { stdinIsTerminal: true })).status).toBe(2)
    expect((await run('pylon decode no-such.log')).status).toBe(1)
  })
})

/** A pcap file with the exchange as two packets. */
function capture(linkType: number): Uint8Array {
  const blocks: Uint8Array[] = []
  const out = new ByteWriter(bytes => void blocks.push(Uint8Array.from(bytes)))
  writePcapHeader(out, linkType)
  writePcapPacket(out, 1_772_359_200_500, Buffer.from(`${REQUEST}\r`))
  writePcapPacket(out, 1_772_359_200_623, Buffer.from(`${REPLY}\r`))
  out.flush()
  return Buffer.concat(blocks)
}

describe('simulate pylon', () => {
  const folder = join(import.meta.dirname, '../../samples/pylontech')
  const commands = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^wattzup (.*) > samples\/(.*)$/gm)]

  test.each(commands.map(([, line, file]) => ({ line: line!, file: file! })))(
    'writes samples/$file again',
    async ({ line, file }) => {
      expect((await run(line)).out).toBe(readFileSync(join(folder, '..', file), 'utf8'))
    },
  )

  test('writes logs that decode without a loss, and with faults says what was lost', async () => {
    const clean = await run('simulate pylon --frames 60 --packs 4 --all --kind us5000')
    expect(await run('pylon decode - --strict', { stdin: clean.out })).toMatchObject({ status: 0, err: '' })
    const bad = await run('simulate pylon --frames 300 --faults all=0.2')
    expect((await run('pylon decode -', { stdin: bad.out })).err).toMatch(/^wattzup: skipped: .*checksum/m)
  })

  test('refuses what makes no sense', async () => {
    for (const option of ['--packs 0', '--packs 15', '--frames x', '--start noon', '--faults smoke', '--kind us1']) {
      expect((await run(`simulate pylon ${option}`)).status).toBe(2)
    }
  })
})
