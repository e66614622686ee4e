import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { b, candump, everySecond, savvycan, single } from './build-log.ts'
import { at, B } from './expected.ts'
import { canlog, linesOf } from './run.ts'

// Every test says which zone it is in: what is printed depends on it.
const zone = (name: string) => {
  process.env['TZ'] = name
}

beforeEach(() => zone('UTC'))
afterEach(() => zone('UTC'))

/** A B message of three frames (no payload), all with the same stamp. */
const stamped = (...stamps: string[]) =>
  stamps.map(stamp => candump([0, b({ payload: '' })]).replaceAll(/\([\d.]+\)/g, `(${stamp})`)).join('')

const times = async (log: string, ...args: string[]) =>
  (await linesOf(log, ...args)).map(line => line.slice(0, line.indexOf(' ')))

describe('the time column', () => {
  test.each([
    ['UTC', '231114.221320.000'],
    ['Europe/Berlin', '231114.231320.000'],
    ['Asia/Kolkata', '231115.034320.000'],
    ['America/St_Johns', '231114.184320.000'],
    ['Pacific/Auckland', '231115.111320.000'],
  ])('is local: in %s', async (name, time) => {
    zone(name)
    expect(await times(everySecond(b()))).toEqual([time])
  })

  test('goes over the hour that summer time leaves out and the one that comes twice', async () => {
    zone('Europe/Berlin')
    // 2024-03-31 01:00 UTC and 2024-10-27 01:00 UTC
    expect(await times(stamped('1711846799.999999', '1711846800.000000', '1729990799.500', '1729990800.500'))).toEqual([
      '240331.015959.999',
      '240331.030000.000',
      '241027.025959.500',
      '241027.020000.500',
    ])
  })

  test.each([
    ['1700000000', '.000'],
    ['1700000000.1', '.100'],
    ['1700000000.123', '.123'],
    ['1700000000.9999', '.999'],
    ['1700000000.999999999', '.999'],
    ['1700000000.0005', '.000'],
  ])('cuts %s and never rounds it', async (stamp, fraction) => {
    expect(await times(stamped(stamp))).toEqual([`231114.221320${fraction}`])
  })

  test('is that of a leap day and of the years around 2000', async () => {
    expect(await times(stamped('1709164800.000000', '946684799.000000', '0.000001'))).toEqual([
      '240229.000000.000',
      '991231.235959.000',
      '700101.000000.000',
    ])
  })

  test('lacks in the original the last digit of the stamp', async () => {
    expect(await times(stamped('1700000000.129', '1700000000.123456'), '--compat')).toEqual([
      '231114.221320.120',
      '231114.221320.123',
    ])
  })
})

describe('--tf', () => {
  test('multiplies stamps without a rounding error', async () => {
    const late = new Date(17_000_000_123_456).toISOString() // in 2508
    expect(await times(stamped('1.001999', '17000000.123456'), '--tf=1000')).toEqual([
      '700101.001641.999',
      late.replaceAll(/[-:Z]/g, '').replace('T', '.').slice(2),
    ])
    expect(await times(stamped('0.0015'), '--tf', '3')).toEqual(['700101.000000.004'])
  })

  test('is a number', async () => {
    for (const value of ['--tf=', '--tf=x', '--tf=1e999']) {
      const { code, err } = await canlog('', value)
      expect([code, err]).toEqual([2, expect.stringMatching(/^wattzup: --tf needs a number, not ".*"\n$/)])
    }
  })
})

describe('--tinc', () => {
  const log = everySecond(single('10600001', '00'), b({ payload: '' }), b({ payload: '' }))

  test('counts every line from 1970 on', async () => {
    // one line, then three of each message: the last of the first is the fourth
    expect(await times(log, '--tinc=1000')).toEqual(['700101.000004.000', '700101.000007.000'])
    expect(await times(log, '--tinc', '2.5')).toEqual(['700101.000000.010', '700101.000000.017'])
  })

  test('counts also the lines that a filter takes away, and none that are no frames', async () => {
    const noisy = `# comment\n\n${log}(1700000000.000000) can0 10003001#\n${candump([9, b({ payload: '', node: '09009' })])}`
    expect(await times(noisy, '--tinc=1000', '--node=09009')).toEqual(['700101.000010.000'])
  })

  test('gives CSV rows a time too', async () => {
    const csv = savvycan([[0, b({ payload: '' })]])
    expect(await times(csv, '--csv', '--time', '--tinc=100')).toEqual(['700101.000000.300'])
  })
})

describe('a CSV log', () => {
  const csv = savvycan([
    [1.5, b()],
    [61.25, b()],
  ])

  test('is found by content and prints no time', async () => {
    expect(await linesOf(csv)).toEqual([B, B])
    expect(await linesOf(csv, '--csv')).toEqual([B, B])
    expect(await linesOf(csv, '--str')).toEqual([`03-01-00 ${B}`, `03-01-00 ${B}`])
  })

  test('prints its stamps, microseconds from 1970 on, with --time', async () => {
    expect(await times(csv, '--time')).toEqual(['700101.000001.500', '700101.000101.250'])
    expect(await times(csv, '--csv', '--time', '--tf=10')).toEqual(['700101.000015.003', '700101.001012.503'])
  })

  test('has the one time of old where all its stamps are 0, and with --compat always', async () => {
    const without = csv.replaceAll(/^\d+,/gm, '0,')
    // 1709845200.032995 s
    expect(await times(without, '--time')).toEqual(['240307.210000.032', '240307.210000.032'])
    expect(await times(csv, '--time', '--compat')).toEqual(['240307.210000.032', '240307.210000.032'])
  })

  test('cuts its data at LEN', async () => {
    const padded = csv.replaceAll(/(,8(,[0-9A-F]{2}){8}),/g, '$1,FF,')
    expect(await linesOf(padded, '--hex')).toEqual([`${B} 01 02 03 04 05 06 07 08`, `${B} 01 02 03 04 05 06 07 08`])
  })

  test('is read with --csv also without its header', async () => {
    const [, ...rows] = csv.split(/(?<=\n)/)
    expect(await linesOf(rows.join(''), '--csv')).toEqual([B, B])
    const { code, err } = await canlog(rows.join(''))
    expect([code, err]).toEqual([1, expect.stringContaining('no CAN log')])
  })
})

test('a candump log prints its time also with --time', async () => {
  expect(await linesOf(everySecond(b()), '--time')).toEqual([`${at(0)} ${B}`])
})
