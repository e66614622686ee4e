import { basename, dirname, join, normalize } from 'node:path'
import type { Io, Output } from '../src/cli/io.ts'
import type { Clock } from '../src/core/clock.ts'
import { TransportError } from '../src/core/errors.ts'
import type { Files } from '../src/core/files.ts'
import type { ByteInput } from '../src/core/input.ts'
import type { MonotonicClock } from '../src/core/monotonic-clock.ts'
import type { Network } from '../src/core/network.ts'
import { Random } from '../src/core/random.ts'
import { openInput } from '../src/transport/file.ts'
import { localNetwork } from '../src/transport/local-network.ts'
import type { FakeTerminal } from './fake-terminal.ts'

/** What a test may say of the world; everything else is plain: no terminal, no environment, nothing on stdin. */
export interface World {
  readonly env?: Readonly<Record<string, string>>
  /** What stands on standard input: all of it at once, or an input of the test's own. */
  readonly stdin?: string | Uint8Array | ByteInput
  readonly stdinIsTerminal?: boolean
  /** Standard output is a terminal of so many columns. */
  readonly columns?: number
  /** The terminal that standard output is, for commands that fill it; `columns` says that it is one. */
  readonly terminal?: FakeTerminal
  /** Standard error is a terminal. */
  readonly errIsTerminal?: boolean
  /** Files by path that need not exist on disk; other paths are read from there. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Folder of the built-in definitions. */
  readonly structs?: string
  /** A clock of the test's own; else a `FakeClock`. */
  readonly clock?: Clock & MonotonicClock
  /** Else the network of this machine. */
  readonly network?: Network
}

/** A world that is all in memory, and what a command did to it. */
export interface FakeIo extends Io {
  readonly stdout: string
  readonly stderr: string
  readonly files: MemoryFiles
  /** Does what SIGINT does, and the second time what the second one does. */
  abort(): void
  /** Does what an error does that nobody catches, but for the end of the program. */
  crash(): void
}

/** The folder of the definitions in this repository. */
export const STRUCTS = join(import.meta.dirname, '../structs')

/** An `Io` for `main` and for commands: `await main(io)`, then look at `io.stdout`. */
export function fakeIo(args: readonly string[], world: World = {}): FakeIo {
  const stop = new AbortController()
  const hurry = new AbortController()
  const leaving: (() => void)[] = []
  const out = new Recorder(world.columns !== undefined, world.columns ?? 80)
  const err = new Recorder(world.errIsTerminal ?? false, 80)
  const clock = world.clock ?? new FakeClock()
  const random = new Random(1)
  const files = new MemoryFiles(world.files ?? {})
  return {
    args,
    env: world.env ?? {},
    out,
    err,
    liveOutput: async () => Object.assign(out, { drained: () => undefined }),
    liveErrors: async () => Object.assign(err, { drained: () => undefined }),
    terminal: async events => {
      if (world.terminal === undefined) throw new Error('this world has no terminal')
      return world.terminal.take(events)
    },
    clock,
    random: () => random.unit(),
    network: world.network ?? localNetwork(clock),
    signal: stop.signal,
    hurry: () => hurry.signal,
    onCrash: leave => void leaving.push(leave),
    status: { code: 0 },
    stdinIsTerminal: world.stdinIsTerminal ?? false,
    structs: world.structs ?? STRUCTS,
    files,
    open: async path => {
      if (path === '-') return standardInput(world.stdin ?? '')
      const bytes = files.contents.get(path)
      return bytes === undefined ? openInput(path, stop.signal) : new MemoryInput(path, bytes)
    },
    get stdout() {
      return out.text
    },
    get stderr() {
      return err.text
    },
    abort: () => (stop.signal.aborted ? hurry : stop).abort(),
    crash: () => {
      for (const leave of leaving) leave()
    },
  }
}

function standardInput(stdin: string | Uint8Array | ByteInput): ByteInput {
  return typeof stdin === 'string' || stdin instanceof Uint8Array ? new MemoryInput('-', bytesOf(stdin)) : stdin
}

/** A clock that stands at 2026-03-01 10:00:00.123 UTC; it moves by sleeping, which takes no time, and by hand. */
export class FakeClock implements Clock, MonotonicClock {
  #now = Date.UTC(2026, 2, 1, 10, 0, 0, 123)

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#now
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    this.#now += ms
  }

  advance(ms: number): void {
    this.#now += ms
  }
}

class Recorder implements Output {
  readonly isTerminal: boolean
  readonly columns: number
  readonly #blocks: Uint8Array[] = []

  constructor(isTerminal: boolean, columns: number) {
    this.isTerminal = isTerminal
    this.columns = columns
  }

  write(bytes: Uint8Array | string): void {
    this.#blocks.push(Uint8Array.from(bytesOf(bytes))) // a copy: the writer uses its block again
  }

  get text(): string {
    return Buffer.concat(this.#blocks).toString('utf8')
  }
}

class MemoryInput implements ByteInput {
  readonly name: string
  readonly size: number
  readonly live = false
  readonly #bytes: Uint8Array
  #at = 0

  constructor(name: string, bytes: Uint8Array) {
    this.name = name
    this.size = bytes.length
    this.#bytes = bytes
  }

  read(into: Uint8Array, at: number): number {
    const part = this.#bytes.subarray(this.#at, this.#at + into.length - at)
    into.set(part, at)
    this.#at += part.length
    return part.length
  }

  close(): void {}
}

/** Side files in memory. */
export class MemoryFiles implements Files {
  readonly contents: Map<string, Uint8Array>

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    this.contents = new Map(Object.entries(files).map(([path, content]) => [path, bytesOf(content)]))
  }

  exists(path: string): boolean {
    return this.contents.has(path)
  }

  isSame(a: string, b: string): boolean {
    return normalize(a) === normalize(b)
  }

  size(path: string): number | undefined {
    return this.contents.get(path)?.length
  }

  readText(path: string): string {
    const bytes = this.contents.get(path)
    if (bytes === undefined) throw new TransportError(`cannot read ${path}: no such file`, { path })
    return Buffer.from(bytes).toString('utf8')
  }

  writeText(path: string, text: string): void {
    this.contents.set(path, bytesOf(text))
  }

  async replaceText(path: string, text: string): Promise<void> {
    this.writeText(path, text)
  }

  append(path: string) {
    return {
      write: (bytes: Uint8Array) => {
        this.contents.set(path, Buffer.concat([this.contents.get(path) ?? new Uint8Array(0), bytes]))
      },
      truncate: (size: number) => {
        this.contents.set(path, (this.contents.get(path) ?? new Uint8Array(0)).subarray(0, size))
      },
      close: () => {},
    }
  }

  create(path: string, overwrite: boolean) {
    if (this.contents.has(path) && !overwrite) throw new TransportError(`cannot write ${path}: it exists`, { path })
    this.contents.set(path, new Uint8Array(0))
    return this.append(path)
  }

  remove(path: string): void {
    if (!this.contents.delete(path)) throw new TransportError(`cannot remove ${path}: no such file`, { path })
  }

  makeFolder(): void {}

  list(folder: string): readonly string[] {
    return [...this.contents.keys()].filter(path => dirname(path) === normalize(folder)).map(path => basename(path))
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : content
}
