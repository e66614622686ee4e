import { main } from '../../src/cli/main.ts'
import type { Listener } from '../../src/core/network.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { pump, replier, WatchedClock } from '../protocols/sec1000/controllers.ts'
import { AFTERNOON, powerReply } from '../protocols/sec1000/replies.ts'

/** Aborts never. */
export const never: AbortSignal = new AbortController().signal
/** A reply, and what the command prints of it. */
export const GOOD: Buffer = powerReply(AFTERNOON)
/** All values are 0. */
export const BLANK: Buffer = powerReply(new Array(11).fill(0))
/** A phase with 400 V, and a meter that is where the phases are. */
export const STRANGE: Buffer = powerReply(AFTERNOON.with(0, 4000).with(9, 2610))
/** Where the cache is, in memory. */
export const ENV: Readonly<Record<string, string>> = { XDG_STATE_HOME: '/state' }

export const DOCUMENT: string = `{
    "v1": 238.6,
    "v2": 240.1,
    "v3": 239.7,
    "i1": 5.12,
    "i2": 3.18,
    "i3": 9.07,
    "p1": 1.187,
    "p2": -0.702,
    "p3": 2.125,
    "meters_power": 2.611,
    "inverters_power": 4.873,
    "grid_import_kw": 0,
    "grid_export_kw": 2.611,
    "inverters_power_raw": 4.873,
    "substituted": false
}
`
/** The keys of the original. */
export const ELEVEN: readonly string[] = Object.keys(JSON.parse(DOCUMENT)).slice(0, 11)

export interface Ran {
  readonly io: FakeIo
  readonly code: number
  /** Standard error without the count of readings. */
  readonly complaints: string
}

/** Runs `sec1000 COMMAND 127.0.0.1:PORT ...`; all waits but deadlines are over at once. */
export async function ran(clock: WatchedClock, args: readonly string[], world: World = {}): Promise<Ran> {
  const io = fakeIo(['sec1000', ...args], { clock, env: ENV, ...world })
  const code = await pump(clock, main(io))
  return { io, code, complaints: io.stderr.replace(/wattzup: \d+ readings?\n/, '') }
}

/** Asks a controller that sends each client what is its turn. */
export async function asked(
  turns: readonly Uint8Array[],
  args: readonly string[] = [],
  world: World = {},
  command = 'query',
): Promise<Ran & { readonly host: string; readonly clock: WatchedClock }> {
  const clock = new WatchedClock()
  await using listener = await replier(clock, ...turns.map(turn => [turn]))
  const host = hostOf(listener)
  return { ...(await ran(clock, [command, host, ...args], world)), host, clock }
}

/** How the command line names a server. */
export function hostOf({ endpoint }: Listener): string {
  return `127.0.0.1:${endpoint.port}`
}

/** The lines of standard output. */
export function lines(io: FakeIo) {
  return io.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}
