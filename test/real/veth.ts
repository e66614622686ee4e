import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../until.ts'
import { type RealPart, realPart } from './real-part.ts'

const ROOT = join(import.meta.dirname, '../..')
let pairs = 0

/** A cable whose two ends, `va` and `vb`, are interfaces in a network namespace of their own. */
export class VethPair implements AsyncDisposable {
  readonly #name = `wattzup-${process.pid}-${pairs++}`
  readonly #running: Running[] = []

  constructor() {
    must('ip', 'netns', 'add', this.#name)
    this.plug()
  }

  /** Makes both ends, up. */
  plug(): void {
    this.ip('link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
    this.ip('link', 'set', 'va', 'up')
    this.ip('link', 'set', 'vb', 'up')
  }

  /** Takes both ends away. */
  unplug(): void {
    this.ip('link', 'delete', 'va')
  }

  /** Runs `ip` in the namespace; gives what it prints. */
  ip(...args: readonly string[]): string {
    return must('ip', '-n', this.#name, ...args)
  }

  /** How many want to hear everything at an end. */
  promiscuity(end: string): number {
    return JSON.parse(this.ip('-d', '-j', 'link', 'show', end))[0].promiscuity
  }

  /** Numbers of the processes in the namespace that run a program. */
  pidsOf(program: string): number[] {
    const pids = must('ip', 'netns', 'pids', this.#name).split('\n').filter(Boolean).map(Number)
    return pids.filter(pid => programOf(pid) === program)
  }

  /** Starts a program in the namespace. */
  start(...command: readonly string[]): Running {
    const running = new Running(spawn('ip', ['netns', 'exec', this.#name, ...command], { cwd: ROOT, stdio: 'pipe' }))
    this.#running.push(running)
    return running
  }

  wattzup(...args: readonly string[]): Running {
    return this.start(process.execPath, 'bin/wattzup.js', ...args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running) running.kill('SIGKILL')
    await Promise.all(this.#running.map(running => running.ended))
    must('ip', 'netns', 'delete', this.#name)
  }
}

/** A program that runs, and what it has printed. */
export class Running {
  stdout = ''
  stderr = ''
  #lineEnds = 0
  /** Its exit status, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly #child: ChildProcessWithoutNullStreams

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', text => {
      this.stdout += text
      this.#lineEnds += text.split('\n').length - 1
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      this.stderr += text
    })
    this.ended = new Promise(resolve => child.once('close', (code, signal) => resolve(code ?? signal)))
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1)
  }

  /** Resolves when it has printed so many lines. */
  printed(count: number): Promise<void> {
    return until(() => this.#lineEnds >= count)
  }

  /** Resolves when it has said so on standard error. */
  said(text: string): Promise<void> {
    return until(() => this.stderr.includes(text))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
}

/** What is needed for cables: a Linux on which we may make namespaces, and programs. */
export function vethPart(...programs: readonly RealPart[]): RealPart {
  const missing = [realPart('ip', 'iproute2'), ...programs].find(part => part.missing)
  if (missing !== undefined) return missing
  const required = process.env['WATTZUP_REQUIRE_REAL'] === '1'
  if (required || canMakePairs()) return { missing: false, reason: '' }
  return { missing: true, reason: ' (skipped: no network namespace with a veth pair can be made here; run as root)' }
}

function canMakePairs(): boolean {
  const name = `wattzup-${process.pid}-try`
  const run = (...args: string[]) => spawnSync('ip', args).status === 0
  const made = run('netns', 'add', name) && run('-n', name, 'link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb')
  run('netns', 'delete', name)
  return made
}

function must(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

function programOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim()
  } catch {
    return '' // it has just ended
  }
}
