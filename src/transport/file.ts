import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { TransportError } from '../core/errors.ts'
import type { ByteInput } from '../core/input.ts'
import { Prefixed } from './prefixed.ts'
import { reasonOf } from './reason.ts'

/**
 * Opens a file, a device, a named pipe or `-` (standard input); what is gzip-compressed comes out unpacked. Throws
 * `TransportError` for what is missing, forbidden or a directory. Aborting `signal` ends a live input like its end.
 */
export async function openInput(path: string, signal: AbortSignal): Promise<ByteInput> {
  const input = await openRaw(path, signal)
  const head = new Uint8Array(2)
  let length = 0
  while (length < head.length) {
    const count = await input.read(head, length)
    if (count === 0) break
    length += count
  }
  const whole = new Prefixed(head.subarray(0, length), input)
  if (length < 2 || head[0] !== 0x1f || head[1] !== 0x8b) return whole
  const { gunzipped } = await import('./gzip.ts')
  return gunzipped(whole, signal)
}

async function openRaw(path: string, signal: AbortSignal): Promise<ByteInput> {
  const fd = path === '-' ? 0 : open(path)
  const stat = fstatSync(fd)
  if (stat.isDirectory()) throw new TransportError(`cannot read ${path}: it is a directory`, { path })
  if (stat.isFile()) return new FileInput(path, fd, stat.size)
  if (stat.isFIFO() || stat.isSocket() || (stat.isCharacterDevice() && (await isTerminal(fd)))) {
    const { SocketInput } = await import('./socket-input.ts') // loads the network stack, which files do not need
    return new SocketInput(path, fd, signal)
  }
  return new FileInput(path, fd, 0)
}

async function isTerminal(fd: number): Promise<boolean> {
  const { isatty } = await import('node:tty')
  return isatty(fd)
}

function open(path: string): number {
  try {
    // a named pipe that nobody writes to yet would hold up the whole program, signals too
    const isPipe = statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false
    return openSync(path, isPipe ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY)
  } catch (error) {
    throw new TransportError(`cannot open ${path}: ${reasonOf(error)}`, { path }, error)
  }
}

/** A regular file: blocking reads, the fastest there are; the reader lets signals through now and then. */
class FileInput implements ByteInput {
  readonly name: string
  readonly size: number
  readonly live = false
  readonly #fd: number

  constructor(name: string, fd: number, size: number) {
    this.name = name
    this.#fd = fd
    this.size = size
  }

  read(into: Uint8Array, at: number): number {
    try {
      return readSync(this.#fd, into, at, into.length - at, null)
    } catch (error) {
      throw new TransportError(`cannot read ${this.name}: ${reasonOf(error)}`, { path: this.name }, error)
    }
  }

  close(): void {
    if (this.#fd !== 0) closeSync(this.#fd)
  }
}
