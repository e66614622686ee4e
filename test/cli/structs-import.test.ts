import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'

const DBC = `VERSION "2.1"

NS_ :
	CM_
	VAL_

BS_:

BU_: BMS

BO_ 853 Pack: 8 BMS
 SG_ soc : 0|16@1+ (1,0) [0|100] "%"  INV
 SG_ temperature : 24|16@1- (0.1,-40) [0|0] "\u00b0C"  INV
 SG_ state : 47|2@0+ (1,0) [0|0] ""  INV

CM_ BO_ 853 "State of the pack";
VAL_ 853 state 0 "off" 1 "ready" 2 "on" ;
`
const folder = mkdtempSync(join(tmpdir(), 'wattzup-import-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(args: readonly string[], world: World = {}): Promise<FakeIo> {
  const io = fakeIo(args, { files: { 'My Pack.dbc': DBC }, ...world })
  io.status.code = await main(io)
  return io
}

describe('structs import', () => {
  test('writes a definition as people write them', async () => {
    const { stdout, stderr, status } = await run(['structs', 'import', 'My Pack.dbc'])
    expect(stdout).toBe(`{
  "$schema": "../structs/struct.schema.json",
  "family": "my-pack",
  "note": "Made from My Pack.dbc, version 2.1.",
  "unit": "bit",
  "messages": {
    "Pack": {
      "match": "355", "note": "State of the pack. From My Pack.dbc; no capture yet.",
      "fields": {
        "soc":         [0, "u16", "%"],
        "temperature": [24, "i16", "0.1 \u00b0C -400"],
        "state":       [47, "u2be", { "enum": { "0": "off", "1": "ready", "2": "on" } }]
      }
    }
  }
}
`)
    expect([stderr, status.code]).toEqual(['wattzup: 1 message, 3 signals\n', 0])
  })

  test('makes what structs check accepts and can dump decodes', async () => {
    const { stdout } = await run(['structs', 'import', 'My Pack.dbc', '--family', 'pack'])
    const path = join(folder, 'pack.json')
    writeFileSync(path, stdout)
    expect((await run(['structs', 'check', path])).stderr).toBe('checked 1 file: no problems\n')
    const log = '(1700000000.5) can0 355#3700002602404000\n(1700000001) can0 356#00\n'
    const args = ['can', 'dump', 'file:a.log', '--decode', 'pack', '--structs', folder, '--json']
    const dumped = await run(args, { files: { 'a.log': log } })
    expect(JSON.parse(dumped.stdout)).toEqual({
      ...{ time: '2023-11-14T22:13:20.500Z', family: 'pack', device: 'can0', message: 'Pack' },
      values: { soc: 55, temperature: 15, state: 'ready' },
    })
    expect(dumped.stderr).toBe('wattzup: 1 reading\nwattzup: 1 message of no known content\n')
  })

  test('reads files of Windows and of UTF-8, from standard input too', async () => {
    const marked = `\ufeff${DBC}`
    const little = Buffer.from(marked, 'utf16le')
    const big = Buffer.from(little).swap16()
    for (const stdin of [Buffer.from(DBC, 'latin1'), Buffer.from(DBC), Buffer.from(marked), little, big]) {
      const { stdout } = await run(['structs', 'import', '-', '--family', 'x'], { stdin })
      expect(stdout).toContain('"0.1 \u00b0C -400"')
    }
  })

  test('writes a file, and over one that is there only with --force', async () => {
    const args = ['structs', 'import', 'My Pack.dbc', '-o', 'out/pack.json']
    const io = await run(args)
    expect([io.stdout, io.files.readText('out/pack.json').split('\n')[2]]).toEqual(['', '  "family": "my-pack",'])
    const files = { 'My Pack.dbc': DBC, 'out/pack.json': 'mine' }
    const again = await run(args, { files })
    expect([again.status.code, again.stderr]).toEqual([
      ...[1, 'wattzup: cannot write out/pack.json: it exists; --force overwrites it\n'],
    ])
    expect((await run([...args, '--force'], { files })).files.readText('out/pack.json')).toContain('my-pack')
  })

  test('tells what is broken with its line and makes nothing, unless that is left out', async () => {
    const files = { 'bad.dbc': `${DBC.replace('0|16@1+', '0|16@3+')}CM_ "it ends here` }
    const failed = await run(['structs', 'import', 'bad.dbc'], { files })
    expect(failed.stderr.split('\n')).toEqual([
      'bad.dbc:12: expected the byte order, 0 or 1, found "3"',
      'bad.dbc:18: a text has no closing quote',
      'wattzup: bad.dbc: 2 lines cannot be read; --partial leaves them out',
      '',
    ])
    expect([failed.status.code, failed.stdout]).toEqual([1, ''])
    const partial = await run(['structs', 'import', 'bad.dbc', '--partial'], { files })
    expect(partial.status.code).toBe(0)
    expect(Object.keys(JSON.parse(partial.stdout).messages.Pack.fields)).toEqual(['temperature', 'state'])
  })

  test.each([
    [['missing.dbc'], 1, 'cannot open missing.dbc: no such file or folder'],
    [['empty.dbc'], 1, 'empty.dbc: no message with signals in it'],
    [['-'], 2, 'say one with --family'],
    [['My Pack.dbc', '--family', 'My Pack'], 2, 'It must be a word in lower case'],
  ])('refuses %j', async (args, code, message) => {
    const { stderr, status } = await run(['structs', 'import', ...args], {
      files: { 'empty.dbc': 'VERSION ""\n', 'My Pack.dbc': DBC },
      stdin: DBC,
    })
    expect(stderr).toContain(message)
    expect(status.code).toBe(code)
  })
})
