import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsync,
  fsyncSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Replaces what a file holds: its readers, and whoever looks after a power cut, find the old bytes or the new ones, never
 * a part. They are written beside it under a name that no other program has, forced to the disk, and renamed. The folder
 * is not forced to the disk: after a power cut the old bytes may be there again, which is no damage.
 *
 * The file keeps its mode, and its owner where the system allows it; of a link the file that it points to is replaced.
 * Devices and pipes are refused. Leaves nothing behind when it fails. Throws the errors of the system.
 */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const part = openPart(path)
  try {
    fill(part, bytes)
    fsyncSync(part.fd)
    putInPlace(part)
  } catch (error) {
    discard(part)
    throw error
  }
}

/** The same without holding up the program while the disk takes the bytes: on an SD card that may be a second. */
export async function replaceFileSoon(path: string, bytes: Uint8Array): Promise<void> {
  const part = openPart(path)
  try {
    fill(part, bytes)
    await new Promise<void>((done, failed) => fsync(part.fd, error => (error === null ? done() : failed(error))))
    putInPlace(part)
  } catch (error) {
    discard(part)
    throw error
  }
}

/** Writes all of `bytes`, however many calls it takes. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

/** A file that is to take the place of another one. */
interface Part {
  readonly fd: number
  readonly path: string
  readonly target: string
  /** The file that it replaces, where there is one. */
  readonly old: Stats | undefined
  isOpen: boolean
}

const PERMISSIONS = 0o7777
const PERMISSIONS_OF_NEW = 0o666

function openPart(path: string): Part {
  const target = followLinks(path)
  const old = statSync(target, { throwIfNoEntry: false })
  if (old?.isFile() === false) throw new Error('it is no file that could be replaced')
  const temporary = `${target}.${crypto.randomUUID().slice(0, 8)}.part`
  const fd = openSync(temporary, 'wx', old === undefined ? PERMISSIONS_OF_NEW : old.mode & PERMISSIONS)
  return { fd, path: temporary, target, old, isOpen: true }
}

function fill({ fd, old }: Part, bytes: Uint8Array): void {
  if (old !== undefined) keepOwner(fd, old)
  writeAll(fd, bytes)
}

/** The file behind a link, also when it is not there yet. */
function followLinks(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  let link: string
  try {
    link = readlinkSync(path)
  } catch {
    return path // there is nothing yet
  }
  return followLinks(resolve(dirname(path), link))
}

function keepOwner(fd: number, { uid, gid, mode }: Stats): void {
  try {
    fchownSync(fd, uid, gid)
  } catch {} // only root gives files away; the content matters more
  fchmodSync(fd, mode & PERMISSIONS) // after the owner, whose change may take permissions away
}

function putInPlace(part: Part): void {
  part.isOpen = false
  closeSync(part.fd)
  renameSync(part.path, part.target)
}

/** What went wrong before is what the user is told. */
function discard(part: Part): void {
  try {
    if (part.isOpen) closeSync(part.fd)
  } catch {}
  try {
    rmSync(part.path, { force: true })
  } catch {}
}
