process.env.TZ = 'UTC'

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { b, candump, everySecond, lengthOfType } from './build-log.ts'
import { canlog } from './run.ts'

const SERIAL = 'M999DEMO00000001'

/** Record 4F:21: percent at 0, state at 1, input power u16 at 2, output power i16 at 6. */
function totals(percent: number, input: number, output = 0, fields = {}) {
  const payload = Buffer.alloc(lengthOfType('4F', 29))
  payload[0] = percent
  payload.writeUInt16LE(input, 2)
  payload.writeInt16LE(output, 6)
  return b({ payload, destination: 0x21, ...fields })
}

/** Record D2:20: a serial at 1, a float at 62. */
function capability(value: number, serial = SERIAL) {
  const payload = Buffer.alloc(lengthOfType('D2', 66))
  payload.write(serial, 1, 'latin1')
  payload.writeFloatLE(value, 62)
  return b({ payload, destination: 0x20 })
}

const zeros = Object.fromEntries(
  ['RemainTime', 'FullCap', 'Amp'].map(name => [`bmsTotal.total${name}`, [0, 0, 0]] as const),
)
const total = (percent: number[], input: number[], output: number[]) => ({
  'bmsTotal.bmsChgUpline': [0, 0, 0],
  'bmsTotal.bmsDsgDownline': [0, 0, 0],
  'bmsTotal.lcdOffConfirmS': [0, 0, 0],
  'bmsTotal.oilStopUpline': [0, 0, 0],
  ...zeros,
  'bmsTotal.totalChgDsgState': [0, 0, 0],
  'bmsTotal.totalInWatts': input,
  'bmsTotal.totalOutWatts': output,
  'bmsTotal.totalSoc': percent,
})

const sorted = (map: object) => Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)))
const minute = (name: string, map: object) => `${name} ${inspect(sorted(map))}`
const printed = async (log: string, ...args: string[]) => {
  const { code, out, err } = await canlog(log, '--pmm', '--quiet', ...args)
  expect(code, err).toBe(0)
  return out
}

describe('--pmm', () => {
  const log = candump([0, totals(50, 100, -7)], [1, totals(52, 101, -8)], [2, totals(51, 104, -8)], [40, totals(9, 9)])

  test('prints least, greatest and rounded average of raw values when the minute has passed', async () => {
    // (100 + 101 + 104) / 3 = 101.67; (-7 - 8 - 8) / 3 = -7.67
    const first = total([50, 52, 51], [100, 104, 102], [-8, -7, -8])
    const second = total([9, 9, 9], [9, 9, 9], [0, 0, 0])
    expect(await printed(log)).toBe(`${minute('231114.2213', first)}\n${minute('231114.2214', second)}\n`)
  })

  test('rounds halves up, also below zero', async () => {
    const halves = candump([0, totals(0, 1, -3)], [1, totals(0, 2, -4)])
    expect(await printed(halves)).toContain("'bmsTotal.totalInWatts': [ 1, 2, 2 ]")
    expect(await printed(halves)).toContain("'bmsTotal.totalOutWatts': [ -4, -3, -3 ]")
  })

  test('stands among the lines where the minute ends', async () => {
    const { lines } = await canlog(log, '--pmm')
    const times = lines.flatMap((line, i) => (/^231114\.22\d\d/.test(line) ? [[i, line.slice(0, 12)]] : []))
    expect(times.map(([, text]) => text)).toEqual([
      '231114.22132',
      '231114.22132',
      '231114.22132',
      '231114.2213 ',
      '231114.22140',
      '231114.2214 ',
    ])
  })

  test('ignores the filters', async () => {
    expect(await printed(log, '--rrf=FF')).toBe(await printed(log))
  })

  test('puts the serial number into paths once it is known, and leaves such paths out before', async () => {
    const path = `bp5000.${SERIAL}.powerCapability`
    expect(await printed(everySecond(capability(1.5)))).toBe(`231114.2213 { '${path}': [ 1.5, 1.5, 1.5 ] }\n`)
    expect(await printed(everySecond(capability(1.5, 'no serial here..')))).toBe('231114.2213 {}\n')
    expect(await printed(everySecond(capability(1.5, '_999DEMO00000001')))).toBe('231114.2213 {}\n')
  })

  test('keeps the decimals of floats, which the original rounds', async () => {
    const floats = everySecond(capability(1.5), capability(2.25))
    expect(await printed(floats)).toContain('[ 1.5, 2.25, 1.875 ]')
    expect(await printed(floats, '--compat')).toContain('[ 1.5, 2.25, 2 ]')
  })

  test('prints texts, which the original takes apart', async () => {
    // record 1F: a text at 290 with the path bp2000.SERIAL.moduleSn
    const payload = Buffer.alloc(lengthOfType('1F', 306))
    payload.write('HW51DEMO00000001', 290)
    const text = everySecond(b({ payload }))
    expect(await printed(text)).toContain("'bp2000.HW51DEMO00000001.moduleSn': 'HW51DEMO00000001'")
    // 'H', 'W', 5 / 1
    expect(await printed(text, '--compat')).toContain("'bp2000.HW51DEMO00000001.moduleSn': [ 'H', 'W', 5 ]")
  })

  test('is a list of minutes with --format json, and works beside --rec=used', async () => {
    const { out } = await canlog(log, '--pmm', '--format=json', '--rec=used')
    const { pmm } = JSON.parse(out)
    expect(pmm).toEqual([
      { minute: '231114.2213', values: total([50, 52, 51], [100, 104, 102], [-8, -7, -8]) },
      { minute: '231114.2214', values: total([9, 9, 9], [9, 9, 9], [0, 0, 0]) },
    ])
    expect(await printed(log, '--rec=used')).toBe(await printed(log))
  })

  test('prints nothing for a log without records, and takes no value', async () => {
    expect(await printed('')).toBe('')
    const { code, err } = await canlog('', '--pmm=base,host,1,user,pass')
    expect([code, err]).toEqual([2, expect.stringContaining('--pmm takes no value here')])
  })
})
