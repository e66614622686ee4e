import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Value } from '../../../src/core/values.ts'
import { CAPTURES, decodeFrames, decodePackets, needsCaptures, pylonCapture } from './decoding.ts'

/*
 * Expected values come from the vectors and from the table beside the recording, both computed by other programs.
 */

interface Vector {
  readonly id: string
  readonly cid2: string
  readonly request: string | null
  readonly response: string
  readonly decoded?: Readonly<Record<string, Value>>
  readonly error?: string
}

const vectors: Vector[] = CAPTURES === undefined ? [] : JSON.parse(readFileSync(pylonCapture('vectors.json'), 'utf8'))

describe.skipIf(CAPTURES === undefined)(`the published frames${needsCaptures}`, () => {
  test.each(vectors)('$id decodes to its values', async ({ request, response, decoded, error, cid2 }) => {
    const frames = request ? [request, response] : [response]
    const { readings, tally } = await decodeFrames(frames, { command: Number.parseInt(cid2, 16) })
    if (error !== undefined) {
      expect(tally).toEqual({ readings: 0, unknown: 0, rejects: { checksum: 1 } })
      return
    }
    expect(tally).toEqual({ readings: 1, unknown: 0, rejects: {} })
    expect(readings[0]!.values).toEqual(near(decoded!))
  })

  test.each(vectors.filter(({ error }) => error === undefined))(
    '$id says without its request what it answers',
    async ({ response, decoded, cid2 }) => {
      const assumed: number[] = []
      const { readings, tally } = await decodeFrames([response], { onAssumed: code => assumed.push(code) })
      expect(tally).toEqual({ readings: 1, unknown: 0, rejects: {} })
      expect(readings[0]!.values).toEqual(near(decoded!))
      expect(assumed).toEqual(decoded!['rtn'] === 0 ? [Number.parseInt(cid2, 16)] : [])
    },
  )

  test('frames.txt holds the same, in both directions', async () => {
    const lines = readFileSync(pylonCapture('frames.txt'), 'utf8')
      .split('\n')
      .filter(line => /^[<>]/.test(line))
    const { readings, tally } = await decodeFrames(lines.map(line => line.slice(2)))
    expect(tally.rejects).toEqual({ checksum: 1 })
    expect(readings.map(({ values }) => values)).toEqual(
      vectors.flatMap(({ decoded }) => (decoded === undefined ? [] : [near(decoded)])),
    )
  })
})

/** Power is rounded by others in other ways: a tenth of a watt is near enough. */
function near(value: Readonly<Record<string, Value>>): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner) =>
    key === 'power' && typeof inner === 'number' ? expect.closeTo(inner, 0) : inner,
  )
}

test.skipIf(CAPTURES === undefined)(`every reply of the 18-minute recording${needsCaptures}`, async () => {
  const [, ...rows] = readFileSync(pylonCapture('rs485-2packs-sniff.expected.csv'), 'utf8').trim().split(/\r?\n/)
  const packets = readFileSync(pylonCapture('rs485-2packs-sniff.log'), 'latin1')
    .split('\n')
    .map(line => Buffer.from(unescaped(line.slice(line.indexOf(' ') + 1)), 'latin1'))
  const { readings, tally } = await decodePackets(packets)
  expect(tally).toEqual({ readings: 522, unknown: 0, rejects: { 'no start': 1 } })
  const packs = readings.flatMap(({ values }) => (values['packs'] as Record<string, Value>[]).map(rowOf))
  expect(packs).toEqual(rows.map(row => row.split(',').slice(1)))
})

function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function rowOf(pack: Record<string, Value>, index: number): string[] {
  const fixed = (name: string, digits: number) => Number(pack[name]).toFixed(digits)
  const list = (name: string, digits: number) => (pack[name] as number[]).map(value => value.toFixed(digits)).join(' ')
  const voltages = [fixed('voltage', 3), fixed('current', 1), fixed('remaining_ah', 3), fixed('total_ah', 3)]
  const cells = [fixed('cell_min', 3), fixed('cell_max', 3), fixed('cell_delta_mv', 0)]
  return [`${index + 1}`, ...voltages, fixed('cycles', 0), ...cells, list('temperatures', 1), list('cell_voltages', 3)]
}
