/** The one file that knows `process`: it makes the world of a run and hands it to `main`. */
import { fstatSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import pkg from '../../package.json' with { type: 'json' }
import { systemClock } from '../core/clock.ts'
import { TransportError } from '../core/errors.ts'
import { ClosedPipe, type Io, type LiveOutput, type Output } from './io.ts'

const args = process.argv.slice(2)

// the answer to `--version` needs none of the rest, and scripts ask for it often
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) writeSync(1, `${pkg.version}\n`)
else void run()

async function run(): Promise<void> {
  const { main } = await import('./main.ts')
  const { openInput } = await import('../transport/file.ts')
  const { localFiles } = await import('../transport/local-files.ts')
  const { localNetwork } = await import('../transport/local-network.ts')
  const stop = new AbortController()
  let hasCrashed = false
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  const io: Io = {
    args,
    env: process.env,
    out: output(1),
    err: quiet(output(2)),
    liveOutput,
    terminal: async events => {
      process.on('SIGHUP', end) // else the window's end is the program's, without a chance to tidy up
      return (await import('../transport/terminal.ts')).openTerminal(process, systemClock, events)
    },
    clock: systemClock,
    random: Math.random,
    network: localNetwork(systemClock),
    signal: stop.signal,
    onCrash: leave => {
      process.on('SIGHUP', end)
      // rejections that nobody handles come here too
      process.on('uncaughtException', error => {
        hasCrashed = true
        void crash(error, leave)
      })
    },
    status: { code: 0 },
    stdinIsTerminal: isTerminal(0),
    structs: join(root(), 'structs'),
    files: localFiles,
    open: path => openInput(path, stop.signal),
  }
  const code = await main(io)
  process.exit(hasCrashed ? 1 : code) // whoever was told to leave may be done sooner than the crash is

  /** The next SIGINT ends the program at once, as the system does it (shells show 130): even when output is stuck. */
  function end(): void {
    process.removeListener('SIGINT', end)
    stop.abort()
  }
}

/** What was handed over at a crash goes out within, ms. */
const LAST_WORDS_MS = 100

async function crash(error: unknown, leave: () => void): Promise<void> {
  const text = error instanceof Error ? error.stack : String(error)
  try {
    leave()
  } finally {
    quiet(output(2)).write(`wattzup: unexpected error: ${text}\n`)
    await systemClock.sleep(LAST_WORDS_MS, new AbortController().signal)
    process.exit(1)
  }
}

/** The package's folder, from `dist/main.cjs` and from `src/cli/process.ts`. */
function root(): string {
  return join(import.meta.dirname, basename(import.meta.dirname) === 'dist' ? '..' : '../..')
}

function output(fd: number): Output {
  return {
    write: bytes => writeAll(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    isTerminal: isTerminal(fd),
    get columns() {
      return (fd === 1 ? process.stdout.columns : process.stderr.columns) || 80 // loads the stream: only when asked
    },
  }
}

/** Linux' major number of /dev/null and its like, which are devices but never terminals. */
const MEMORY_DEVICES = 1

/** Whether a file descriptor is a terminal. The module that knows takes 2 ms to load, and only devices need be asked. */
function isTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd)
    if (!stat.isCharacterDevice() || (process.platform === 'linux' && stat.rdev >> 8 === MEMORY_DEVICES)) return false
    return process.getBuiltinModule('node:tty').isatty(fd)
  } catch {
    return false // closed
  }
}

async function liveOutput(closed: () => void): Promise<LiveOutput> {
  const stat = fstatSync(1)
  if (stat.isFIFO() || stat.isSocket()) {
    const { PipeOutput } = await import('../transport/pipe-output.ts')
    return new PipeOutput(1, closed)
  }
  return { ...output(1), drained: () => undefined } // files and terminals take what they get
}

/** Messages that nobody can read are not worth failing for. */
function quiet(output: Output): Output {
  return {
    isTerminal: output.isTerminal,
    get columns() {
      return output.columns
    },
    write: bytes => {
      try {
        output.write(bytes)
      } catch {}
    },
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') throw new ClosedPipe()
      if (code !== 'EAGAIN') throw new TransportError(`cannot write the output: ${(error as Error).message}`, {}, error)
      Atomics.wait(pause, 0, 0, 2) // a non-blocking pipe that is full
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))
