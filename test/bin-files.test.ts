import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { a, b, candump } from './canlog/build-log.ts'

// The files of reports as the built program writes them to a disk.

const BIN = join(import.meta.dirname, '../bin/wattzup.js')
const log = candump([0, b()], [1, a()], [40, b()])

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-files-'))
  writeFileSync(join(folder, 'x.log'), log)
})
afterEach(() => rmSync(folder, { recursive: true }))

const canlog = (...args: string[]) =>
  spawnSync(process.execPath, [BIN, 'canlog', 'x.log', '--quiet', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], TZ: 'UTC' },
    encoding: 'utf8',
  })
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

test('logs cut up by minutes make folders, and are added to by the next run', () => {
  expect(canlog('--regen')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  expect(read('regen.out/23/1114/2213.can') + read('regen.out/23/1114/2214.can')).toBe(log)
  expect(canlog('--regen').status).toBe(0)
  expect(read('regen.out/23/1114/2214.can')).toBe(candump([40, b()]).repeat(2))
})

test('reports replace their files as a whole and leave nothing else', () => {
  for (const name of ['cl-pivot.tsv', 'cl-streams.tsv', 'cl-counts.save'])
    writeFileSync(join(folder, name), 'old '.repeat(9999))
  expect(canlog('--pivot', '--stat', '--count=save').status).toBe(0)
  expect(readdirSync(folder).sort()).toEqual(['cl-counts.save', 'cl-pivot.tsv', 'cl-streams.tsv', 'x.log'])
  expect(read('cl-pivot.tsv')).toMatch(/^'date\t'typ\tcount\n'2213\t[^o]*$/)
  expect(JSON.parse(read('cl-counts.save')).chan).toEqual({ A: 3, B: 8 })
  expect(canlog('--excl=str', '--count').stdout).toContain('str: undefined')
})

test('a file that cannot be written ends the run with one line', () => {
  expect(canlog('--regen=x.log/a/HHmm', 'x.log')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'wattzup: cannot write x.log/a/2213.can: a part of the path is not a directory\n',
  })
})
