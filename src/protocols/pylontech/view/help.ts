import { flagMark } from './box-items.ts'
import { FLAGS } from './flags.ts'
import { type Line, type Style, span } from './line.ts'

const KEYS: readonly (readonly [key: string, what: string])[] = [
  ['q, Ctrl-C', 'quit'],
  ['p', 'pause: the picture stands still, the source is read on'],
  ['s', 'order: address, SOC, spread, temperature'],
  ['a', 'only modules with alarms or without an answer'],
  ['1 to 9', 'one module with everything; left and right: the one beside it'],
  ['l', 'what began and ended to be wrong'],
  ['m, M', 'curves: power, current, voltage, SOC, spread, temperature'],
  ['w', 'time of the curves: 5 min, 1 h, 24 h'],
  ['t', 'summary and keys away, and back'],
  ['arrows, j, k', 'up and down; Page Up, Page Down, Home, End too'],
  ['r, Ctrl-L', 'draw everything anew'],
  ['Ctrl-Z', 'stop; fg brings it back'],
  ['Esc, 0', 'back to all modules'],
]

const MARKS: readonly (readonly [mark: string, style: Style, what: string])[] = [
  ['3.303v', 'ok', 'no alarm'],
  ['3.303vv', 'low', 'v: alarm, too low'],
  ['3.303v^', 'high', '^: alarm, too high'],
  ['3.303F0', 'other', 'an alarm code without a name'],
  ['3.303v_', 'lowest', '_: the lowest cell, where they are too far apart'],
  ['3.303v=', 'highest', '=: the highest cell, where they are too far apart'],
  ['FAULT!', 'fault', 'the cell has failed, or the wire to it'],
  ['!UV', 'alarm', '!: a protection has acted, or the module wants something'],
  ['+C_FET', 'set', '+: is on'],
  ['?', 'faint', '?: not known'],
]

/** What the keys do, and what colours, marks and labels mean. */
export function helpLines(): Line[] {
  return [
    ...KEYS.map(([key, what]) => [span(`  ${key.padEnd(14)}`, 'strong'), span(what)]),
    [],
    ...MARKS.map(([mark, style, what]) => [
      span('  '),
      span(mark, style),
      span(' '.repeat(14 - mark.length)),
      span(what),
    ]),
    [],
    ...FLAGS.map(({ label, meaning, kind }) => [
      span(`  ${label.padEnd(14)}`, flagMark(kind, true).style),
      span(meaning),
    ]),
  ]
}
