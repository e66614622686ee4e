import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TransportError } from '../../src/core/errors.ts'
import { localFiles } from '../../src/transport/local-files.ts'
import { NO_DISK, smallDisk } from '../small-disk.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const replacing = [
  ['writeText', async (path: string, text: string) => localFiles.writeText(path, text)],
  ['replaceText', localFiles.replaceText],
] as const

describe.each(replacing)('replacing a file with %s', (_, replace) => {
  test('makes it, and leaves nothing else behind', async () => {
    await replace(join(folder, 'a.json'), 'one')
    await replace(join(folder, 'a.json'), 'two')
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['a.json'])
  })

  test('keeps its mode, whatever the mask of new files', async () => {
    const path = join(folder, 'a.json')
    for (const mode of [0o600, 0o640, 0o666, 0o444]) {
      writeFileSync(path, 'old')
      chmodSync(path, mode)
      await replace(path, 'new')
      expect((statSync(path).mode & 0o7777).toString(8)).toBe(mode.toString(8))
      rmSync(path)
    }
  })

  test('gives it to who had it', async context => {
    if (process.getuid?.() !== 0) context.skip('giving files away needs root')
    const path = join(folder, 'a.json')
    writeFileSync(path, 'old')
    chownSync(path, 1234, 5678)
    await replace(path, 'new')
    expect(statSync(path)).toMatchObject({ uid: 1234, gid: 5678 })
  })

  test('follows a link to the file that it stands for, also where that is not there yet', async () => {
    mkdirSync(join(folder, 'ram'))
    symlinkSync('ram/real.json', join(folder, 'link.json'))
    symlinkSync('link.json', join(folder, 'second.json'))
    for (const text of ['one', 'two']) {
      await replace(join(folder, 'second.json'), text)
      expect(readFileSync(join(folder, 'ram/real.json'), 'utf8')).toBe(text)
    }
    expect(lstatSync(join(folder, 'second.json')).isSymbolicLink()).toBe(true)
    expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true)
    expect(readdirSync(join(folder, 'ram'))).toEqual(['real.json'])
  })

  test('is refused where the name is that of a pipe, a folder or a circle of links', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    mkdirSync(join(folder, 'sub'))
    symlinkSync('circle', join(folder, 'circle'))
    const failure = async (name: string) => {
      const error: TransportError = await replace(join(folder, name), 'text').then(
        () => undefined,
        error => error,
      )
      return error.message.replace(folder, '')
    }
    expect(await failure('pipe')).toBe('cannot write /pipe: it is no file that could be replaced')
    expect(await failure('sub')).toBe('cannot write /sub: it is no file that could be replaced')
    expect(await failure('circle')).toMatch(/^cannot write \/circle: ELOOP/)
    expect(await failure('missing/a.json')).toBe('cannot write /missing/a.json: no such file or folder')
    expect(lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true)
    expect(readdirSync(folder).sort()).toEqual(['circle', 'pipe', 'sub'])
  })

  test('that does not fit on the disk leaves the old file and nothing else', async context => {
    using disk = smallDisk('64k')
    if (disk === undefined) context.skip(NO_DISK)
    const path = join(disk!.folder, 'a.json')
    await replace(path, 'old')
    await expect(replace(path, 'x'.repeat(100_000))).rejects.toMatchObject({
      message: `cannot write ${path}: no space left on the disk`,
      context: { path, code: 'ENOSPC' },
    })
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(disk!.folder)).toEqual(['a.json'])
  })
})

describe('local files', () => {
  test('are the same by links and other spellings, and not by what is in them', () => {
    const at = (name: string) => join(folder, name)
    for (const name of ['a', 'b']) writeFileSync(at(name), 'text')
    symlinkSync('a', at('soft'))
    linkSync(at('a'), at('hard'))
    symlinkSync('.', at('here'))
    symlinkSync('missing', at('dangling'))
    symlinkSync('circle', at('circle'))
    for (const name of ['a', 'soft', 'hard', 'here/a'])
      expect([name, localFiles.isSame(at('a'), at(name))]).toEqual([name, true])
    expect(localFiles.isSame(at('soft'), relative('.', at('hard')))).toBe(true)
    for (const name of ['b', 'missing', 'dangling', 'circle', 'a/b']) {
      expect([name, localFiles.isSame(at('a'), at(name)), localFiles.isSame(at(name), at('a'))]).toEqual([
        name,
        false,
        false,
      ])
    }
    expect(localFiles.isSame(at('dangling'), at('missing'))).toBe(false)
  })

  test('are never the same where nothing is kept: a device, a folder', () => {
    expect(localFiles.isSame('/dev/null', '/dev/null')).toBe(false)
    expect(localFiles.isSame(folder, folder)).toBe(false)
  })

  test('are cut off, measured, listed and removed', () => {
    const path = join(folder, 'logs/a.bin')
    localFiles.makeFolder(join(folder, 'logs'))
    localFiles.makeFolder(join(folder, 'logs'))
    const file = localFiles.create(path, false)
    file.write(Buffer.from('one two'))
    file.truncate(3)
    file.close()
    expect(readFileSync(path, 'utf8')).toBe('one')
    expect(localFiles.size(path)).toBe(3)
    expect(localFiles.list(join(folder, 'logs'))).toEqual(['a.bin'])
    expect(() => localFiles.create(path, false)).toThrow(`cannot write ${path}: it exists already`)
    localFiles.remove(path)
    expect(localFiles.size(path)).toBeUndefined()
    expect(() => localFiles.remove(path)).toThrow(`cannot remove ${path}: no such file or folder`)
    writeFileSync(path, '')
    expect(() => localFiles.makeFolder(path)).toThrow(`cannot make ${path}: it exists already`)
  })
})
