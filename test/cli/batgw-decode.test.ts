import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

async function decode(log: string, args = '--json', config = ''): Promise<FakeIo> {
  const files = { 'x.log': log, 'x.conf': config }
  const io = fakeIo(['batgw', 'decode', 'x.log', ...args.split(' ')], { files })
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

  test('does not take what the gateway would not: frames with a wrong checksum are counted by their ID', async () => {
    const wrong = STATUS.replace('F9683', 'F9684')
    const io = await decode(`${STATUS}${wrong}${wrong}(1700000001.000000) can0 447#0930014000000000\n`)
    expect(printed(io).map(({ message }) => message)).toEqual(['pack_status'])
    expect(io.stderr).toBe('wattzup: battery: checksum: 444: 2\nwattzup: battery: checksum: 447: 1\n')
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

  test('tells frames of UDS that are no whole message from answers', async () => {
    const io = await decode('(1.000000) can0 7EF#2162002BFC0CAAAA\n(1.000000) can0 7E7#3008050000000000\n')
    expect(printed(io).map(({ message }) => message)).toEqual(['uds_flow_control'])
    expect(io.stderr).toContain('1 frame of no known content')
  })

  describe('with the configuration of the gateway', () => {
    const config = (inverter: string, battery = 'protocol byd') =>
      `battery { ${battery} interface can0 }\ninverter { ${inverter} interface $SUN }\n`
    const values = async (inverter: string, ...frames: string[]) => {
      const log = frames.map(frame => `(1.000000) can1 ${frame}\n`).join('')
      const io = await decode(log, '--json -f x.conf -D SUN=can1', config(inverter))
      return printed(io).map(({ family, message, values: all }) => ({ family, message, ...all }))
    }

    test('knows byte order, offset and address of the Pylontech form', async () => {
      const amperes = { max_charge_current: 23.6, max_discharge_current: 23.6, max_charge_voltage: 439 }
      const vendor = await values('protocol pylon address 1', '00004221#2611EC0E1C761C76')
      expect(vendor).toMatchObject([{ family: 'pylon-can', message: 'limits', ...amperes }])
      const legacy = await values('protocol pylon dialect legacy', '00004220#11260EEC00EC00EC')
      expect(legacy).toMatchObject([{ family: 'pylon-can-legacy', message: 'limits', ...amperes }])
      const mixed = await values('protocol pylon byte order big', '00004220#11260EEC761C761C')
      expect(mixed).toMatchObject([{ family: 'pylon-can-legacy', ...amperes }])
    })

    test('knows the low-voltage dialect, whose frames are shorter, and whose frame an ID is that both sides have', async () => {
      const lv = 'protocol pylon dialect low-voltage voltage resolution 0.1'
      const frames = ['356#7C101F00E600', '355#5F006400', '35E#50594C4F4E202020', '351#1402C012C012']
      expect(await values(lv, ...frames)).toMatchObject([
        { family: 'pylon-can-lv', message: 'values', voltage: 422, current: 3.1, temperature: 23 },
        { message: 'charge', soc: 95, soh: 100 },
        { message: 'maker', maker: 'PYLON   ' },
        { message: 'limits', max_charge_voltage: 53.2, max_discharge_current: 480 },
      ])
      const isolation = '(1.000000) can0 35E#8180608A105D00A7\n'
      const io = await decode(isolation, '--json -f x.conf -D SUN=can1', config(lv))
      expect(printed(io)[0]).toMatchObject({ family: 'byd-atto3', message: 'isolation' })
    })

    test('takes the battery from it, too', async () => {
      const mg4 = config('protocol byd', 'protocol mg4 accept no-cell-data')
      const io = await decode('(1.000000) can0 12C#00004DBC51C00000\n', '--json -f x.conf -D SUN=can1', mg4)
      expect(printed(io)[0]).toMatchObject({ family: 'mg4', values: { voltage: 327, current: -5 } })
    })

    test('has to be understood as a whole, and stands alone', async () => {
      const broken = await decode(STATUS, '-f x.conf', 'battery { protocol byd }\n')
      expect(broken.status.code).toBe(1)
      expect(broken.stderr).toContain('x.conf:1: byd battery: interface not configured')
      expect((await decode(STATUS, '-f x.conf --battery byd', config('protocol byd'))).status.code).toBe(2)
      const both = fakeIo(['batgw', 'decode', '-', '-f', '-'], { stdin: STATUS })
      expect(await main(both)).toBe(2)
      expect(both.stderr).toContain('standard input is the log or the configuration, not both')
    })
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
