import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import type { Clock } from '../core/clock.ts'
import { TransportError, UsageError } from '../core/errors.ts'
import type { PseudoTerminal } from '../core/network.ts'
import type { Packet } from '../core/packet.ts'
import { Arrivals } from './arrivals.ts'
import { reasonOf } from './reason.ts'

const WAITING = 4096
/** Of what the child says on standard error the last characters are kept. */
const KEPT = 2000
/** Characters that mean something in socat's addresses. */
const SPECIAL = /[,:!"'\\(){}[\]\s]/

/**
 * Makes a pseudo terminal by running `socat` as a child, because Node has no way of its own. The child holds the other
 * side of the terminal and ends by itself when this program does, however that ends. Throws `TransportError`.
 */
export async function openPseudoTerminal(link: string | undefined, clock: Clock): Promise<PseudoTerminal> {
  if (link !== undefined) await checkLink(link)
  const address = `pty,raw,echo=0${link === undefined ? '' : `,link=${link}`}`
  const child = spawn('socat', ['-d', '-d', address, 'stdio'], { stdio: 'pipe' })
  child.on('error', () => {})
  child.stdin.on('error', () => {}) // `close` follows
  try {
    const device = await deviceOf(child)
    return new SocatTerminal(child, link ?? device, clock)
  } catch (error) {
    child.kill()
    throw new TransportError(`cannot make a pseudo terminal: ${adviceFor(error)}`, {}, error)
  }
}

/** The child removes what is in its way without asking: only a link, which a run that was killed may have left. */
async function checkLink(link: string): Promise<void> {
  if (SPECIAL.test(link)) throw new UsageError(`${link} has characters that socat takes for its own; take another name`)
  const stat = await lstat(link).catch(() => undefined)
  if (stat === undefined || stat.isSymbolicLink()) return
  throw new TransportError(`cannot make the pseudo terminal ${link}: it exists already`, { link })
}

function adviceFor(error: unknown): string {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
  return missing ? 'socat is not installed; apt-get install socat, or use TCP' : reasonOf(error)
}

/** The device that the child says it has made. */
function deviceOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT)
      const device = /PTY is (\S+)/.exec(said)?.[1]
      if (device !== undefined && /starting data transfer/.test(said)) resolve(device)
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`socat says: ${lastWords(said)}`)))
  })
}

function lastWords(said: string): string {
  return (
    said
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^.*socat\[\d+\] \w /, '') || 'nothing'
  )
}

class SocatTerminal implements PseudoTerminal {
  readonly path: string
  readonly origin: string
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<void>
  readonly #arrivals = new Arrivals<Packet>(WAITING)

  constructor(child: ChildProcessWithoutNullStreams, path: string, clock: Clock) {
    this.path = path
    this.origin = path
    this.#child = child
    child.stdout.on('data', (data: Buffer) => this.#arrivals.push({ data, at: clock.now(), origin: path }))
    this.#ended = new Promise(resolve => {
      child.once('close', () => {
        this.#arrivals.end(this.#gone())
        resolve()
      })
    })
  }

  packets(signal: AbortSignal): AsyncIterable<Packet> {
    return this.#arrivals.items(signal)
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      this.#child.stdin.write(Buffer.from(bytes), error => (error ? reject(this.#gone()) : resolve()))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arrivals.end()
    this.#child.kill()
    await this.#ended
  }

  #gone(): TransportError {
    return new TransportError(`lost the pseudo terminal ${this.path}: socat has ended`, { path: this.path })
  }
}
