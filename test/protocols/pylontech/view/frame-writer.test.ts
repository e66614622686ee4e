import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameWriter } from '../../../../src/protocols/pylontech/view/frame-writer.ts'
import { type Line, span } from '../../../../src/protocols/pylontech/view/line.ts'
import { FakeTerminal } from '../../../fake-terminal.ts'

const plain = (...lines: readonly string[]): Line[] => lines.map(text => [span(text)])

describe('a frame', () => {
  test('has only the lines that have changed', () => {
    const writer = new FrameWriter(true)
    const size = { columns: 20, rows: 3 }
    expect(writer.frame(plain('one', 'two', 'three'), size)).toContain('two')
    expect(writer.frame(plain('one', 'two', 'three'), size)).toBe('')
    const change = writer.frame(plain('one', '2', 'three'), size)
    expect(change).toBe('\u001b[2;1H2\u001b[K')
  })

  test('has everything anew for another size, and when nothing can be relied on', () => {
    const writer = new FrameWriter(false)
    writer.frame(plain('one', 'two'), { columns: 20, rows: 3 })
    expect(writer.frame(plain('one', 'two'), { columns: 21, rows: 3 })).toContain('one')
    writer.forget()
    expect(writer.frame(plain('one', 'two'), { columns: 21, rows: 3 })).toMatch(/^\u001b\[0m\u001b\[2J.*one/)
  })

  test('never erases behind a line that is full, which would take its last character', () => {
    const writer = new FrameWriter(false)
    expect(writer.frame(plain('12345'), { columns: 5, rows: 1 })).not.toContain('\u001b[K')
  })

  test('makes any screen of any other', () => {
    const rows = 4
    const columns = 8
    const screen = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: columns }), {
      maxLength: rows,
    })
    fc.assert(
      fc.property(fc.array(screen, { minLength: 1, maxLength: 6 }), fc.boolean(), (screens, colored) => {
        const terminal = new FakeTerminal(columns, rows)
        const writer = new FrameWriter(colored)
        for (const lines of screens) {
          terminal.write(
            writer.frame(
              lines.map(text => [span(text, 'alarm')]),
              { columns, rows },
            ),
          )
          const shown = Array.from({ length: rows }, (_, i) => (lines[i] ?? '').trimEnd())
          expect(terminal.lines).toEqual(shown)
        }
      }),
    )
  })
})
