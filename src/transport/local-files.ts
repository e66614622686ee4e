import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { TransportError } from '../core/errors.ts'
import type { Files, OpenFile } from '../core/files.ts'
import { reasonOf } from './reason.ts'

/** The file system of this machine. */
export const localFiles: Files = {
  exists: existsSync,
  readText: path => attempt('read', path, () => readFileSync(path, 'utf8')),
  writeText: (path, text) => attempt('write', path, () => replace(path, Buffer.from(text))),
  append: path => attempt('write', path, () => append(path)),
  create: (path, overwrite) => attempt('write', path, () => opened(path, overwrite ? 'w' : 'wx')),
}

function replace(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.part`
  const fd = openSync(temporary, 'w')
  try {
    writeAll(fd, bytes)
    fsyncSync(fd)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, path)
}

function append(path: string): OpenFile {
  mkdirSync(dirname(path), { recursive: true })
  return opened(path, 'a')
}

function opened(path: string, flags: string): OpenFile {
  const fd = openSync(path, flags)
  return {
    write: bytes => attempt('write', path, () => writeAll(fd, bytes)),
    close: () => closeSync(fd),
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

function attempt<T>(what: string, path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new TransportError(`cannot ${what} ${path}: ${reasonOf(error)}`, { path }, error)
  }
}
