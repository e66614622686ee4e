import { CAN, type CanFrame, dlcOf } from '../../core/can.ts'
import type { CanMessage } from '../../core/can-bus.ts'
import type { CanFilters } from '../../core/can-filter.ts'
import { type Clock, yieldToEvents } from '../../core/clock.ts'
import { TransportError } from '../../core/errors.ts'
import type { CanDelivery } from './delivery.ts'
import { InterfaceCounters } from './interface-counters.ts'
import type { CanLink } from './kept-bus.ts'
import { setTime } from './live-origin.ts'
import { interfaceTrouble, refusalReason } from './socketcan-trouble.ts'

/** The package, which is optional: it has a native part that not every machine can build. */
export type LoadSocketcan = () => Promise<SocketcanPackage>

/** What is used of the package. */
export interface SocketcanPackage {
  createRawChannelWithOptions(iface: string, options: { timestamps: boolean; non_block_send: boolean }): RawChannel
}

interface RawChannel {
  addListener(event: 'onMessage', callback: (message: RawMessage) => void): unknown
  addListener(event: 'onStopped', callback: () => void): unknown
  start(): unknown
  stop(): unknown
  /** Bytes that the system took, or -1. More than 8 bytes of data would be written behind the end of a buffer. */
  send(message: RawMessage): number
  /** Fills up to a length that CAN FD knows. */
  sendFD(message: RawMessage): number
  setRxFilters(filters: readonly { id: number; mask: number; invert: boolean }[]): unknown
}

interface RawMessage {
  ts_sec?: number
  ts_usec?: number
  id: number
  ext?: boolean
  rtr?: boolean
  err?: boolean
  fd_brs?: boolean
  data: Buffer
}

/** Conditions that the kernel takes. */
const MOST_CONDITIONS = 512
const LONGEST_CLASSIC = 8
const CLOSING_TURNS = 2
const LONGEST = 64

export interface SocketcanOptions {
  readonly filters: CanFilters
  readonly load?: LoadSocketcan
  /** What is wrong with an interface, if that can be seen. */
  readonly troubleOf?: (iface: string) => string | undefined
}

const loadPackage: LoadSocketcan = () => import('socketcan') as unknown as Promise<SocketcanPackage>

/** Opens a raw CAN socket of an interface. Throws `TransportError` that says what is missing. */
export async function openSocketcan(iface: string, options: SocketcanOptions, clock: Clock): Promise<CanLink> {
  const { filters, load = loadPackage, troubleOf = interfaceTrouble } = options
  const trouble = troubleOf(iface)
  if (trouble !== undefined) throw failure(iface, trouble)
  const socketcan = await load().catch(error => {
    throw failure(iface, packageAdvice(error), error)
  })
  let channel: RawChannel
  try {
    channel = socketcan.createRawChannelWithOptions(iface, { timestamps: true, non_block_send: true })
  } catch (error) {
    throw failure(iface, refusalReason(iface), error)
  }
  const inKernel = !filters.isJoined && filters.conditions.length > 0 && filters.conditions.length <= MOST_CONDITIONS
  if (inKernel) {
    channel.setRxFilters(filters.conditions.map(({ id, mask, isInverted }) => ({ id, mask, invert: isInverted })))
  }
  const counters = inKernel ? undefined : new InterfaceCounters(iface)
  return new SocketcanLink(channel, counters, () => lost(iface, troubleOf(iface)), clock)
}

function failure(iface: string, why: string, cause?: unknown): TransportError {
  return new TransportError(`cannot open ${iface}: ${why}`, { iface }, cause)
}

function lost(iface: string, why = 'the system has closed its socket'): TransportError {
  return new TransportError(`lost ${iface}: ${why}`, { iface })
}

function packageAdvice(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code.endsWith('MODULE_NOT_FOUND') && !message.includes('.node')) {
    return 'the optional package socketcan is not installed; npm install socketcan adds it, Linux only'
  }
  if (/NODE_MODULE_VERSION|did not self-register/.test(message)) {
    return 'the package socketcan is built for another version of Node; npm rebuild socketcan'
  }
  const why = message.split('\n', 1)[0]
  return `the package socketcan does not load (${why}); build it with a compiler: npm rebuild socketcan`
}

/**
 * A raw CAN socket through the package socketcan (4.0.7). The package does not tell bit rate switch, error state and
 * direction of a frame, nor CAN FD from classic where there are 8 bytes or fewer.
 */
class SocketcanLink implements CanLink {
  readonly #channel: RawChannel
  readonly #gone: () => TransportError
  readonly #counters: InterfaceCounters | undefined
  readonly #clock: Clock
  readonly #over: Promise<void>
  #delivery: CanDelivery | undefined
  #isOver = false
  /** One message for everything that is sent, and one buffer for each length. */
  readonly #message: RawMessage = { id: 0, data: Buffer.alloc(0) }
  readonly #buffers = new Map<number, Buffer>()

  /** `gone` says why the system has closed it. */
  constructor(channel: RawChannel, counters: InterfaceCounters | undefined, gone: () => TransportError, clock: Clock) {
    this.#channel = channel
    this.#gone = gone
    this.#counters = counters
    this.#clock = clock
    channel.addListener('onMessage', message => this.#receive(message))
    this.#over = new Promise(resolve => {
      channel.addListener('onStopped', () => {
        this.#isOver = true
        resolve()
      })
    })
    channel.start()
    counters?.begin()
  }

  async run(delivery: CanDelivery, signal: AbortSignal): Promise<void> {
    this.#delivery = delivery
    const ended = new AbortController()
    const stopped = new Promise<void>(resolve => {
      signal.addEventListener('abort', () => resolve(), { once: true, signal: ended.signal })
      if (signal.aborted) resolve()
    })
    const watching = this.#counters?.watch(lost => delivery.event(overrun(lost)), this.#clock, ended.signal)
    await Promise.race([this.#over, stopped])
    ended.abort()
    await watching
    this.#delivery = undefined
    if (!signal.aborted) throw this.#gone()
  }

  send(frame: CanMessage): boolean {
    const { flags, length } = frame
    const isFd = (flags & CAN.fd) !== 0
    const isRemote = (flags & CAN.remote) !== 0
    if (this.#isOver || (flags & CAN.error) !== 0 || length > (isFd ? LONGEST : LONGEST_CLASSIC)) return false
    const message = this.#message
    message.id = frame.id
    message.ext = (flags & CAN.extended) !== 0
    message.rtr = isRemote
    message.fd_brs = (flags & CAN.bitRateSwitch) !== 0
    message.data = this.#bufferOf(isRemote ? Math.min(frame.dlc ?? length, LONGEST_CLASSIC) : length)
    if (!isRemote) for (let i = 0; i < length; i++) message.data[i] = frame.data[i]!
    const taken = isFd ? this.#channel.sendFD(message) : this.#channel.send(message)
    if (taken > 0) this.#counters?.sent()
    return taken > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#channel.stop()
    this.#isOver = true
    // the package lets go of the channel before libuv has closed its handles: it must not be collected until then
    for (let turn = 0; turn < CLOSING_TURNS; turn++) await yieldToEvents()
  }

  #receive(message: RawMessage): void {
    this.#counters?.received()
    const delivery = this.#delivery
    if (delivery === undefined) return
    fill(delivery.frame, message)
    if (message.ts_sec === undefined) setTime(delivery.frame, this.#clock.now())
    delivery.deliver()
  }

  #bufferOf(length: number): Buffer {
    const known = this.#buffers.get(length)
    if (known !== undefined) return known
    const buffer = Buffer.alloc(length)
    this.#buffers.set(length, buffer)
    return buffer
  }
}

function fill(
  frame: CanFrame,
  { id, ext, rtr, err, data, ts_sec: seconds = 0, ts_usec: micros = 0 }: RawMessage,
): void {
  const { length } = data
  frame.id = id
  frame.flags =
    (ext === true ? CAN.extended : 0) |
    (rtr === true ? CAN.remote : 0) |
    (err === true ? CAN.error : 0) |
    (length > LONGEST_CLASSIC ? CAN.fd : 0)
  frame.dlc = length > LONGEST_CLASSIC ? dlcOf(length) : length
  frame.length = rtr === true ? 0 : length
  for (let i = 0; i < frame.length; i++) frame.data[i] = data[i]!
  frame.seconds = seconds
  frame.nanos = micros * 1000
}

function overrun(lost: number) {
  return { type: 'overrun', lost } as const
}
