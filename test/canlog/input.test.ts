process.env.TZ = 'UTC'

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { a, b, c, candump, everySecond } from './build-log.ts'
import { A, at, B, C, timed } from './expected.ts'
import { canlog, run } from './run.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-input-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A file on the disk. */
function onDisk(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const log = everySecond(a(), b(), c())
const lines = timed(A, B, C)

describe('several logs', () => {
  const later = candump([3, b()])

  test('are read one after the other as if they were one', async () => {
    const [first, second] = [log.slice(0, 150), log.slice(150)]
    const cut = first.lastIndexOf('\n') + 1
    const files = { one: log.slice(0, cut), two: first.slice(cut) + second, three: later }
    const result = await run(['one', 'two', 'three', '--count'], { files })
    expect(result.err).toBe('')
    expect(result.lines.slice(0, 4)).toEqual([...lines, `${at(3)} ${B}`])
    expect(result.out).toContain('chan: { A: 3, B: 8, C: 4 }')
  })

  test('may be standard input too', async () => {
    const result = await run(['x', '-', 'y'], { files: { x: everySecond(a()), y: later }, stdin: candump([1, b()]) })
    expect(result.lines).toEqual([`${at(0)} ${A}`, `${at(1)} ${B}`, `${at(3)} ${B}`])
  })

  test('are read as far as they can be: each failure is a line, and the status is 1', async () => {
    const missing = join(folder, 'missing')
    const result = await run(['x', missing, folder, 'y', '--sum'], { files: { x: log, y: later } })
    expect(result.code).toBe(1)
    expect(result.lines.slice(0, 4)).toEqual([...lines, `${at(3)} ${B}`])
    expect(result.out).toContain('lines: 15')
    expect(result.err).toBe(
      `wattzup: cannot open ${missing}: no such file or folder\nwattzup: cannot read ${folder}: it is a directory\n`,
    )
  })
})

describe('a log that cannot be read', () => {
  test('is named by its format where that is no CAN log', async () => {
    const { code, out, err } = await canlog('MDF     4.10    ')
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^wattzup: cannot read x\.log: it is an MDF \(MF4\) measurement file; [^\n]*\n$/)
  })

  test('of another format is read like a candump log', async () => {
    const trc = `;$FILEVERSION=2.1
;$STARTTIME=46082.25
;$COLUMNS=N,O,T,B,I,d,R,L,D
      1         1.234 DT 1 14123456 Rx - 2 01 02
`
    const utf16 = [...'\ufeff(1.0) can0 001#00\n'].flatMap(char => [char.charCodeAt(0) & 255, char.charCodeAt(0) >> 8])
    for (const bytes of [Buffer.from(trc), Uint8Array.from(utf16)]) {
      const { code, err } = await canlog(bytes, '--count')
      expect([code, err]).toEqual([0, expect.not.stringContaining('cannot read')])
    }
  })

  test('is shown by its beginning when it is nothing known', async () => {
    const binary = Uint8Array.from({ length: 5000 }, (_, i) => (i * 37 + 11) & 255)
    const { code, out, err } = await canlog(binary)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^wattzup: cannot read x\.log: no CAN log; it begins with "[^\n]{1,400}\.\.\."; [^\n]*\n$/)
    expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect((await canlog(new Uint8Array(100_000))).err).toContain('no CAN log; it begins with')
    const text = await canlog('Dear diary,\r\n')
    expect(text.err).toContain('no CAN log; it begins with "Dear diary,";')
  })

  test('prints its reports all the same', async () => {
    const { code, out } = await canlog('Dear diary', '--sum')
    expect([code, out]).toEqual([1, expect.stringContaining('recs: 0')])
  })
})

test('an empty log gives nothing, and reports of zeros', async () => {
  expect(await canlog('')).toMatchObject({ code: 0, out: '', err: '' })
  const { code, out } = await canlog(
    '',
    '--count',
    '--sum',
    '--hist',
    '--scan=1',
    '--stat',
    '--pivot',
    '--pmm',
    '--meta',
  )
  expect(code).toBe(0)
  expect(out).toMatch(/^\{\n.*\{ samples: \{} }\n\{\n.* lines: 0,.*\[17] {3}0 undefined\n\{ scan: \{} }\n$/s)
  expect(await canlog('\n \r\n\n')).toMatchObject({ code: 0, out: '', err: '' })
})

describe('lines', () => {
  test('may end in CR LF, and the last one in nothing', async () => {
    expect(await canlog(log.replaceAll('\n', '\r\n'))).toMatchObject({ lines, err: '' })
    expect(await canlog(log.trimEnd())).toMatchObject({ lines, err: '' })
    expect(await canlog(log.trimEnd().replaceAll('\n', '\r\n'))).toMatchObject({ lines, err: '' })
  })

  test('may be a megabyte long, without harm to the next', async () => {
    for (const end of ['\n', '\r\n', '']) {
      const long = `${log}${'x'.repeat(1_000_000)}${end}`
      const { lines: shown, err } = await canlog(end === '' ? long : `${long}${candump([3, b()])}`)
      expect(shown.slice(0, 3)).toEqual(lines)
      expect(shown.slice(3)).toEqual(end === '' ? [] : [`${at(3)} ${B}`])
      expect(err).toBe('wattzup: skipped: 1 lines of more than 256 KiB (line 12)\n')
    }
  })

  test('that are too long by any number of bytes are told from those that are not', async () => {
    for (const length of [262_142, 262_143, 262_144, 262_145]) {
      const { lines: shown, err } = await canlog(`${log}${'x'.repeat(length)}\n${log}`)
      expect(shown).toEqual([...lines, ...lines])
      expect(err).toMatch(/^wattzup: skipped: 1 lines (of more than 256 KiB|that are no frames) \(line 12\)\n$/)
    }
  })

  test('are counted whatever they are', async () => {
    const { out } = await canlog(`${log}\n# x\n${'x'.repeat(500_000)}\n(1.0) can0 123#R\n`, '--sum', '--quiet')
    expect(out).toContain('lines: 15,')
  })
})

describe('a gzip file', () => {
  const many = Array.from({ length: 3000 }, (_, i) => candump([i, b({ sequence: i * 7919 })])).join('')
  let all: readonly string[] = []
  beforeAll(async () => {
    all = (await canlog(many)).lines
  })

  test('is unpacked, whatever its name', async () => {
    expect((await run([onDisk('one.log', gzipSync(log))])).lines).toEqual(lines)
    expect((await run([onDisk('many.gz', gzipSync(many))])).lines).toEqual(all)
    expect((await run([onDisk('empty.gz', gzipSync(''))])).code).toBe(0)
  })

  test('may have several members', async () => {
    const parts = [many.slice(0, 1000), many.slice(1000, 200_000), many.slice(200_000)]
    const path = onDisk('members.gz', Buffer.concat(parts.map(part => gzipSync(part))))
    expect((await run([path])).lines).toEqual(all)
  })

  test.each([0.2, 0.5, 0.9])(
    'that breaks off at %d of its length prints what came before, and one line',
    async share => {
      const whole = gzipSync(many)
      const path = onDisk('cut.gz', whole.subarray(0, Math.floor(whole.length * share)))
      const { code, lines: shown, err } = await run([path])
      expect(code).toBe(1)
      expect(err).toMatch(new RegExp(`^wattzup: cannot unpack ${path}: [^\\n]+\\n(wattzup: passed over: [^\\n]*\\n)?$`))
      expect(shown).toEqual(all.slice(0, shown.length))
      expect(shown.length).toBeGreaterThan(all.length * share * 0.8)
    },
  )

  test('that breaks off counts the lines that came before', async () => {
    const whole = gzipSync(many)
    const path = onDisk('counted.gz', whole.subarray(0, whole.length >> 1))
    const { lines: shown } = await run([path, '--sum', '--json'])
    const { sum } = JSON.parse(shown.join('')) as { sum: { lines: number } }
    expect(sum.lines).toBeGreaterThan(0)
    expect(sum.lines).toBeLessThan(many.split('\n').length)
  })

  test('that is damaged fails with one line', async () => {
    const damaged = gzipSync(many)
    damaged.fill(0, 5000, 5100)
    const { code, err } = await run([onDisk('bad.gz', damaged)])
    expect([code, err]).toEqual([1, expect.stringMatching(/^wattzup: cannot unpack [^\n]*\n/)])
    const { code: headless } = await run([onDisk('short.gz', gzipSync(log).subarray(0, 5))])
    expect(headless).toBe(1)
  })
})
