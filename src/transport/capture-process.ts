import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { Clock } from '../core/clock.ts'
import type { CaptureOptions } from '../core/ethernet.ts'
import { type CaptureProgram, type CaptureTrouble, captureTrouble, lastWords, NO_SHELL } from './capture-program.ts'

/**
 * Runs a program until it ends or standard input does. The system closes that pipe whatever becomes of us, even if we
 * are killed; without a guard that waits for it the program would go on until the next frame, which may never come. Says
 * the path of the program first. `$1` is where to look for it, by default the usual places and those of root.
 */
const SCRIPT = `
PATH=\${1:-$PATH:/usr/local/sbin:/usr/sbin:/sbin}
export PATH LC_ALL=C
shift
command -v "$1" >&2 || exit 127
exec 3<&0
"$@" 3<&- </dev/null &
program=$!
{ read -r _ <&3; kill $program; } >/dev/null 2>&1 &
guard=$!
wait $program
status=$?
kill $guard 2>/dev/null
wait $guard 2>/dev/null
exit $status`

/** Of what the program says the last characters are kept. */
const KEPT = 4000
/** Shells add it to the number of the signal that ended a program. */
const SIGNALS = 128
/** So long it may take to end. */
const PATIENCE_MS = 2000

/** A capture program that runs as a child, in a session of its own: Ctrl-C is for us, and we end it. */
export class CaptureProcess {
  readonly program: CaptureProgram
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<void>
  #said = ''
  #path = ''
  #status: number | undefined
  #wake = () => {}

  constructor(program: CaptureProgram, options: CaptureOptions, searchPath: string) {
    this.program = program
    const command = ['-c', SCRIPT, 'sh', searchPath, program.name, ...program.args(options)]
    const child = spawn('/bin/sh', command, { detached: true, stdio: 'pipe' })
    this.#child = child
    child.stdin.on('error', () => {}) // `close` follows
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    child.stdout.on('readable', () => this.#wake())
    this.#closed = new Promise(resolve => {
      child.once('error', () => this.#ended(NO_SHELL, resolve))
      child.once('close', code => this.#ended(code ?? 1, resolve))
    })
  }

  /** The next bytes; undefined when the program has ended. For one reader. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk: Buffer | null = this.#child.stdout.read()
      if (chunk !== null) return chunk
      if (this.#status !== undefined) return undefined
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** Lets it end; what it had for us can still be read. */
  stop(): void {
    this.#child.stdin.end()
  }

  /** Ends it; resolves when it is gone, or after 2 s. */
  async end(clock: Clock): Promise<void> {
    const gone = new AbortController()
    const late = clock.sleep(PATIENCE_MS, gone.signal).then(
      () => this.#abandon(),
      () => {}, // it is gone
    )
    this.stop()
    this.#child.stdout.removeAllListeners('readable').resume() // a program whose pipe is full cannot end
    await Promise.race([this.#closed, late])
    gone.abort()
  }

  /** What is wrong, when it has ended by itself. */
  get trouble(): CaptureTrouble {
    return captureTrouble(this.#status ?? 0, this.#said)
  }

  /** What it said about it. */
  get reason(): string {
    const status = this.#status ?? 0
    return lastWords(this.#said) || (status > SIGNALS ? `signal ${status - SIGNALS}` : `status ${status}`)
  }

  /** Where it is. */
  get path(): string {
    return this.#path
  }

  /** Frames that the kernel dropped, when it has ended in good order. */
  get dropped(): number | undefined {
    const count = this.program.dropped.exec(this.#said)?.[1]
    return count === undefined ? undefined : Number(count)
  }

  #abandon(): void {
    this.#child.kill('SIGKILL')
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  #hear(text: string): void {
    const said = this.#said + text
    const lineEnd = said.indexOf('\n')
    if (this.#path === '' && lineEnd >= 0) {
      this.#path = said.slice(0, lineEnd)
      this.#said = said.slice(lineEnd + 1).slice(-KEPT)
    } else this.#said = said.slice(-KEPT)
  }

  #ended(status: number, resolve: () => void): void {
    this.#status ??= status
    this.#wake()
    resolve()
  }
}
