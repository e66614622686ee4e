import { expect, test } from 'vitest'
import { ByteGrid } from '../../src/explore/byte-grid.ts'
import { gridJson } from '../../src/explore/grid-json.ts'
import { gridLines } from '../../src/explore/grid-text.ts'
import { feed, float, little } from './streams.ts'

/** A counter, a slow u16 and a constant temperature: 300 messages of seven bytes. */
const grid = feed(300, n => [n & 255, ...little(500 + n, 2), ...float(21.5)])

test('prints a header and a row per byte, with values where they begin', () => {
  const [header, titles, ...rows] = gridLines(grid)
  expect(header).toBe('S  300 messages of 7 bytes')
  expect(titles!.split(/ +/)).toEqual(['at', 'last', 'changes', 'u8', 'u16', 'i16', 'f32', 'guess', 'evidence'])
  expect(rows).toHaveLength(7)
  expect(rows[0]).toMatch(/^ 0 {2}2B {4}299 100% {2}0\.\.255 .* counter .* \+1 each time, wraps at 255$/)
  // 500..799 passes 512 and 768
  expect(rows[1]).toMatch(/^ 1 {2}1F {4}299 100% {2}0\.\.255 +500\.\.799 +500\.\.799 /)
  expect(rows[2]).toMatch(/^ 2 {2}03 {7}2 <1% {2}1\.\.3 .*high byte of u16 at 1/)
  expect(rows[3]).toMatch(/^ 3 {2}00 {11}- {2}0 +0 +0 +21\.5 +constant/)
  expect(rows[6]).toMatch(/^ 6 {2}41 {11}- {2}65 +constant +41 in all 300 messages$/)
})

test('columns stand under their titles', () => {
  const [, titles, ...rows] = gridLines(grid)
  const at = titles!.indexOf('evidence')
  for (const row of rows) expect(row.slice(at - 2, at)).toBe('  ')
})

test.each([60, 80, 100, 120, 160])('keeps within a terminal of %i columns without losing evidence', width => {
  const full = [...gridLines(grid)].filter(line => line.includes('each time'))
  const lines = [...gridLines(grid, { width })]
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(width)
  const words = lines.join(' ').replace(/ +/g, ' ')
  expect(lines.filter(line => /\s$/.test(line))).toEqual([])
  expect(full).toHaveLength(2)
  expect(words).toContain('changed 299 of 299 times, +1 each time, wraps at 255')
})

test('paints names, titles, constants and guesses, and nothing that plain text lacks', () => {
  const paint = {
    name: (text: string) => `<n>${text}</n>`,
    quiet: (text: string) => `<q>${text}</q>`,
    guess: (text: string) => `<g>${text}</g>`,
  }
  const painted = [...gridLines(grid, { paint })]
  expect(painted[0]).toBe('<n>S</n>  300 messages of 7 bytes')
  expect(painted[2]).toMatch(/<g>counter +<\/g>/)
  expect(painted.at(-1)).toMatch(/^<q>.*<\/q>$/)
  expect(painted.map(line => line.replace(/<\/?[nqg]>/g, ''))).toEqual([...gridLines(grid)])
})

test('names lengths that vary, bytes left out, and streams left out', () => {
  const small = new ByteGrid({ streams: 2, payloadBytes: 4 })
  for (let n = 0; n < 3; n++) small.add('one', new Uint8Array(3 + n), 0, 3 + n)
  for (const name of ['empty', 'three', 'four']) small.add(name, new Uint8Array(0), 0, 0)
  const lines = [...gridLines(small)]
  expect(lines[0]).toBe('one  3 messages of 3..5 bytes, only 4 shown (1 message longer)')
  expect(lines.slice(-3)).toEqual(['', 'empty  1 message of 0 bytes', '2 messages of further streams not shown'])
})

test('a name cannot steer the terminal', () => {
  const hostile = new ByteGrid()
  hostile.add('\u001b[2J\nx', Uint8Array.of(1), 0, 1)
  expect([...gridLines(hostile)][0]).toBe('_[2J_x  1 message of 1 byte')
})

test('gives the same facts as JSON', () => {
  const json = gridJson(grid)
  expect(json.untracked).toBe(0)
  const [stream] = JSON.parse(JSON.stringify(json)).streams
  expect(stream).toMatchObject({ stream: 'S', messages: 300, lengths: [7, 7] })
  expect(stream.bytes).toHaveLength(7)
  expect(stream.bytes[0]).toMatchObject({ at: 0, last: '2B', changes: 299, distinct: 256, u8: [0, 255] })
  expect(stream.bytes[1]).toMatchObject({ u16le: [500, 799], i16le: [500, 799] })
  expect(stream.bytes[2].values).toEqual(['01', '02', '03'])
  expect(stream.bytes[3].f32le).toEqual({ range: [21.5, 21.5], values: 1, implausible: 0 })
  expect(stream.bytes[6]).not.toHaveProperty('u16le')
  expect(stream.bytes[6].guess).toEqual({
    kind: 'constant',
    guess: 'constant',
    evidence: '41 in all 300 messages',
    confidence: 'high',
  })
})
