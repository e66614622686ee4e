import type { Clock } from '../core/clock.ts'
import { type Endpoint, endpointText } from '../core/endpoint.ts'
import { isWattzupError } from '../core/errors.ts'
import type { Transport } from '../core/transport.ts'
import { serveConsole } from '../protocols/pylontech/simulator/console.ts'
import { type ServerCounts, serveStack } from '../protocols/pylontech/simulator/server.ts'
import type { SimulatedStack } from '../protocols/pylontech/simulator/stack.ts'
import type { Io } from './io.ts'
import { RunBounds } from './run-bounds.ts'

/** Where a simulated stack is to be found, and how it speaks. */
export interface LineFlags {
  /** A pseudo terminal, and where to make a link to it. */
  readonly pty?: true | string
  readonly tcp?: Endpoint
  readonly console?: true
  readonly baud: number
  readonly duration?: number
}

/** Answers on a pseudo terminal or a TCP port until the run ends; `clock` is that of the modules. */
export async function serveLine(
  io: Io,
  flags: LineFlags,
  stack: SimulatedStack,
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  const bounds = new RunBounds(io, flags.duration === undefined ? {} : { duration: flags.duration })
  const { signal } = bounds
  const note = (text: string) => io.err.write(`wattzup: ${text}\n`)
  const counts: ServerCounts = { requests: 0, answered: 0 }
  const serve: Serve = link =>
    flags.console === true
      ? serveConsole(stack, link, counts, clock, signal)
      : serveStack(stack, link, { baudRate: flags.baud, counts }, io.clock, signal)
  try {
    if (flags.tcp === undefined) await serveTerminal(io, flags.pty, serve, note)
    else await servePort(io, flags.tcp, serve, note, signal)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    bounds.stop()
    note(`${counts.requests} requests, ${counts.answered} answered`)
  }
}

type Serve = (link: Transport) => Promise<void>
type Note = (text: string) => void

async function serveTerminal(io: Io, pty: true | string | undefined, serve: Serve, note: Note): Promise<void> {
  await using terminal = await io.network.pseudoTerminal(typeof pty === 'string' ? pty : undefined)
  note(`listening on the pseudo terminal ${terminal.path}`)
  await serve(terminal)
}

async function servePort(io: Io, at: Endpoint, serve: Serve, note: Note, signal: AbortSignal): Promise<void> {
  await using listener = await io.network.listen(at)
  note(`listening on ${endpointText(listener.endpoint)}`)
  const serving = new Set<Promise<void>>()
  for await (const link of listener.connections(signal)) {
    const done = serveClient(link, serve, note).finally(() => serving.delete(done))
    serving.add(done)
  }
  await Promise.all(serving)
}

/** A client that goes away is no reason to stop. */
async function serveClient(link: Transport, serve: Serve, note: Note): Promise<void> {
  try {
    await using own = link
    await serve(own)
  } catch (error) {
    if (!isWattzupError(error)) throw error
    note(error.message)
  }
}
