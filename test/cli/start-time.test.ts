import { expect, test } from 'vitest'
import { parseStart } from '../../src/cli/start-time.ts'

const parse = (text: string) => parseStart(text, 77, '2026-06-01T06:00:00Z')

test.each([
  ['now', 77],
  ['1780293600.5', 1_780_293_600_500],
  ['2026-06-01', Date.UTC(2026, 5, 1)],
  ['2026-06-01T06:00', Date.UTC(2026, 5, 1, 6)],
  ['2026-06-01T06:00:01.5Z', Date.UTC(2026, 5, 1, 6, 0, 1, 500)],
  ['2026-06-01T06:00:00+02:00', Date.UTC(2026, 5, 1, 4)],
])('%s is a time, UTC where no zone is given', (text, ms) => {
  expect(parse(text)).toBe(ms)
})

test.each(['', 'yesterday', '2026-13-01', '2026-06-01 06:00', '06:00', '-5'])('%j is none', text => {
  expect(() => parse(text)).toThrow(`--start: ${text} is no time; write it like 2026-06-01T06:00:00Z, or now`)
})
