/** The one file that knows `process`: it makes the world of a run and hands it to `main`. */
import { fstatSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import pkg from '../../package.json' with { type: 'json' }
import { systemClock } from '../core/clock.ts'
import { ClosedPipe, TransportError } from '../core/errors.ts'
import type { Io, LiveOutput, Output } from './io.ts'
import { StopSignals } from './stop-signals.ts'

const args = process.argv.slice(2)

// the answer to `--version` needs none of the rest, and scripts ask for it often
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) writeSync(1, `${pkg.version}\n`)
else void run()

async function run(): Promise<void> {
  const { main } = await import('./main.ts')
  const { openInput } = await import('../transport/file.ts')
  const { localFiles } = await import('../transport/local-files.ts')
  const { localNetwork } = await import('../transport/local-network.ts')
  const signals = new StopSignals(process, systemClock)
  let crashing: Promise<void> | undefined
  const io: Io = {
    args,
    env: process.env,
    out: output(1),
    err: errors(),
    liveOutput: closed => live(1, closed),
    liveErrors: () => live(2, () => {}),
    terminal: async events => {
      signals.takeHangUp() // else the window's end is the program's, without a chance to tidy up
      return (await import('../transport/terminal.ts')).openTerminal(process, systemClock, events)
    },
    clock: systemClock,
    random: Math.random,
    network: localNetwork(systemClock),
    signal: signals.stop,
    hurry: () => signals.hurry(),
    onCrash: leave => {
      signals.takeHangUp()
      // rejections that nobody handles come here too
      process.on('uncaughtException', error => {
        crashing = crash(error, leave)
      })
    },
    status: { code: 0 },
    stdinIsTerminal: isTerminal(0),
    structs: join(root(), 'structs'),
    files: localFiles,
    open: path => openInput(path, signals.stop),
  }
  const code = await main(io)
  await crashing // whoever was told to leave may be done sooner
  signals.finish()
  process.exit(code)
}

/** What was handed over at a crash goes out within, ms. */
const LAST_WORDS_MS = 100

async function crash(error: unknown, leave: () => void): Promise<void> {
  const text = error instanceof Error ? error.stack : String(error)
  try {
    leave()
  } finally {
    await systemClock.sleep(LAST_WORDS_MS, new AbortController().signal)
    errors().write(`wattzup: unexpected error: ${text}\n`) // last: whoever reads it may be stuck
    process.exit(1)
  }
}

/** The package's folder, from `dist/main.cjs` and from `src/cli/process.ts`. */
function root(): string {
  return join(import.meta.dirname, basename(import.meta.dirname) === 'dist' ? '..' : '../..')
}

/** `patienceMs`: so long a pipe may take nothing. */
function output(fd: number, patienceMs = Number.POSITIVE_INFINITY): Output {
  return {
    write: bytes => writeAll(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes, patienceMs),
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

async function live(fd: 1 | 2, closed: () => void): Promise<LiveOutput> {
  const stat = fstatSync(fd)
  if (stat.isFIFO() || stat.isSocket()) {
    const { PipeOutput } = await import('../transport/pipe-output.ts')
    return new PipeOutput(fd, closed)
  }
  if (isTerminal(fd)) {
    const { TerminalOutput } = await import('../transport/terminal-output.ts')
    return new TerminalOutput(fd, output(fd).columns, systemClock, closed)
  }
  return { ...(fd === 1 ? output(fd) : errors()), drained: () => undefined } // files take what they get
}

/** So long a message waits for whoever reads standard error, where that is a pipe that does not block, ms. */
const ERROR_PATIENCE_MS = 500

/** Standard error: messages that nobody can read are not worth failing for, nor waiting for without end. */
function errors(): Output {
  const plain = output(2, ERROR_PATIENCE_MS)
  return {
    isTerminal: plain.isTerminal,
    get columns() {
      return plain.columns
    },
    write: bytes => {
      try {
        plain.write(bytes)
      } catch {}
    },
  }
}

const RETRY_MS = 2

function writeAll(fd: number, bytes: Uint8Array, patienceMs: number): void {
  let waitedMs = 0
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') throw new ClosedPipe()
      if (code !== 'EAGAIN' || waitedMs >= patienceMs) {
        throw new TransportError(`cannot write the output: ${(error as Error).message}`, {}, error)
      }
      Atomics.wait(pause, 0, 0, RETRY_MS) // a non-blocking pipe that is full
      waitedMs += RETRY_MS
    }
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))
