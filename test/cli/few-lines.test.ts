import { expect, test } from 'vitest'
import { FewLines } from '../../src/cli/few-lines.ts'
import { FakeClock } from '../fake-io.ts'

test('twenty lines a minute are said, and of the others how many they were', () => {
  const clock = new FakeClock()
  const said: string[] = []
  const lines = new FewLines(line => said.push(line), clock)
  for (let i = 0; i < 1000; i++) lines.add(`line ${i}`)
  expect(said).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`))
  clock.advance(60_000)
  lines.add('later')
  expect(said.slice(20)).toEqual(['980 more lines like that left out', 'later'])
  lines.end()
  expect(said).toHaveLength(22)
  clock.advance(-3_600_000) // a clock that is set back does not silence anybody
  lines.add('earlier')
  expect(said.at(-1)).toBe('earlier')
})

test('what was left out is said at the end', () => {
  const said: string[] = []
  const lines = new FewLines(line => said.push(line), new FakeClock())
  for (let i = 0; i < 25; i++) lines.add('line')
  lines.end()
  lines.end()
  expect(said.slice(20)).toEqual(['5 more lines like that left out'])
})
