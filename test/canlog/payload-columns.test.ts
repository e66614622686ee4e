process.env.TZ = 'UTC'

import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { a, announce, b, c, everySecond, lengthOfType, savvycan, single } from './build-log.ts'
import { at, B, C_HEAD, HEX, timed } from './expected.ts'
import { linesOf } from './run.ts'

describe('a frame that is a message by itself', () => {
  const log = everySecond(
    single('10603001', '3132333435363738'),
    single('10A03130', '7E7F00'),
    single('10E12345', 'AB'),
    b(),
  )
  const D = 'D 03001 106 31 32 33 34 35 36 37 38 12345678'
  const E = 'E 03130 10A 7E 7F 00 ~..'

  test('is printed with its option only, also under --quiet', async () => {
    expect(await linesOf(log, '--106')).toEqual([`${at(0)} ${D}`, `${at(3)} ${B}`])
    expect(await linesOf(log, '--10A', '--quiet')).toEqual([`${at(1)} ${E}`])
    expect(await linesOf(log, '--unk', '--quiet')).toEqual([`${at(2)} 12345 10E AB .`])
    expect(await linesOf(log, '--106', '--10A', '--unk', '--quiet', '--tab')).toEqual(
      timed(D, E, '12345 10E AB .').map(line => line.replaceAll(' ', '\t')),
    )
  })

  test('begins with a separator where there is no time', async () => {
    const csv = savvycan([[0, single('10603001', '3132333435363738')]])
    expect(await linesOf(csv, '--csv', '--106')).toEqual([` ${D}`])
    expect(await linesOf(csv, '--csv', '--106', '--tab')).toEqual([`\t${D.replaceAll(' ', '\t')}`])
  })
})

describe('a payload without bytes', () => {
  const empty = B.replace('0008 76', '0000 DE')

  test.each([
    ['--hex', `${empty} `],
    ['--val', `${empty} `],
    ['--chr', `${empty} `],
    ['--hex --val --chr', `${empty}   `],
    ['--hex --seq', `${empty}  0`],
  ])('leaves an empty column with %s', async (args, line) => {
    expect(await linesOf(everySecond(b({ payload: '' })), ...args.split(' '))).toEqual(timed(line))
  })

  test('leaves an empty column on channel C', async () => {
    const log = everySecond(c({ payload: '' }))
    const line = C_HEAD.replace('0008 76', '0000 DE')
    expect(await linesOf(log)).toEqual(timed(`${line} `))
    expect(await linesOf(log, '--tab')).toEqual([`${at(0)}\t${line.replaceAll(' ', '\t')}\t`])
    expect(await linesOf(log, '--chr')).toEqual(timed(`${line}  `))
    // with --pairs, which shows the packet anyway, the page has it leave none
    const [pairs] = await linesOf(log, '--pairs')
    expect(pairs).toMatch(/^\S+ C 12001 AA03 0000 DE 2C 01( [0-9A-F]{2}){20}$/)
  })

  test('leaves an empty column on channel A', async () => {
    const [line] = await linesOf(everySecond(a({ payload: '' })), '--hex')
    expect(line).toMatch(/,01,50 $/)
  })

  test('leaves none with --hex=diff when it follows an empty one', async () => {
    const log = everySecond(b({ payload: '' }), b({ payload: '' }), b(), b({ payload: '' }))
    expect(await linesOf(log, '--hex=diff')).toEqual(timed(`${empty} `, empty, `${B} ${HEX}`, `${empty} `))
  })
})

describe('the record of a message', () => {
  const inline = { breakLength: Number.POSITIVE_INFINITY, compact: true }
  const odd = fc.constantFrom(...`'"\`\\\${}\t\n\u007f\u009fÿa`)
  const text = fc.oneof(
    fc.array(fc.nat(255).map(byte => String.fromCharCode(byte))).map(list => list.join('')),
    fc.array(odd).map(list => list.join('')),
  )

  test('is written as Node inspects it, whatever is in its texts', async () => {
    const property = fc.asyncProperty(text, async text => {
      const serial = text.slice(0, 16).padEnd(16, '\0')
      const [line = ''] = await linesOf(everySecond(announce(serial)), '--rec')
      const record = { serial, detail: 0, type: 0, modVer: '0.0.0.0', ldver: '0.0.0.0', custom: 0 }
      expect(line.slice(line.indexOf('{'))).toBe(inspect(record, inline))
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test('shows floats as Node shows doubles', async () => {
    // record D2:20 has a float at 62
    const property = fc.asyncProperty(fc.float({ noNaN: true }), async value => {
      const payload = Buffer.alloc(lengthOfType('D2', 66))
      payload.writeFloatLE(value, 62)
      const [line = ''] = await linesOf(everySecond(b({ payload, destination: 0x20 })), '--rec')
      expect(line).toContain(` powerCap: ${inspect(value)} }`)
    })
    await fc.assert(property, { numRuns: 40 })
  })

  test('counts with =used the bytes that its fields cover and those of the payload', async () => {
    const [line] = await linesOf(everySecond(announce('M999DEMO00000001')), '--rec=used')
    // serial 16, detail 1, type 1, modVer 4, ldver 4, custom 4
    expect(line).toMatch(/custom: 0, used: \[ 30, 32 \] }$/)
  })

  test('counts a text with its length byte, which the original counts twice', async () => {
    // record 4F:52 is one text at 6: its length, then its characters
    const payload = Buffer.alloc(lengthOfType('4F', 20))
    payload.write('\u0003abc', 6)
    const log = everySecond(b({ payload, destination: 0x52 }))
    const record = async (...args: string[]) => (await linesOf(log, '--rec=used', ...args))[0]?.replace(/^.* {/, '{')
    expect(await record()).toBe(`{ name: 'abc', used: [ 4, ${payload.length} ] }`)
    expect(await record('--compat')).toBe(`{ name: 'abc', used: [ 5, ${payload.length} ] }`)
  })
})

describe('--field', () => {
  const switches = (payload: string) => b({ payload, command: '0506' })
  const F4 = B.replace('0008 76', '0002 F4').replace('032F', '0506')

  test('shows one member of the record as plain text; 0, empty and missing ones not at all', async () => {
    const log = everySecond(switches('0100'), switches('0001'))
    expect(await linesOf(log, '--field=Set_PVIn1')).toEqual(timed(`${F4} 1`, F4))
    expect(await linesOf(log, '--field=nothing')).toEqual(timed(F4, F4))
    expect(await linesOf(log, '--field', 'toString')).toEqual(timed(F4, F4))
    const [line] = await linesOf(everySecond(announce(`it's "a" \\serial`)), '--field=serial')
    expect(line).toMatch(/ 3510 it's "a" \\serial$/)
  })

  test('shows what =used counts as two numbers', async () => {
    const log = everySecond(switches('0100'))
    expect(await linesOf(log, '--field=used')).toEqual(timed(F4))
    expect(await linesOf(log, '--field=used', '--rec=used')).toEqual(
      timed(`${F4} { Set_PVIn1: 1, Set_PVIn2: 0, used: [ 2, 2 ] } 2,2`),
    )
  })
})
