import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { StructError } from '../../src/core/errors.ts'
import { checkedDefinition } from '../../src/decode/check.ts'
import { StructLibrary } from '../../src/decode/library.ts'
import { hex } from './definitions.ts'

let folder: string
let builtIn: string
let own: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'structs-'))
  builtIn = join(folder, 'built-in')
  own = join(folder, 'own')
  mkdirSync(builtIn)
  mkdirSync(own)
  write(builtIn, 'base', {
    family: 'base',
    endian: 'big',
    enums: { mode: { 1: 'built-in' } },
    messages: {
      a: { match: ['1', '2'], fields: { x: [0, 'u16'], mode: [2, 'u8', { enum: 'mode' }] } },
      b: { match: '3', fields: { y: [0, 'u16'] } },
    },
  })
})

afterEach(() => rmSync(folder, { recursive: true }))

let stamp = 1_000_000_000

function write(into: string, name: string, definition: unknown): void {
  const file = join(into, `${name}.json`)
  writeFileSync(file, typeof definition === 'string' ? definition : JSON.stringify(definition))
  utimesSync(file, stamp, stamp++) // tests are faster than the clock of some file systems
}

const library = () => new StructLibrary(builtIn, own, checkedDefinition)

describe('a folder of definitions of the user', () => {
  test('replaces messages by name and takes over keys; all else stays', () => {
    write(own, 'base', {
      family: 'base',
      messages: {
        b: { note: '-', match: ['3', '2'], fields: { z: [0, 'u8'] } },
        c: { note: '-', match: '4', fields: { w: [0, 'u8'] } },
      },
    })
    const set = library().load('base')
    expect(set.messages).toEqual(['a', 'b', 'c'])
    expect(set.codec(['1'])?.decode(hex('010002'))).toEqual({ x: 256, mode: 2 })
    expect(set.codec(['2'])?.decode(hex('07'))).toEqual({ z: 7 })
    expect(set.codec(['4'])?.name).toBe('c')
  })

  test('means its own byte order and names, and leaves those of the built-in messages', () => {
    write(own, 'base', {
      family: 'base',
      enums: { mode: { 1: 'own' } },
      messages: { b: { note: '-', match: '3', fields: { y: [0, 'u16'], mode: [2, 'u8', { enum: 'mode' }] } } },
    })
    const set = library().load('base')
    expect(set.codec(['1'])?.decode(hex('010001'))).toEqual({ x: 256, mode: 'built-in' })
    expect(set.codec(['3'])?.decode(hex('010001'))).toEqual({ y: 1, mode: 'own' })
  })

  test('adds definitions', () => {
    write(own, 'mine', { family: 'mine', messages: {} })
    expect(library().names()).toEqual(['base', 'mine'])
    expect(library().load('mine').messages).toEqual([])
  })

  test('is checked, every problem told', () => {
    write(own, 'base', { family: 'base', messages: { b: { note: '-', fields: { y: [0, 'u17x'], z: [0, 'u8', 5] } } } })
    expect(() => library().load('base')).toThrow(`${join(own, 'base.json')}: b.z: the quantity must be a text, not 5`)
  })
})

describe('a library', () => {
  test('says what it does not have, and what it cannot read', () => {
    expect(() => library().load('nothing')).toThrow(
      'there are no definitions called nothing; see: wattzup structs list',
    )
    expect(() => new StructLibrary(join(folder, 'none'), undefined, checkedDefinition).names()).toThrow(StructError)
  })

  test('loads again what has changed, and keeps what it has when the new file is broken', () => {
    const used = library()
    const reports: string[] = []
    const report = (error: StructError) => void reports.push(error.message)
    used.load('base')
    expect(used.reload(report)).toEqual([])

    write(own, 'base', { family: 'base', messages: { b: { note: '-', match: '3', fields: { z: [0, 'u8'] } } } })
    expect(used.reload(report)).toEqual(['base'])
    expect(used.load('base').codec(['3'])?.decode(hex('07'))).toEqual({ z: 7 })

    write(own, 'base', '{ "family": ')
    expect(used.reload(report)).toEqual([])
    expect(used.reload(report)).toEqual([])
    expect(reports).toEqual([`${join(own, 'base.json')}: line 1, column 13: the file ends where a value should be`])
    expect(used.load('base').codec(['3'])?.decode(hex('07'))).toEqual({ z: 7 })
  })
})
