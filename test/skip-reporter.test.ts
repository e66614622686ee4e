import { expect, test } from 'vitest'
import { type Outcome, summary } from './skip-reporter.ts'

const outcome = (state: Outcome['state'], name: string, note?: string): Outcome => ({
  file: 'a.test.ts',
  name,
  state,
  note,
})

test('skipped tests are listed by their reason, and the counts come last', () => {
  const outcomes = [
    outcome('passed', 'one'),
    outcome('skipped', 'real > two (skipped: tmux is missing)'),
    outcome('failed', 'three'),
    outcome('skipped', 'captures (skipped without the folder) > four'),
    outcome('skipped', 'five', 'no mosquitto'),
    outcome('skipped', 'real > six (skipped: tmux is missing)'),
    outcome('skipped', 'seven'),
  ]
  expect(summary(outcomes, 1).split('\n')).toEqual([
    'skipped: tmux is missing',
    '  a.test.ts: real > two',
    '  a.test.ts: real > six',
    'skipped: without the folder',
    '  a.test.ts: captures > four',
    'skipped: no mosquitto',
    '  a.test.ts: five',
    'skipped: nobody said why',
    '  a.test.ts: seven',
    '1 passed, 2 failed, 5 skipped',
    '',
  ])
})

test('without skipped tests there are only the counts', () => {
  expect(summary([outcome('passed', 'one')])).toBe('1 passed, 0 failed, 0 skipped\n')
})
