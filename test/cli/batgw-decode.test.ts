import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

async function decode(log: string, args = '--json'): Promise<FakeIo> {
  const io = fakeIo(['batgw', 'decode', 'x.log', ...args.split(' ')], { files: { 'x.log': log } })
  io.status.code = await main(io)
  return io
}

interface Printed {
  readonly time: string
  readonly family: string
  readonly device: string
  readonly message: string
  readonly values: Readonly<Record<string, unknown>>
}

function printed(io: FakeIo): Printed[] {
  const lines = io.stdout.split('\n').filter(line => line !== '')
  return lines.map(line => JSON.parse(line) as Printed)
}

// frames of a pack while it charges with 3.1 A, of Battery-Emulator pull request 552
const STATUS = '(1700000000.500000) can0 444#A6016913645F9683\n'
const HELLO = '(1700000001.000000) can1 151#0053554E47524F57\n'

describe('batgw decode', () => {
  test('gives readings of both buses with their times and interfaces', async () => {
    const io = await decode(STATUS + HELLO)
    const [status, hello] = printed(io)
    expect(status).toMatchObject({
      time: '2023-11-14T22:13:20.500Z',
      family: 'byd-atto3',
      device: 'can0',
      message: 'pack_status',
      values: { voltage: 422, current: -3.1, soh: 100 },
    })
    expect(hello).toMatchObject({ family: 'byd-hvs', device: 'can1', values: { brand: 'SUNGROW' } })
    expect(io.status.code).toBe(0)
    expect(io.stderr).toBe('')
  })

  test('tells answers of UDS apart by what they answer', async () => {
    const io = await decode(
      '(1.000000) can0 7EF#0562002BFC0CAAAA\n(1.100000) can0 7EF#037F2231AAAAAAAA\n(1.200000) can0 7E7#0322002BAAAAAAAA\n',
    )
    expect(printed(io).map(({ message }) => message)).toEqual(['uds_min_cell_voltage', 'uds_refused', 'uds_read'])
    expect(printed(io)[0]!.values['pid_min_cell_voltage']).toBe(3.324)
  })

  test('takes the definitions of the battery and inverter that were named', async () => {
    const io = await decode('(1.000000) can1 00004200#0200000000000000\n', '--json --inverter pylon')
    expect(printed(io)[0]).toMatchObject({ family: 'pylon-can', message: 'request', values: { request: 'ensemble' } })
    expect((await decode(STATUS, '--battery tesla')).status.code).toBe(2)
  })

  test('prints text by default', async () => {
    const io = fakeIo(['batgw', 'decode', '-'], { stdin: STATUS })
    expect(await main(io)).toBe(0)
    expect(io.stdout).toMatch(/pack_status.*422/s)
  })

  test('counts what it does not know, and what is no whole frame', async () => {
    const io = await decode(`${STATUS}(1.000000) can0 123#0000000000000000\n(1.000000) can0 444#A601\n`)
    expect(printed(io)).toHaveLength(1)
    expect(io.stderr).toContain('1 frame of no known content')
    expect(io.stderr).toContain('1 frame that is no whole one')
  })

  test('exits 3 where nothing was decoded, 1 where it is no log', async () => {
    expect((await decode('(1.000000) can0 123#00\n')).status.code).toBe(3)
    expect((await decode('this is no log\n')).status.code).toBe(1)
  })

  test.skipIf(CAPTURES === undefined)('reads the recorded start of a gateway', async () => {
    const log = readFileSync(join(CAPTURES!, 'batgw/normal-start.candump.log'), 'utf8')
    const readings = printed(await decode(log))
    const last = (message: string) => readings.findLast(reading => reading.message === message)!.values
    expect(last('cell_extremes')).toMatchObject({ min_cell_voltage: 3.324, max_cell_voltage: 3.328 })
    expect(last('limits')).toMatchObject({ max_charge_current: 23.6, max_discharge_current: 23.6 })
    expect(last('cell_temperatures')).toMatchObject({ min_temperature: 22, max_temperature: 23, soc: 95 })
  })
})
