import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { TransportError } from '../core/errors.ts'
import type { Files, OpenFile } from '../core/files.ts'
import { reasonOf } from './reason.ts'
import { replaceFile, replaceFileSoon, writeAll } from './replace-file.ts'

/** The file system of this machine. Errors carry the system's `code`. */
export const localFiles: Files = {
  exists: existsSync,
  isSame,
  size: path => attempt('read', path, () => statSync(path, { throwIfNoEntry: false })?.size),
  readText: path => attempt('read', path, () => readFileSync(path, 'utf8')),
  writeText: (path, text) => attempt('write', path, () => replaceFile(path, Buffer.from(text))),
  replaceText: (path, text) =>
    replaceFileSoon(path, Buffer.from(text)).catch(error => {
      throw failure('write', path, error)
    }),
  append: path => attempt('write', path, () => append(path)),
  create: (path, overwrite) => attempt('write', path, () => opened(path, overwrite ? 'w' : 'wx')),
  remove: path => attempt('remove', path, () => rmSync(path)),
  makeFolder: path => attempt('make', path, () => void mkdirSync(path, { recursive: true })),
  list: folder => attempt('read', folder, () => readdirSync(folder)),
}

/** By device and inode; what is no file, such as a terminal or `/dev/null`, is not overwritten, so never the same. */
function isSame(a: string, b: string): boolean {
  try {
    const [one, other] = [a, b].map(path => (path === '-' ? fstatSync(0, WHOLE) : statSync(path, WHOLE)))
    return one!.isFile() && one!.ino === other!.ino && one!.dev === other!.dev
  } catch {
    return false
  }
}

/** Inodes of some systems have 64 bits. */
const WHOLE = { bigint: true } as const

function append(path: string): OpenFile {
  mkdirSync(dirname(path), { recursive: true })
  return opened(path, 'a')
}

function opened(path: string, flags: string): OpenFile {
  const fd = openSync(path, flags)
  return {
    write: bytes => attempt('write', path, () => writeAll(fd, bytes)),
    truncate: size => attempt('write', path, () => ftruncateSync(fd, size)),
    close: () => attempt('write', path, () => closeSync(fd)),
  }
}

function attempt<T>(what: string, path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw failure(what, path, error)
  }
}

function failure(what: string, path: string, error: unknown): TransportError {
  const { code } = error as NodeJS.ErrnoException
  return new TransportError(`cannot ${what} ${path}: ${reasonOf(error)}`, { path, code }, error)
}
