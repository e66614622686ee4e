import { expect, test } from 'vitest'
import { table } from '../../src/cli/table.ts'

test('aligns cells, drops empty columns and trailing spaces', () => {
  const columns = [{ title: 'A', right: true }, { title: 'NONE' }, { title: 'NAME' }, { title: 'NOTE' }]
  expect(
    table(
      columns,
      [
        ['1', '', 'å', ''],
        ['100', '', 'long', 'x'],
      ],
      ' ',
    ),
  ).toBe(['   A  NAME  NOTE', '   1  å', ' 100  long  x', ''].join('\n'))
})

test('colours cells without moving them', () => {
  const columns = [{ title: 'A', paint: (text: string) => `<${text}>` }, { title: 'B' }]
  expect(
    table(columns, [
      ['x', 'y'],
      ['xx', 'y'],
    ]),
  ).toBe(['A   B', '<x >  y', '<xx>  y', ''].join('\n'))
})
