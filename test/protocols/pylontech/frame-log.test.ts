import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameLog } from '../../../src/protocols/pylontech/frame-log.ts'

const FRAME = '~2002464F0000FD98'

function read(...chunks: readonly string[]): [number, string][] {
  const log = new FrameLog('test')
  const packets = chunks.flatMap(chunk => log.push(Buffer.from(chunk, 'latin1')))
  return [...packets, ...log.end()].map(({ at, data }) => [at, Buffer.from(data).toString('latin1')])
}

describe('a log of frames', () => {
  test.each([
    ['nothing else', FRAME, Number.NaN],
    ['a direction', `> ${FRAME}`, Number.NaN],
    ['Unix seconds', `1653553339.090550 ${FRAME}\\x0d`, 1_653_553_339_090],
    ['candump brackets', `(1653553339.09) TX ${FRAME}`, 1_653_553_339_090],
    ['UTC', `2026-03-01T10:00:00.123Z < ${FRAME}`, Date.UTC(2026, 2, 1, 10, 0, 0, 123)],
    ['no zone', `2026-03-01 10:00:00,5 < ${FRAME}`, Date.UTC(2026, 2, 1, 10, 0, 0, 500)],
    ['another zone', `[2026-03-01 10:00:00+0100] ${FRAME}`, Date.UTC(2026, 2, 1, 9)],
    ['Python', `2026-03-01 10:00:00 rx b'${FRAME}\\r'`, Date.UTC(2026, 2, 1, 10)],
    ['a remark', `${FRAME} (version)`, Number.NaN],
  ])('has lines with %s', (_, line, at) => {
    const [[time, text] = [0, '']] = read(`${line}\n`)
    expect(time).toBe(at)
    expect(text.slice(0, 18)).toBe(`${FRAME}\r`)
  })

  test('has comments, blank lines, bytes that do not print and a last line without an end', () => {
    expect(read(`# a ~ here\n\r\n\\x00\\xff${FRAME}\\x0d\\x00\r\n\\x000CF3CC7C\\x0d\n${FRAME}`)).toEqual([
      [Number.NaN, `${FRAME}\r\0\r\r`],
      [Number.NaN, '\x000CF3CC7C\r\r'],
      [Number.NaN, `${FRAME}\r`],
    ])
  })

  test('may be what a serial port gave, several frames and no line', () => {
    expect(read(`\0${FRAME}\r${FRAME}\r`)).toEqual([[Number.NaN, `${FRAME}\r${FRAME}\r\r`]])
  })

  test('is the same however it is chunked', () => {
    const text = `# x\n1653553339.5 ${FRAME}\n> ${FRAME}\\x0d\n${FRAME}\r\n`
    const whole = read(text)
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), cuts => {
        const edges = [0, ...cuts.sort((a, b) => a - b), text.length]
        expect(read(...edges.slice(1).map((end, i) => text.slice(edges[i], end)))).toEqual(whole)
      }),
    )
  })

  test('does not pile up a line that never ends', () => {
    const log = new FrameLog('test')
    const block = Buffer.alloc(65_536, '2')
    let packets = 0
    for (let i = 0; i < 40; i++) packets += log.push(block).length
    expect(packets).toBe(2)
  })
})
