import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StructSet } from '../../../src/decode/struct-set.ts'
import { FrameCutter } from '../../../src/protocols/lxp/cutter.ts'
import type { Direction, LxpFrame } from '../../../src/protocols/lxp/frame.ts'
import { STRUCTS } from '../../fake-io.ts'

const captures = process.env['WATTZUP_CAPTURES'] ?? ''

/** Folder of the captures; whether it is there. */
export const CAPTURES = join(captures, 'lxp')
export const hasCaptures = captures !== '' && existsSync(CAPTURES)

/** A page of the protocol's papers, which lie beside the captures. */
export function protocolFile(name: string): string {
  return readFileSync(join(captures, '../protocols', name), 'utf8')
}

export function captureText(name: string): string {
  return readFileSync(join(CAPTURES, name), 'utf8')
}

export const lxpStructs = new StructSet('lxp', JSON.parse(readFileSync(join(STRUCTS, 'lxp.json'), 'utf8')))

/** A block of settings to put words into. */
export const blank: LxpFrame = {
  ...{ type: 'hold', direction: 'reply', protocol: 5, tcpFunction: 0xc2, datalog: '', inverter: 'X' },
  data: new Uint8Array(0),
  bytes: new Uint8Array(0),
}

/** All frames of some bytes, copied, and the reasons of what was rejected. */
export function framesOf(bytes: Uint8Array, direction: Direction = 'reply') {
  const frames: LxpFrame[] = []
  const reasons: string[] = []
  const cutter = new FrameCutter(direction)
  const take = (frame: LxpFrame) => void frames.push({ ...frame, data: Uint8Array.from(frame.data) })
  const reject = (error: { context: Readonly<Record<string, unknown>> }) =>
    void reasons.push(String(error.context['reason']))
  cutter.push({ data: bytes, at: Number.NaN, origin: 'test' }, take, reject)
  cutter.end(take, reject)
  return { frames, reasons }
}

/** Cells of a CSV that has no quotes. */
export function plainCsv(text: string): string[][] {
  return text
    .trim()
    .split(/\r?\n/)
    .map(line => line.split(','))
}
