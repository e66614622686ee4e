import { readdir, realpath } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import type { Clock } from '../core/clock.ts'
import { TransportError } from '../core/errors.ts'
import type { CaptureOptions, PacketCapture } from '../core/ethernet.ts'
import { CaptureProcess } from './capture-process.ts'
import { CAPTURE_PROGRAMS, type CaptureTrouble } from './capture-program.ts'

/** So long a program may take to open the interface. */
const BEGIN_MS = 10_000

/**
 * Captures on an interface through `tcpdump`, or `dumpcap` where that is missing or not allowed: Node has no packet
 * sockets, and these need no root. Throws `TransportError`, its context with the `CaptureTrouble`, or the reason of
 * `signal`. `searchPath` is where the programs are, by default where the shell and root find them.
 */
export async function openPacketCapture(
  options: CaptureOptions,
  clock: Clock,
  signal: AbortSignal,
  searchPath = '',
): Promise<PacketCapture> {
  let forbidden: CaptureProcess | undefined
  for (const program of CAPTURE_PROGRAMS) {
    signal.throwIfAborted()
    const child = new CaptureProcess(program, options, searchPath)
    const header = await firstBytes(child, clock, signal)
    if (header !== undefined) return new ProgramCapture(options.iface, child, header, clock, signal)
    if (child.trouble === 'forbidden') forbidden ??= child
    else if (child.trouble !== 'missing') throw refusal(options, child.trouble, await reasonText(child))
  }
  if (forbidden === undefined) throw refusal(options, 'missing', MISSING)
  const { program, path } = forbidden
  const grant = program.grant(await realpath(path).catch(() => path))
  throw refusal(options, 'forbidden', `${program.name} is not permitted to; grant it: ${grant}`)
}

const NEEDS_SHELL = 'only systems with /bin/sh can; elsewhere pipe a capture in: --pcap -'
const MISSING = 'neither tcpdump nor dumpcap is installed; apt-get install tcpdump'

/** The header of the pcap file, which says that the interface is open; undefined when the program has ended instead. */
async function firstBytes(child: CaptureProcess, clock: Clock, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const begun = new AbortController()
  const stop = () => child.stop()
  signal.addEventListener('abort', stop, { once: true })
  let late = false
  clock.sleep(BEGIN_MS, begun.signal).then(
    () => {
      late = true
      return child.end(clock)
    },
    () => {}, // it has begun
  )
  try {
    const bytes = await child.next()
    if (signal.aborted || late) await child.end(clock)
    signal.throwIfAborted()
    if (late) throw new TransportError(`${child.program.name} did not begin within ${BEGIN_MS / 1000} s`)
    return bytes
  } finally {
    begun.abort()
    signal.removeEventListener('abort', stop)
  }
}

function refusal({ iface }: CaptureOptions, trouble: CaptureTrouble, why: string): TransportError {
  return new TransportError(`cannot capture on ${iface}: ${why}`, { iface, trouble })
}

async function reasonText({ trouble, reason, program }: CaptureProcess): Promise<string> {
  if (trouble === 'no_interface') return `no such interface; there are ${(await interfaceNames()).join(', ')}`
  if (trouble === 'no_shell') return NEEDS_SHELL
  return trouble === 'down' ? 'the interface is down' : `${program.name} says: ${reason}`
}

/** All interfaces, also those without an address: they are as good as any for capturing. */
async function interfaceNames(): Promise<string[]> {
  const names = await readdir('/sys/class/net').catch(() => Object.keys(networkInterfaces()))
  return names.sort()
}

const NOTHING = new Uint8Array(0)

class ProgramCapture implements PacketCapture {
  readonly name: string
  readonly size = 0
  readonly live = true
  readonly #child: CaptureProcess
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #stop = () => this.close()
  #rest: Uint8Array
  #stopped = false

  constructor(iface: string, child: CaptureProcess, header: Uint8Array, clock: Clock, signal: AbortSignal) {
    this.name = iface
    this.#child = child
    this.#rest = header
    this.#clock = clock
    this.#signal = signal
    signal.addEventListener('abort', this.#stop, { once: true })
  }

  get program(): string {
    return this.#child.program.name
  }

  get dropped(): number | undefined {
    return this.#child.dropped
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    if (this.#rest.length === 0) this.#rest = (await this.#child.next()) ?? (await this.#ended())
    const part = this.#rest.subarray(0, into.length - at)
    into.set(part, at)
    this.#rest = this.#rest.subarray(part.length)
    return part.length
  }

  close(): void {
    this.#stopped = true
    this.#child.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#stopped = true
    await this.#child.end(this.#clock)
  }

  /** No bytes where the end was asked for. */
  #ended(): Uint8Array {
    if (this.#stopped) return NOTHING
    const { trouble, reason, program } = this.#child
    const why = trouble === 'no_interface' ? 'the interface has disappeared' : `${program.name} has ended: ${reason}`
    throw new TransportError(`lost ${this.name}: ${why}`, { iface: this.name, trouble })
  }
}
