import { read } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../core/clock.ts'
import { TransportError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import type { SerialAddress } from '../core/serial-address.ts'
import type { Transport } from '../core/transport.ts'
import { Arrivals } from './arrivals.ts'
import { reasonOf } from './reason.ts'

/** Packets that wait for a reader. */
const WAITING = 1024
/** Bytes that are read at once. */
const BLOCK = 4096

/** The package, which is optional: it has a native part that not every machine can build. */
export type LoadSerialport = () => Promise<typeof import('serialport')>

/**
 * Opens a serial port or pseudo terminal, 8N1, for this program alone. Throws `TransportError` where the package, the
 * device or the permission is missing, or the reason of `signal`.
 */
export async function openSerial(
  { path, baudRate }: SerialAddress,
  clock: Clock,
  signal: AbortSignal,
  load: LoadSerialport = () => import('serialport'),
): Promise<Transport> {
  signal.throwIfAborted()
  const { SerialPort } = await load().catch(error => {
    throw new TransportError(`cannot open ${path}: ${packageAdvice(error)}`, { path }, error)
  })
  let port: OpenPort
  try {
    port = await SerialPort.binding.open({ path, baudRate })
  } catch (error) {
    throw new TransportError(`cannot open ${path}: ${await whyNot(path, error)}`, { path }, error)
  }
  const transport = new SerialTransport(port, path, clock)
  if (!signal.aborted) return transport
  await transport[Symbol.asyncDispose]()
  throw signal.reason
}

/** What is used of the package: its lowest layer. */
interface OpenPort {
  readonly isOpen: boolean
  /** Of Linux and macOS. */
  readonly fd?: number | null
  readonly poller?: { once(event: 'readable', callback: (error: Error | null) => void): unknown }
  read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }>
  write(buffer: Buffer): Promise<void>
  close(): Promise<void>
}

function packageAdvice(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const why = code.endsWith('MODULE_NOT_FOUND')
    ? 'the optional package serialport is not installed; npm install serialport adds it'
    : `the package serialport does not load (${message.split('\n', 1)[0]})`
  return `${why}. A bridge needs no package: tcp://HOST:PORT`
}

/** The package tells its errors in words only, so the system is asked for what users can mend. */
async function whyNot(path: string, error: unknown): Promise<string> {
  const { message } = error as Error
  if (/\block\b/.test(message)) return 'another program has it open'
  try {
    await access(path, constants.R_OK | constants.W_OK)
  } catch (refusal) {
    const { code } = refusal as NodeJS.ErrnoException
    if (code === 'ENOENT') return 'no such device; see: ls /dev/serial/by-id'
    if (code === 'EACCES') {
      return 'permission denied; the group dialout may use it: sudo usermod -aG dialout $USER, then log in again'
    }
    return reasonOf(refusal)
  }
  return /ioctl|director/i.test(message) ? 'it is no serial port' : message
}

class SerialTransport implements Transport {
  readonly origin: string
  readonly #port: OpenPort
  readonly #clock: Clock
  readonly #arrivals = new Arrivals<Packet>(WAITING)
  #sending: Promise<void> = Promise.resolve()

  constructor(port: OpenPort, path: string, clock: Clock) {
    this.origin = path
    this.#port = port
    this.#clock = clock
    void this.#receive()
  }

  get dropped(): number {
    return this.#arrivals.dropped
  }

  packets(signal: AbortSignal): AsyncIterable<Packet> {
    return this.#arrivals.items(signal)
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const data = Buffer.from(bytes)
    const sent = this.#sending.then(() => this.#port.write(data))
    this.#sending = sent.catch(() => {})
    const aborted = new AbortController()
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: aborted.signal })
    })
    try {
      await Promise.race([sent, stopped])
    } catch (error) {
      throw signal.aborted ? signal.reason : this.#gone(error)
    } finally {
      aborted.abort()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arrivals.end()
    if (this.#port.isOpen) await this.#port.close().catch(() => {}) // of a device that is gone
  }

  async #receive(): Promise<void> {
    const block = Buffer.alloc(BLOCK)
    try {
      for (;;) {
        const count = await readSome(this.#port, block)
        const data = Uint8Array.from(block.subarray(0, count))
        this.#arrivals.push({ data, at: this.#clock.now(), origin: this.origin })
      }
    } catch (error) {
      this.#arrivals.end(this.#gone(error))
    }
  }

  /** The system gives an unplugged device all kinds of reasons: bad file descriptor, I/O error, end of file. */
  #gone(cause: unknown): TransportError {
    return new TransportError(`lost ${this.origin}: the device is gone`, { origin: this.origin }, cause)
  }
}

const readFile = promisify(read)

/**
 * Reads what is there, at least one byte, and waits for it; rejects when the port is closed or gone. The package's own
 * reading (13.0.0) would not do on Linux: it takes the end of file, which is what an unplugged device gives, for a reason
 * to read again at once, for ever.
 */
async function readSome(port: OpenPort, into: Buffer): Promise<number> {
  const { fd, poller } = port
  if (typeof fd !== 'number' || poller === undefined) return (await port.read(into, 0, into.length)).bytesRead
  for (;;) {
    try {
      const { bytesRead } = await readFile(fd, into, 0, into.length, null)
      if (bytesRead === 0) throw new Error('end of file')
      return bytesRead
    } catch (error) {
      if (!WAIT.has((error as NodeJS.ErrnoException).code ?? '') || !port.isOpen) throw error
      await new Promise<void>((resolve, reject) => {
        poller.once('readable', failure => (failure === null ? resolve() : reject(failure)))
      })
    }
  }
}

/** Nothing is there yet. */
const WAIT: ReadonlySet<string> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR'])
