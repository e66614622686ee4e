import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../../src/core/writer.ts'
import type { FieldRow } from '../../../src/decode/definition.ts'
import { StructSet } from '../../../src/decode/struct-set.ts'
import { analysisDocument, analysisLine } from '../../../src/protocols/lxp/analysis.ts'
import { BlockWriter } from '../../../src/protocols/lxp/blocks/block-writer.ts'
import { documentForm, indented } from '../../../src/protocols/lxp/blocks/document-form.ts'
import { lineForm } from '../../../src/protocols/lxp/blocks/line-form.ts'
import { FrameDecoder } from '../../../src/protocols/lxp/decoded.ts'
import type { LxpFrame } from '../../../src/protocols/lxp/frame.ts'
import { MODELS, type Model } from '../../../src/protocols/lxp/model.ts'
import { ModelsSeen } from '../../../src/protocols/lxp/models-seen.ts'
import { block, dataFrame, heartbeat } from './build-frame.ts'
import { framesOf, lxpStructs } from './captures.ts'

// What is written without making objects must be what JSON.stringify makes of the objects, byte for byte.

interface Options {
  readonly structs?: StructSet
  readonly model?: Model
  readonly all?: boolean
  readonly guesses?: boolean
}

interface Written {
  readonly text: string
  /** Frames that were not left to others. */
  readonly blocks: number
}

const TIME = Date.UTC(2026, 2, 1, 10)

function write(frames: readonly LxpFrame[], form: 'document' | 'line', options: Options = {}): Written {
  const { structs = lxpStructs, model, all = false, guesses = false } = options
  const decoder = new FrameDecoder(structs, new ModelsSeen(model, 'hybrid'), guesses)
  const parts: Buffer[] = []
  const out = new ByteWriter(bytes => parts.push(Buffer.from(bytes)))
  const writer = new BlockWriter(out, decoder, form === 'line' ? lineForm(all) : documentForm(all))
  let blocks = 0
  for (const frame of frames) {
    if (writer.write(frame, TIME)) blocks++
    else out.text(slow(frame, form, decoder, all))
    out.endLine()
  }
  out.flush()
  return { text: Buffer.concat(parts).toString(), blocks }
}

function slow(frame: LxpFrame, form: 'document' | 'line', decoder: FrameDecoder, all: boolean): string {
  const decoded = decoder.decode(frame)
  return form === 'line' ? JSON.stringify(analysisLine(decoded, TIME, all)) : indented(analysisDocument(decoded, all))
}

function expected(frames: readonly LxpFrame[], form: 'document' | 'line', options: Options = {}): string {
  const { structs = lxpStructs, model, all = false, guesses = false } = options
  const decoder = new FrameDecoder(structs, new ModelsSeen(model, 'hybrid'), guesses)
  return frames.map(frame => `${slow(frame, form, decoder, all)}\n`).join('')
}

const FORMS = ['document', 'line'] as const

/** Blocks that dongles send, those that cut numbers in two, and the one register that is not always there. */
const WINDOWS = [
  ...([
    [4, 0, 127],
    [4, 127, 127],
    [4, 254, 127],
    [4, 0, 40],
    [4, 40, 40],
    [4, 67, 1],
    [4, 66, 3],
    [4, 41, 9],
  ] as const),
  ...([
    [3, 0, 80],
    [3, 0, 127],
    [3, 80, 40],
    [3, 19, 1],
    [3, 1000, 5],
    [4, 65_500, 35],
  ] as const),
]

/** A stream in which few words change from one block to the next of its kind, or many. */
const streams = fc
  .array(
    fc.record({
      window: fc.constantFrom(...WINDOWS),
      inverter: fc.constantFrom('DEMO000001', 'DEMO000002', '"\\\u0001\u00e9'),
      datalog: fc.constantFrom('DEMODONGLE', 'DEMODONGLE', 'DONGLE "2"'),
      isNew: fc.nat(9).map(n => n === 0),
      changes: fc.array(
        fc.tuple(fc.nat(126), fc.oneof(fc.nat(0xffff), fc.nat(12), fc.constantFrom(127, 0x8000, 0x2c, 38))),
        { maxLength: 12 },
      ),
    }),
    { minLength: 2, maxLength: 40 },
  )
  .map(steps => {
    const words = new Map<string, number[]>()
    return steps.flatMap(({ window: [code, register, count], inverter, datalog, isNew, changes }) => {
      const key = `${code} ${register} ${count} ${inverter}`
      const old = words.get(key) ?? Array<number>(count).fill(0)
      const now = isNew ? old.map((word, i) => (word * 31 + i * 7919) & 0xffff) : [...old]
      for (const [at, word] of changes) now[at % count] = word
      words.set(key, now)
      return framesOf(block(code, register, now, { inverter, datalog })).frames
    })
  })

describe.each(FORMS)('blocks as a %s', form => {
  test('are what the objects are, whatever comes after what', () => {
    fc.assert(
      fc.property(
        streams,
        fc.constantFrom(undefined, ...MODELS),
        fc.boolean(),
        fc.boolean(),
        (frames, model, all, guesses) => {
          const options = { ...(model === undefined ? {} : { model }), all, guesses }
          expect(write(frames, form, options).text).toBe(expected(frames, form, options))
        },
      ),
      { numRuns: 80 },
    )
  })

  test('are all written without objects', () => {
    const frames = Array.from({ length: 10 }, (_, i) => framesOf(block(4, 0, words(127, i))).frames[0]!)
    expect(write(frames, form)).toEqual({ text: expected(frames, form), blocks: 10 })
  })

  test('do not hold up what is none', () => {
    const bytes = [heartbeat(), dataFrame(0x86, 234, [3]), dataFrame(6, 67, [90, 0]), block(4, 0, [])]
    const frames = [...bytes, ...bytes].flatMap(one => framesOf(one).frames)
    expect(write(frames, form)).toEqual({ text: expected(frames, form), blocks: 0 })
  })

  test('of ever other registers are written too', () => {
    const kinds = Array.from({ length: 600 }, (_, i) => framesOf(block(4, 100 + i, [i, 1])).frames[0]!)
    const frames = kinds.flatMap(frame => [frame, frame])
    expect(write(frames, form)).toEqual({ text: expected(frames, form), blocks: 1200 })
  })
})

function words(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 2654 + seed * (i % 3)) & 0xffff)
}

/** Definitions that a user may write, which are more than a list of numbers. */
const ODD: Readonly<Record<string, Readonly<Record<string, FieldRow>>>> = {
  'two fields of one label': { a: [0, 'u16', { label: 'Same' }], b: [1, 'u16', 'V', { label: 'Same' }] },
  'names and labels that are numbers': { b: [0, 'u16', { label: '7' }], '12': [1, 'u16', { label: '3' }] },
  'a first label that may be missing': { a: [0, 'u16', 'V', { na: 0 }], b: [1, 'u16'] },
  'a label in the middle that may be missing': {
    a: [0, 'u16'],
    b: [1, 'i16', '0.1 V', { na: [0, -1] }],
    c: [2, 'u16'],
  },
  'a float': { a: [0, 'f32', 'V'], b: [2, 'u16'] },
  'an array': { a: [0, 'u16', { repeat: 3 }], b: [3, 'u16'] },
  'a number of 64 bits': { a: [0, 'u64', 'Wh'], b: [4, 'u16'] },
  'texts of all kinds': {
    a: [0, 'ascii4'],
    b: [2, 'hex2'],
    c: [3, 'bcd2'],
    d: [4, 'hhmm'],
    e: [5, 'pf', 'V'],
    f: [6, 'pf'],
  },
  'scales of all kinds': {
    ...{ a: [0, 'u16', '0.001 V'], b: [1, 'i16', '-0.5 A'], c: [2, 'u32', '0.0000001 kWh'], d: [4, 'u48', '1000 W'] },
    ...{ e: [7, 'i32', '0.1 °C -2731'], f: [9, 'u16', '0.0625'], g: [10, 'i16', '25 "'] },
  },
  'words and their bits': {
    ...{ a: [0, 'u16', { flags: { '0': 'one', '3': 'four' } }], b: ['0.3', 'bool', { overlap: true }] },
    ...{ c: ['1.0', 'u8', '%'], d: ['1.8', 'u8', '%'], e: [2, 'u16', { enum: { '1': 'on', '2': 'é "quoted"' } }] },
  },
  'sources of derived values that are not plain numbers': {
    charge_power: [0, 'u16', 'W', { na: 0 }],
    discharge_power: [1, 'u16', { enum: { '1': 'much' } }],
    grid_import_power: [2, 'u16', '0.1 W'],
    grid_export_power: [3, 'u16', 'W'],
    battery_power: [4, 'u16', 'W'],
  },
}

describe.each(Object.entries(ODD))('a definition with %s', (_, fields) => {
  const message = {
    match: 'input',
    fields,
    derived: { battery_power: ['W'], grid_power: ['W', { label: 'Grid "power"' }] },
  }
  const definition = { family: 'lxp', title: 'odd', endian: 'little', unit: 'register', messages: { input: message } }
  const structs = new StructSet('lxp', definition as never)

  test.each(FORMS)('is written as the objects are: %s', form => {
    const word = fc.oneof(fc.nat(0xffff), fc.nat(3))
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { minLength: 12, maxLength: 12 }), { minLength: 2, maxLength: 8 }),
        fc.boolean(),
        (blocks, all) => {
          const frames = blocks.flatMap(words => framesOf(block(4, 0, words)).frames)
          expect(write(frames, form, { structs, all }).text).toBe(expected(frames, form, { structs, all }))
        },
      ),
    )
  })
})

test('a text of a block grows far beyond what it was at first', () => {
  const names = Object.fromEntries(Array.from({ length: 16 }, (_, bit) => [bit, 'x'.repeat(200)]))
  const message = { match: 'input', fields: { a: [0, 'u16', { flags: names }], b: [1, 'u16'] } }
  const definition = { family: 'lxp', title: 'long', endian: 'little', unit: 'register', messages: { input: message } }
  const structs = new StructSet('lxp', definition as never)
  const frames = [0, 0, 1, 0xffff, 0xfffe, 0, 0x7777].flatMap(word => framesOf(block(4, 0, [word, word])).frames)
  expect(write(frames, 'line', { structs })).toEqual({ text: expected(frames, 'line', { structs }), blocks: 7 })
})
