import { closeSync, readFileSync, writeSync } from 'node:fs'
import type { Clock } from '../core/clock.ts'
import { TransportError } from '../core/errors.ts'
import type { FrameSender } from '../core/ethernet.ts'
import { reasonOf } from './reason.ts'

/** Numbers of Linux' packet sockets, packet(7). */
const AF_PACKET = 17
const SOCK_RAW = 3
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x80000
/** A socket of no protocol receives nothing. */
const NO_PROTOCOL = 0
const SOCKADDR_LL = 20
const EPERM = 1

/** Between two attempts when the queue of the interface is full. */
const RETRY_MS = 1

/** The package, which is optional: it calls functions of the C library, which has the only way to packet sockets. */
export type LoadKoffi = () => Promise<typeof import('koffi')>

/**
 * Opens an interface for sending whole Ethernet frames; Linux only, for root or with CAP_NET_RAW. Throws
 * `TransportError`.
 */
export async function openFrameSender(iface: string, clock: Clock, load?: LoadKoffi): Promise<FrameSender> {
  const index = indexOf(iface)
  const loading = load?.() ?? import('koffi').catch(rethrow)
  const { default: koffi } = await loading.catch(error => {
    throw failure(iface, `${packageAdvice(error)}; --pcap FILE needs no package`, error)
  })
  const system = koffi.load(null)
  const socket = system.func('int socket(int, int, int)')
  const bind = system.func('int bind(int, void *, unsigned int)')
  const fd: number = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NO_PROTOCOL)
  if (fd < 0) throw failure(iface, koffi.errno() === EPERM ? FORBIDDEN : `error ${koffi.errno()} of socket()`)
  if (bind(fd, addressOf(index), SOCKADDR_LL) === 0) return new PacketSocket(fd, iface, clock)
  const errno = koffi.errno()
  closeSync(fd)
  throw failure(iface, `error ${errno} of bind()`)
}

const FORBIDDEN = 'raw frames are for root only (CAP_NET_RAW); run it with sudo'

function rethrow(error: unknown): never {
  throw error
}

function packageAdvice(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (!code.endsWith('MODULE_NOT_FOUND')) return `the package koffi does not load (${message.split('\n', 1)[0]})`
  return 'the optional package koffi is not installed; npm install koffi adds it'
}

/** The number of an interface. Linux has a folder for each. */
function indexOf(iface: string): number {
  try {
    if (!/^[^/\s]+$/.test(iface) || iface.startsWith('.')) throw new Error('that is no name of one')
    return Number(readFileSync(`/sys/class/net/${iface}/ifindex`, 'latin1'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw failure(iface, code === 'ENOENT' ? 'no such interface; see: ip link' : reasonOf(error), error)
  }
}

/** A `sockaddr_ll`: family u16, protocol u16 (big-endian), interface i32, the rest zeros; in the machine's byte order. */
function addressOf(index: number): Uint8Array {
  const address = new Uint8Array(SOCKADDR_LL)
  new Uint16Array(address.buffer)[0] = AF_PACKET
  new Int32Array(address.buffer)[1] = index
  return address
}

const REASONS: Readonly<Record<string, string>> = {
  ENOBUFS: 'its queue is full',
  ENETDOWN: 'the interface is down',
  ENXIO: 'the interface has disappeared',
  ENODEV: 'the interface has disappeared',
  EMSGSIZE: 'the frame is too long',
}

function failure(iface: string, why: string, cause?: unknown): TransportError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return new TransportError(`cannot send on ${iface}: ${why}`, { iface, code }, cause)
}

class PacketSocket implements FrameSender {
  readonly #fd: number
  readonly #iface: string
  readonly #clock: Clock
  #open = true

  constructor(fd: number, iface: string, clock: Clock) {
    this.#fd = fd
    this.#iface = iface
    this.#clock = clock
  }

  async send(frame: Uint8Array, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted()
      try {
        writeSync(this.#fd, frame) // one call, one frame
        return
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException
        if (code !== 'EAGAIN') throw failure(this.#iface, REASONS[code] ?? reasonOf(error), error)
      }
      await this.#clock.sleep(RETRY_MS, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }
}
