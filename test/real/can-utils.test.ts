import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { byteSource } from '../../src/core/bytes.ts'
import { CAN, type CanFrame } from '../../src/core/can.ts'
import { createReader, detectFormat } from '../../src/framing/detect.ts'
import { realPart } from './real-part.ts'

const SAMPLES = join(import.meta.dirname, '../../samples/ecoflow')
const log2long = realPart('log2long', 'can-utils')

/** The frames of a log as candump's screen shows them. */
function shown(log: Buffer): string[] {
  const lines: string[] = []
  const source = byteSource(log.length + 1)
  source.bytes.set(log)
  source.bytes[log.length] = 10
  const format = detectFormat(log, log.length) as 'candump' | 'candump-screen'
  const sink = { frame: (frame: CanFrame) => void lines.push(screenLine(frame)) }
  createReader(format, sink, { head: log }).read(source, 0, log.length + 1)
  return lines
}

function screenLine(frame: CanFrame): string {
  frame.origin.readTime(frame)
  const time = `${frame.seconds}.${String(Math.floor(frame.nanos / 1000)).padStart(6, '0')}`
  const extended = (frame.flags & CAN.extended) !== 0
  const id = frame.id
    .toString(16)
    .toUpperCase()
    .padStart(extended ? 8 : 3, '0')
  const data = Array.from(frame.data.subarray(0, frame.length), byte =>
    byte.toString(16).toUpperCase().padStart(2, '0'),
  )
  return `(${time}) ${id} [${frame.length}] ${data.join(' ')}`.trimEnd()
}

/** The same of a line that can-utils printed. */
function normalised(line: string): string {
  const [, time, id, length, data = ''] =
    /^\s*\((\S+)\)\s+\S+\s+([0-9A-F]+)\s+\[(\d+)\]\s*((?:[0-9A-F]{2} ?)*)/.exec(line) ?? []
  return `(${time}) ${id} [${length}] ${data.trim()}`.trimEnd()
}

describe.skipIf(log2long.missing)(`can-utils reads the sample logs as we do${log2long.reason}`, () => {
  test.each(['powerkit.log', 'powerstream.log'])('%s', name => {
    const log = readFileSync(join(SAMPLES, name))
    const { stdout, status } = spawnSync('log2long', { input: log, maxBuffer: 1 << 28 })
    expect(status).toBe(0)
    const theirs = stdout.toString('latin1').split('\n').filter(Boolean).map(normalised)
    expect(shown(log)).toEqual(theirs)
    expect(shown(stdout)).toEqual(theirs) // and our reader of the screen form reads what they printed
  })
})
