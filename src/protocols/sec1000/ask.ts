import type { Clock } from '../../core/clock.ts'
import { isWattzupError, TimeoutError, TransportError, type WattzupError } from '../../core/errors.ts'
import type { Packet } from '../../core/packet.ts'
import type { Transport } from '../../core/transport.ts'
import type { Message, Protocol } from '../protocol.ts'
import { within } from './deadline.ts'
import { exchange } from './exchange.ts'
import type { ReadPoll } from './sec1000.ts'

/** A controller and how to reach it. */
export interface Controller {
  /** What messages call it. */
  readonly name: string
  /** Connects; rejects with `TransportError` or the signal's reason. */
  readonly open: (signal: AbortSignal) => Promise<Transport>
  readonly protocol: Protocol
  /** Told of all bytes that come. */
  readonly received: (packet: Packet) => void
}

/** How often and how patiently to ask. */
export interface Patience {
  /** Tries in all, 1 or more. */
  readonly tries: number
  readonly waitMs: number
  /** Told of every try that failed, from 1. */
  readonly failed: (error: WattzupError, number: number) => void
}

/**
 * Asks until a reply is good and `accept` takes it; gives what `accept` makes of it. It throws `FrameError` where another
 * try is wanted. Throws `TimeoutError` when every try ended in silence, `TransportError` after other failures, and the
 * reason of `signal`.
 */
export async function ask<T>(
  controller: Controller,
  poll: ReadPoll,
  accept: (message: Message) => T,
  { tries, waitMs, failed }: Patience,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  let silent = true
  for (let number = 1; ; number++) {
    try {
      return accept(await askOnce(controller, poll, clock, signal))
    } catch (error) {
      if (signal.aborted || !isWattzupError(error)) throw error
      silent &&= error instanceof TimeoutError
      failed(error, number)
      if (number >= tries) throw summary(controller.name, tries, silent, error)
    }
    await clock.sleep(waitMs, signal)
  }
}

/** One request over a connection of its own, all of it within the poll's time. */
function askOnce(
  { open, protocol, received }: Controller,
  poll: ReadPoll,
  clock: Clock,
  signal: AbortSignal,
): Promise<Message> {
  return within(poll.timeoutMs, clock, signal, async timed => {
    await using link = await open(timed)
    return await exchange(link, protocol, poll, received, timed)
  })
}

function summary(name: string, tries: number, silent: boolean, last: WattzupError): WattzupError {
  const after = tries === 1 ? '' : ` in ${tries} tries`
  if (silent) {
    const advice = 'check the address, and that the controller is on'
    return new TimeoutError(`nothing came from ${name}${after}; ${advice}`, { name, tries })
  }
  return new TransportError(`no data from ${name}${after}; the last time: ${reasonText(last)}`, { name, tries }, last)
}

/** Why a try failed, where it is clear who is meant. */
export function reasonText({ message }: WattzupError): string {
  return message.replace(/^sec1000: /, '')
}
