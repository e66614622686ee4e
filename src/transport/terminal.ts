import { constants, openSync, writeSync } from 'node:fs'
import { isatty, ReadStream } from 'node:tty'
import type { Clock } from '../core/clock.ts'
import type { ScreenSize, Terminal, TerminalEvents } from '../core/terminal.ts'

/** The last one comes before the system prints an error that nobody has caught. */
type HostEvent = 'SIGCONT' | 'exit' | 'uncaughtExceptionMonitor'

/** What is used of the process. */
export interface TerminalHost {
  /** Standard output, which is the terminal. */
  readonly stdout: Partial<ScreenSize> & {
    on(event: 'resize', listener: () => void): unknown
    off(event: 'resize', listener: () => void): unknown
  }
  on(event: HostEvent, listener: () => void): unknown
  off(event: HostEvent, listener: () => void): unknown
  kill(pid: number, signal: string): unknown
}

/** The second screen, so that the first stays as it is; no cursor; no new line behind the last column. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l'

const ENDS = ['exit', 'uncaughtExceptionMonitor'] as const
const STDIN = 0
const STDOUT = 1
const OWN_GROUP = 0
/** Between two attempts to write to a terminal that takes nothing more. */
const RETRY_MS = 10
/** Attempts to write the last words to such a terminal, and the wait between them. */
const LAST_ATTEMPTS = 50
const LAST_WAIT_MS = 2
/** By then a signal that stops the program has done so. */
const STOPPED_MS = 50

/**
 * Takes the terminal that standard output is. Keys come from there, too, where standard input is something else. However
 * the program ends, the terminal is given back as it was.
 */
export function openTerminal(host: TerminalHost, clock: Clock, events: TerminalEvents): Terminal {
  return new LocalTerminal(host, clock, events)
}

class LocalTerminal implements Terminal {
  readonly #host: TerminalHost
  readonly #clock: Clock
  readonly #events: TerminalEvents
  readonly #output = openOutput()
  readonly #input = openInput()
  readonly #closed = new AbortController()
  #pending = Buffer.alloc(0)
  #draining: Promise<void> | undefined
  #isTaken = false

  constructor(host: TerminalHost, clock: Clock, events: TerminalEvents) {
    this.#host = host
    this.#clock = clock
    this.#events = events
    host.stdout.on('resize', events.onBlank)
    host.on('SIGCONT', this.#onContinued)
    for (const event of ENDS) host.on(event, this.#onEnd)
    this.#input?.setEncoding('utf8').on('data', text => events.onInput(String(text)))
    this.#input?.on('end', events.onGone).on('error', events.onGone)
    this.#take()
  }

  get size(): ScreenSize {
    const { columns, rows } = this.#host.stdout
    return { columns: columns || 80, rows: rows || 24 } // a serial console may not know its size
  }

  write(text: string): void {
    if (!this.#isTaken) return
    this.#pending = Buffer.concat([this.#pending, Buffer.from(text)])
    this.#flush()
    if (this.#pending.length > 0) this.#draining ??= this.#drain()
  }

  drained(): Promise<void> | undefined {
    return this.#draining
  }

  suspend(): void {
    this.#giveBack()
    try {
      this.#host.kill(OWN_GROUP, 'SIGTSTP') // with those that it shares a pipe with, as the shell does it
    } catch {} // Windows has no such thing
    // without a shell that could go on with it, the system does not stop it
    this.#clock.sleep(STOPPED_MS, this.#closed.signal).then(this.#onContinued, () => {})
  }

  close(): void {
    if (this.#closed.signal.aborted) return
    this.#giveBack()
    this.#closed.abort()
    this.#input?.destroy()
    this.#host.stdout.off('resize', this.#events.onBlank)
    this.#host.off('SIGCONT', this.#onContinued)
    for (const event of ENDS) this.#host.off(event, this.#onEnd)
  }

  readonly #onEnd = (): void => this.close()

  /** Whoever had the terminal meanwhile may have left it in any state. */
  readonly #onContinued = (): void => {
    this.#input?.setRawMode(false) // else it is taken for raw as it is
    this.#take()
    this.#events.onBlank()
  }

  #take(): void {
    this.#isTaken = true
    this.#input?.setRawMode(true).resume()
    this.write(ENTER)
  }

  #giveBack(): void {
    if (!this.#isTaken) return
    this.#isTaken = false
    this.#pending = Buffer.from(LEAVE) // an escape sequence that was cut off ends with the next one
    for (let attempt = 0; attempt < LAST_ATTEMPTS; attempt++) {
      this.#flush()
      if (this.#pending.length === 0) break
      Atomics.wait(PAUSE, 0, 0, LAST_WAIT_MS)
    }
    this.#pending = Buffer.alloc(0)
    this.#input?.setRawMode(false).pause()
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0 && !this.#closed.signal.aborted) {
      await this.#clock.sleep(RETRY_MS, this.#closed.signal).catch(() => {}) // the loop looks at the signal
      this.#flush()
    }
    this.#draining = undefined
  }

  /** Writes as much as the terminal takes now. */
  #flush(): void {
    try {
      while (this.#pending.length > 0) {
        this.#pending = this.#pending.subarray(writeSync(this.#output, this.#pending))
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return
      this.#pending = Buffer.alloc(0) // nobody can read it any more
      if (!this.#closed.signal.aborted) this.#events.onGone()
    }
  }
}

/** The terminal of standard output, opened anew so that writing to it never holds up the program; else as it is. */
function openOutput(): number {
  for (const path of ['/proc/self/fd/1', '/dev/tty']) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    } catch {} // not on this system
  }
  return STDOUT
}

/** Where keys come from; undefined where there is no such thing. */
function openInput(): ReadStream | undefined {
  if (isatty(STDIN)) return new ReadStream(STDIN)
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    return undefined
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4))
