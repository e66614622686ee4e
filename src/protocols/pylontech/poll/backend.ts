import type { Clock } from '../../../core/clock.ts'
import type { Packet } from '../../../core/packet.ts'
import type { Transport } from '../../../core/transport.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import type { Reject } from '../../protocol.ts'
import { ConsolePoller } from '../console/console-poller.ts'
import { ConsoleSession } from '../console/session.ts'
import type { Reply } from '../reply.ts'
import { Line } from './line.ts'
import { type PollLoopOptions, pollLoop, type StackHolder } from './poll-loop.ts'
import { StackPoller, type StackPollerOptions } from './stack-poller.ts'

/** A way to ask stacks over a connection. What is known of them outlives connections. */
export interface Backend {
  readonly stacks: readonly StackHolder[]
  /**
   * Asks over a connection until it ends, or one round only; `alive` is called at every answer. Rejects with
   * `TransportError` when the connection is lost or had better be made anew, or with the reason of `signal`.
   */
  poll(link: Transport, alive: () => void, signal: AbortSignal): Promise<void>
}

export interface BackendOptions extends PollLoopOptions {
  /** Takes the bytes of requests and of what comes back. */
  readonly onTraffic: (packet: Packet) => void
}

export interface FrameOptions extends BackendOptions, Pick<StackPollerOptions, 'rs232' | 'together'> {
  readonly structs: StructSet
  /** Groups of addresses, 0 to 7, each a stack. */
  readonly groups: readonly number[]
  readonly baudRate: number
  readonly onReply: (reply: Reply) => void
  readonly onReject: Reject
}

/** Asks with frames, on RS485 or RS232. */
export class FrameBackend implements Backend {
  readonly stacks: readonly StackPoller[]
  readonly #options: FrameOptions
  readonly #clock: Clock

  constructor(options: FrameOptions, clock: Clock) {
    this.stacks = options.groups.map(group => new StackPoller({ ...options, group }, clock))
    this.#options = options
    this.#clock = clock
  }

  async poll(link: Transport, alive: () => void, signal: AbortSignal): Promise<void> {
    await using line = new Line(link, this.#clock, { ...this.#options, onAlive: alive }, signal)
    await pollLoop(this.stacks, line, this.#options, this.#clock)
  }
}

export interface ConsoleBackendOptions extends BackendOptions {
  /** The console has just been told to speak text, and needs a while. */
  readonly waking: boolean
}

/** So often Enter is pressed, once a second, until a console that wakes up is there; one that is awake needs it once. */
const WAKING_TRIES = 10

/** Asks with the commands of the text console, on RS232. */
export class ConsoleBackend implements Backend {
  readonly stacks: readonly ConsolePoller[]
  readonly #options: ConsoleBackendOptions
  readonly #clock: Clock

  constructor(options: ConsoleBackendOptions, clock: Clock) {
    this.stacks = [new ConsolePoller(clock)]
    this.#options = options
    this.#clock = clock
  }

  async poll(link: Transport, alive: () => void, signal: AbortSignal): Promise<void> {
    await using session = new ConsoleSession(link, this.#clock, { ...this.#options, onAlive: alive }, signal)
    await session.prompt(this.#options.waking ? WAKING_TRIES : 1)
    await pollLoop(this.stacks, session, this.#options, this.#clock)
  }
}
