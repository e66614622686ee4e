process.env.TZ = 'UTC'

import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { b, candump, type Entry } from './build-log.ts'
import { run } from './run.ts'

/** A payload with a u16 at 2 and a u8 at 6 of zeros elsewhere. */
function payload(word: number, byte: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(word, 2)
  bytes[6] = byte
  return bytes
}

const entries: Entry[] = [
  [0, b({ payload: payload(5230, 88) })],
  [60, b({ payload: payload(5240, 87) })],
  [61, b({ source: 4, payload: payload(0, 87) })],
]
const cloud = { 'bms.vol': 5235, 'bms.soc': 87.5, 'bms.name': 'text', 'bms.zero': 0, 'inv.freq': 30_000 }

function search(files: Readonly<Record<string, object>>, ...args: string[]) {
  const texts = Object.entries(files).map(([path, values]) => [path, JSON.stringify(values)])
  return run(['x.log', '--meta', '--quiet', ...args], {
    files: { 'x.log': candump(...entries), ...Object.fromEntries(texts) },
  })
}

const minutes = (folder: string, ...names: string[]) =>
  Object.fromEntries(names.map(name => [`${folder}/23/1114/${name}.json`, cloud]))

describe('--meta', () => {
  test('finds the places that hold the values of the cloud, with their width', async () => {
    const { code, out, err, file } = await search(minutes('db-export', '2212', '2213', '2214', '2215'))
    expect([code, out]).toEqual([0, ''])
    expect(err).toBe('wattzup: meta analysis complete for 2 streams over 2 minutes\n')
    // 5235 within 2 %: 5130 to 5340; 87.5: 85 to 90
    expect(JSON.parse(file('cl-meta.json'))).toEqual({
      'bms.vol': { '03-01-00': ['2_002', '4_002'] },
      'bms.soc': { '03-01-00': ['1_006', '2_006'], '04-01-00': ['1_006', '2_006'] },
    })
    expect(JSON.parse(file('cl-mint.json'))).toEqual({ bms: ['03-01-00'] })
    expect(JSON.parse(file('cl-mstr.json'))).toEqual({ '03-01-00': 2, '04-01-00': 1 })
  })

  test('takes the folder that it is told, and tells each missing file once', async () => {
    const { err } = await search(minutes('my/cloud', '2213', '2214'), '--meta=my/cloud')
    expect(err.split('\n')).toEqual([
      'wattzup: no meta source: my/cloud/23/1114/2212.json',
      'wattzup: no meta source: my/cloud/23/1114/2215.json',
      'wattzup: meta analysis complete for 2 streams over 2 minutes',
      '',
    ])
  })

  test('drops places that fit in fewer than 99 of 100 minutes', async () => {
    const files = Object.entries(minutes('db-export', '2213', '2214', '2217'))
    const log = candump(...entries, [240, b({ payload: payload(9999, 88) })])
    const { file } = await run(['x.log', '--meta', '--quiet', '--mad=03'], {
      files: { 'x.log': log, ...Object.fromEntries(files.map(([path, values]) => [path, JSON.stringify(values)])) },
    })
    expect(JSON.parse(file('cl-meta.json'))).toEqual({ 'bms.soc': { '03-01-00': ['1_006', '2_006'] } })
  })

  test('goes on over a file that is not JSON', async () => {
    const { code, err } = await run(['x.log', '--meta', '--quiet'], {
      files: { 'x.log': candump(...entries), 'db-export/23/1114/2213.json': '{' },
    })
    expect(code).toBe(0)
    expect(err).toContain('wattzup: db-export/23/1114/2213.json: ')
  })

  test('writes with --compat what the original does: offsets alone, sorted as text, not in JSON', async () => {
    const { lines, file } = await search(minutes('db-export', '2212', '2213', '2214', '2215'), '--compat')
    expect(lines).toEqual(['meta analysis complete for 2 streams over 2 minutes'])
    expect(stripVTControlCharacters(file('cl-meta.json')).replaceAll(/\s+/g, ' ')).toBe(
      "{ 'bms.vol': { '03-01-00': [ 2 ] }, 'bms.soc': { '03-01-00': [ 6 ], '04-01-00': [ 6 ] } }",
    )
  })

  test('searches only what passes the filters', async () => {
    const { file } = await search(minutes('db-export', '2212', '2213', '2214', '2215'), '--mad=04')
    expect(JSON.parse(file('cl-mstr.json'))).toEqual({ '04-01-00': 1 })
  })
})
