import { describe, expect, test } from 'vitest'
import type { Value } from '../../../src/core/values.ts'
import { analysisDocument, analysisLine } from '../../../src/protocols/lxp/analysis.ts'
import { type DecodedFrame, FrameDecoder } from '../../../src/protocols/lxp/decoded.ts'
import { type Direction, errorName, type LxpFrame } from '../../../src/protocols/lxp/frame.ts'
import type { Model } from '../../../src/protocols/lxp/model.ts'
import { ModelsSeen } from '../../../src/protocols/lxp/models-seen.ts'
import { blank, captureText, framesOf, hasCaptures, lxpStructs, protocolFile } from './captures.ts'

// Expected values are those of lxp-vectors.json: what other projects' tests, portals and a second decoder say.

interface Expected {
  readonly protocol: number
  readonly tcp_function: number
  readonly datalog: string
  readonly address?: number
  readonly device_function?: number
  readonly inverter?: string
  readonly register?: number
  readonly count?: number
  readonly registers?: Readonly<Record<string, number>>
  readonly values?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly name: string }
  readonly payload?: string
  readonly value?: number
}

interface Vector {
  readonly name: string
  readonly hex: string
  readonly direction: Direction
  readonly model: Model
  readonly expected: Expected
}

const vectors = hasCaptures ? (JSON.parse(protocolFile('lxp-vectors.json')) as Vector[]) : []

describe.skipIf(!hasCaptures)('vectors (skipped without the folder WATTZUP_CAPTURES)', () => {
  test('there are forty', () => expect(vectors).toHaveLength(40))

  test.each(vectors)('$name is taken apart', ({ hex, direction, expected }) => {
    const { frames, reasons } = framesOf(Buffer.from(hex, 'hex'), direction)
    expect(reasons).toEqual([])
    expect(frames.map(asVector)).toEqual([
      {
        protocol: expected.protocol,
        tcp_function: expected.tcp_function,
        datalog: expected.datalog,
        address: expected.address,
        device_function: expected.device_function,
        inverter: expected.inverter,
        register: expected.register,
        count: expected.count,
        error: expected.error,
      },
    ])
  })

  test.each(vectors.filter(({ expected }) => expected.values !== undefined))(
    '$name has its values and no others',
    vector => expect(decodedAsVector(decoded(vector))).toEqual(vector.expected.values),
  )

  test.each(vectors.filter(({ expected }) => expected.registers !== undefined))('$name has its words', vector => {
    const { frame } = decoded(vector)
    const first = frame.register!
    const words = Object.entries(vector.expected.registers!)
    expect(frame.data.length).toBe(words.length * 2)
    for (const [register, word] of words)
      expect(Buffer.from(frame.data).readUInt16LE((+register - first) * 2)).toBe(word)
  })

  test.each(vectors.filter(({ expected }) => expected.values === undefined))('$name says what it carries', vector => {
    const { error, payload, value, registers, register } = vector.expected
    const line = analysisLine(decoded(vector), Number.NaN, false)
    const own = { error: line['error'], payload: line['payload'], value: line['value'], register: line['register'] }
    expect({ ...own, registers: line['registers'] }).toEqual({ error, payload, value, registers, register })
    expect(line['values']).toEqual({})
    expect(analysisDocument(decoded(vector), false)['type']).toBe(line['message'])
  })
})

describe.skipIf(!hasCaptures)('captures (skipped without the folder WATTZUP_CAPTURES)', () => {
  test('every frame of real_frames.txt is one good frame, but the one that was cut', () => {
    const lines = captureText('real_frames.txt')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
    expect(lines.length).toBeGreaterThan(25)
    for (const line of lines) {
      const [name = '', , hex = ''] = line.split(' | ')
      const direction = /_req|_build_|_cmd/.test(name) ? 'request' : 'reply'
      const { frames, reasons } = framesOf(Buffer.from(hex.trim(), 'hex'), direction)
      const cut = name === 'truncated_hold_0_79'
      expect([name, frames.length, reasons]).toEqual([name, cut ? 0 : 1, cut ? ['truncated'] : []])
    }
  })

  test('every block of the data log gives the words that it was written from', () => {
    const rows = captureText('12kpv_datalog_part1.jsonl').trim().split('\n')
    expect(rows).toHaveLength(259)
    for (const text of rows) {
      const { register_type, start, words_hex } = JSON.parse(text)
      const words = Buffer.from(words_hex, 'hex').swap16() // most significant digit first
      const frame = { ...blank, type: register_type, register: start, count: words.length / 2, data: words }
      const { fields } = new FrameDecoder(lxpStructs, new ModelsSeen(undefined, 'hybrid'), true).decode(frame)
      for (const { raw, register, info } of fields) {
        if (raw === undefined || register === undefined || info.type !== 'number' || info.decimals === 0) continue
        if (info.name.includes('total')) continue // pairs: checked by the vectors
        const word = words.readUInt16LE((register - start) * 2)
        const half = lxpStructs.definition.messages[register_type]!.fields[info.name]![1] === 'u8'
        if (!half) expect(raw & 0xffff).toBe(word)
      }
    }
  })
})

function decoded({ hex, direction, model }: Vector): DecodedFrame {
  const [frame] = framesOf(Buffer.from(hex, 'hex'), direction).frames
  return new FrameDecoder(lxpStructs, new ModelsSeen(model, 'hybrid'), true).decode(frame!)
}

function asVector(frame: LxpFrame) {
  const { protocol, tcpFunction, datalog, address, deviceFunction, inverter, register, count, errorCode } = frame
  const error = errorCode === undefined ? undefined : { code: errorCode, name: errorName(errorCode) }
  const rest = { address, device_function: deviceFunction, inverter, register, count, error }
  return { protocol, tcp_function: tcpFunction, datalog, ...rest }
}

/** Values in the shape of the vectors: names and yes as numbers, the bits of a word as an object in its place. */
function decodedAsVector({ fields }: DecodedFrame): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { info, value, raw, isPart, isCode, register } of fields) {
    if (register === undefined || info.name.endsWith('_text')) continue
    const word = Object.keys(values).findLast(name => isPart && info.name.startsWith(`${name}_`) && name !== 'model')
    if (!isPart) values[info.name] = isCode || value === null ? raw : value
    else if (word !== undefined) {
      const bits = typeof values[word] === 'object' ? (values[word] as Record<string, Value>) : {}
      values[word] = { ...bits, [info.name.slice(word.length + 1)]: Number(value) }
    }
  }
  return values
}
