process.env.TZ = 'UTC'

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { segmented } from './build-log.ts'
import { asCandump, capture, hasCaptures, plainLine, REASON, said, timeText, vector, wholePackets } from './captures.ts'
import { canlog, linesOf } from './run.ts'

const SAMPLES = join(import.meta.dirname, '../../samples/ecoflow')

/** The values of a log's only message with this command, in NDJSON. */
async function valuesOf(log: string, cmdSet: number, cmdId: number): Promise<Record<string, unknown>> {
  const objects = (await linesOf(log, '--json')).map(line => JSON.parse(line))
  const found = objects.filter(object => object.cmdSet === cmdSet && object.cmdId === cmdId)
  expect(found).toHaveLength(1)
  return found[0].values
}

/** Values with their floats rounded to three decimals, as the page writes them. */
const rounded = (values: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
    ]),
  )

test('V8: a message of channel C', async () => {
  const log = [
    '(1700000000.000000) can0 12012001#AA030800762C5A01',
    '(1700000000.001000) can0 12112001#0000014B12210101',
    '(1700000000.002000) can0 12112001#02015B58595E5F5C',
    '(1700000000.003000) can0 12212001#5D52101A',
    '',
  ].join('\n')
  expect(await linesOf(log, '--hdr', '--pairs', '--chr')).toEqual([
    '231114.221320.003 C 12001 AA030800762C5A010000014B122101010201 AA03 0008 76 2C 01 AA 03 08 00 76 2C 5A 01 00 00 01 4B 12 21 01 01 02 01 5B 58 59 5E 5F 5C 5D 52 10 1A 01 02 03 04 05 06 07 08 ........',
  ])
})

describe.skipIf(!hasCaptures)(`the vectors of the page${REASON}`, () => {
  const packetOf = (name: string): string => {
    const bytes = Buffer.from(said(name, /`(aa02[0-9a-f]+)`/), 'hex')
    return segmented(bytes, { source: 3, destination: 0x14 })
      .map(({ id, data }) => `(1700000000.000000) can0 ${id}#${data.toString('hex').toUpperCase()}\n`)
      .join('')
  }

  test('V1: an announcement', async () => {
    const { blocks } = vector('V1')
    expect(await linesOf(blocks[0]!, '--rec', '--hdr', '--crc', '--hex')).toEqual([blocks[1]!.trim()])
    expect(await valuesOf(blocks[0]!, 0x35, 0x10)).toMatchObject({
      detail: 11,
      modVer: '1.1.1.141',
      ldver: '1.0.1.17',
      custom: 0,
    })
  })

  test('V2 and V3: short messages of channel A', async () => {
    const expected = (name: string, options: string) => said(name, new RegExp(`\`${options}\`: \`(.*)\``))
    const flg = ['--flg', '--hex', '--crc']
    expect(await linesOf(vector('V2').blocks[0]!, ...flg)).toEqual([expected('V2', flg.join(' '))])
    expect(await linesOf(vector('V3').blocks[0]!, '--hex', '--crc')).toEqual([expected('V3', '--hex --crc')])
  })

  test('V4: the golden message', async () => {
    const log = capture('single-message-3C.log')
    expect(await linesOf(log, '--rec')).toEqual([vector('V4').blocks[0]!.trim()])
    expect(rounded(await valuesOf(log, 3, 0x2f))).toMatchObject({
      chgVolLimit: 53.87,
      f32Soc: 8.346,
      soc: 15,
      vol: 51.866,
      amp: -0.183,
      designCap: 40,
      chgRemainTime: 143_999,
      dsgRemainTime: 634,
      chgUpline: 100,
      dsgDownline: 5,
    })
  })

  test('V5: 22 frames in a CSV log, the last one filled up', async () => {
    const rows = capture('delta_ac_out_on_head34500.csv').split(/(?<=\n)/)
    const start = rows.indexOf(`${said('V5', /first `([^`]*)`/)}\n`)
    const end = rows.indexOf(`${said('V5', /last `([^`]*)`/)}\n`, start)
    const own = rows.slice(start, end + 1).filter(row => row.split(',')[1]!.endsWith('60314'))
    const log = [rows[0], ...own].join('')
    const [line = ''] = await linesOf(log, '--crc')
    expect(line).toBe(`${said('V5', /`(A 60314 [^`]*?) ?`/)} e6fe e6fe`)
    expect(rounded(await valuesOf(log, 3, 0x2f))).toMatchObject({
      appVersion: '2.11.2.114',
      f32Soc: 25.606,
      soc: 26,
      vol: 52.67,
      amp: -0.101,
      maxTemp: 27,
      minTemp: 24,
      designCap: 20,
      chgRemainTime: 5939,
      dsgRemainTime: 2969,
      chgUpline: 100,
      dsgDownline: 20,
    })
  })

  test('V6: the heartbeat 20:02', async () => {
    const [line = ''] = await linesOf(packetOf('V6'), '--hex')
    expect(line.split(' ').at(-1)?.replaceAll(',', '')).toBe(said('V6', /payload `([0-9a-f]+)`/))
    expect(rounded(await valuesOf(packetOf('V6'), 0x20, 2))).toMatchObject({
      chgVol: 54.742,
      chgAmp: 17.395,
      maxChargeSoc: 100,
      bmsModel: 13,
      lcdShowSoc: 26,
      openUpsFlag: 1,
      chgRemainTime: 5939,
      dsgRemainTime: 2970,
      emsIsNormalFlag: 1,
      f32LcdShowSoc: 25.531,
      minDsgSoc: 20,
    })
  })

  test('V7: live values 03:30', async () => {
    expect(await valuesOf(packetOf('V7'), 3, 0x30)).toMatchObject({
      chgVolLimit: 55.67,
      chgAmpLimit: 2.094,
      vol: 52.673,
      amp: -0.101,
      chgRemainTime: 5939,
      dsgRemainTime: 2969,
      soc: 26,
      maxCellVol: 3.294,
      minCellVol: 3.291,
      maxTemp: 27,
      minTemp: 24,
      fullCap: 19.929,
      remainCap: 5.103,
    })
  })

  test('V9: a protobuf heartbeat', async () => {
    const first = said('V9', /`(10014001#AA13[0-9A-F]*)`/)
    const log = capture('powerstream_head2500.log').split(/(?<=\n)/)
    const start = log.findIndex(line => line.includes(first))
    const own = log.slice(start).filter(line => / 1[01][0-2]14001#/.test(line))
    const end = own.findIndex(line => line.includes(' 10214001#'))
    const message = own.slice(0, end + 1).join('')
    const [line = ''] = await linesOf(message, '--hex')
    expect(line).toContain(` B 14001 AA13 ${(445).toString(16).toUpperCase().padStart(4, '0')} DD 2D 3EAF00 00 `)
    expect(line).toContain(
      ` 1401 ${said('V9', /payload starts `([0-9a-f]+)`/)
        .match(/../g)!
        .join(' ')}`,
    )
    expect(await valuesOf(message, 0x14, 1)).toMatchObject({
      pv1InputVolt: 35.8,
      pv1InputWatts: 11,
      pv1Temp: 34,
      pv2InputVolt: 34.9,
      pv2InputWatts: 12,
      batOpVolt: 50.9,
      invOpVolt: 245.4,
      invOutputCur: 0.378,
      invOutputWatts: 23,
      invFreq: 49.9,
      installCountry: 18_242,
      permanentWatts: 800,
      upperLimit: 100,
    })
  })
})

describe.skipIf(!hasCaptures)(`the captures${REASON}`, () => {
  test.each([
    ['lfp_battery_pre_fw_1.1.1.141.log', 1114],
    ['powerstream_head2500.log', 449],
  ])('%s gives %i lines, those that a slow reader makes', async (name, count) => {
    const log = capture(name)
    const lines = await linesOf(log)
    expect(lines).toHaveLength(count)
    expect(lines).toEqual(wholePackets(log).map(packet => `${timeText(packet.at)} ${plainLine(packet)}`))
    expect(await linesOf(log, '--compat')).toEqual(lines)
  })

  test('delta_ac_out_on_head34500.csv gives 4723 lines, and 31 messages are dropped', async () => {
    const csv = capture('delta_ac_out_on_head34500.csv')
    const lines = await linesOf(csv, '--csv')
    expect(lines).toHaveLength(4723)
    expect(lines).toEqual(wholePackets(asCandump(csv)).map(plainLine))
    expect(await linesOf(csv)).toEqual(lines)
    for (const args of [[], ['--compat']]) {
      const { out } = await canlog(csv, '--sum', '--quiet', ...args)
      expect(out).toContain('dropped: 31,')
    }
  })
})

test.each(['powerkit.log', 'powerstream.log'])('the sample %s gives the lines of a slow reader', async name => {
  const log = readFileSync(join(SAMPLES, name), 'latin1')
  expect(await linesOf(log)).toEqual(wholePackets(log).map(packet => `${timeText(packet.at)} ${plainLine(packet)}`))
})
