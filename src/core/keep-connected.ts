import type { Clock } from './clock.ts'
import { isWattzupError, TransportError } from './errors.ts'

/** What happens to a connection that is kept up, for the log. */
export type LinkEvent =
  | { readonly type: 'connecting' }
  | { readonly type: 'connected' }
  /** It ended or could not be made: `error` where there was one, `retryMs` until the next attempt unless that was all. */
  | { readonly type: 'lost'; readonly error?: Error; readonly retryMs?: number }

export interface KeepOptions<Link extends AsyncDisposable> {
  /** Makes the connection; rejects with `TransportError`. */
  readonly open: (signal: AbortSignal) => Promise<Link>
  /**
   * Uses the connection until it ends; call `alive` at every sign of life. `signal` aborts when the run is over and when
   * the silence was too long.
   */
  readonly use: (link: Link, alive: () => void, signal: AbortSignal) => Promise<void>
  readonly report: (event: LinkEvent) => void
  /** Numbers in [0, 1), for the jitter. */
  readonly random: () => number
  /** One attempt only: what goes wrong is thrown. */
  readonly once?: boolean
  /** A connection without a sign of life for so long is given up. */
  readonly silentMs?: number
  /** The longest wait between attempts, ms; 60 s without it. */
  readonly longestMs?: number
}

/** Waits between attempts, in ms: the first, and the longest where nobody says otherwise. */
const FIRST_MS = 1000
const LONGEST_MS = 60_000

/** So long a connection must have shown signs of life before the waits begin anew: else two rivals would take turns. */
const PROVEN_MS = 60_000

/**
 * Makes a connection, uses it, and makes it again whenever it is lost, for ever, with waits of 1, 2, 4 .. 60 s and
 * jitter; ends when `signal` aborts. Anything but a `WattzupError` is a defect and is thrown.
 */
export async function keepConnected<Link extends AsyncDisposable>(
  options: KeepOptions<Link>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    options.report({ type: 'connecting' })
    const { error, proven } = await attempt(options, clock, signal)
    if (signal.aborted) return
    if (options.once === true) {
      options.report({ type: 'lost', ...(error === undefined ? {} : { error }) })
      if (error !== undefined) throw error
      return
    }
    failures = proven ? 0 : failures + 1
    const retryMs = backoffMs(proven ? 0 : failures - 1, options.random, options.longestMs)
    options.report({ type: 'lost', ...(error === undefined ? {} : { error }), retryMs })
    await clock.sleep(retryMs, signal).catch(() => {}) // the loop looks at the signal
  }
}

/** The wait after so many failures before: 1, 2, 4 .. 60 s, each up to a quarter shorter or longer, within the bounds. */
export function backoffMs(failures: number, random: () => number, longestMs = LONGEST_MS): number {
  const wait = Math.min(FIRST_MS * 2 ** Math.min(failures, 16), longestMs)
  return Math.round(Math.min(Math.max(wait * (0.75 + random() / 2), FIRST_MS), longestMs))
}

interface Outcome {
  readonly error?: Error
  /** The connection worked for long enough to be trusted. */
  readonly proven: boolean
}

async function attempt<Link extends AsyncDisposable>(
  { open, use, report, silentMs }: KeepOptions<Link>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome> {
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  let proven = false
  try {
    await using link = await open(signal)
    report({ type: 'connected' })
    const since = clock.now()
    let last = since
    const alive = () => {
      last = clock.now()
      proven ||= last - since >= PROVEN_MS
    }
    const watching = silentMs === undefined ? undefined : watch(() => last, silentMs, clock, stop)
    await use(link, alive, ended).finally(() => stop.abort(OVER))
    const silence = await watching
    return silence === undefined ? { proven } : { error: silence, proven }
  } catch (error) {
    if (error === signal.reason) return { proven }
    if (error === stop.signal.reason && isWattzupError(error)) return { error, proven }
    if (!isWattzupError(error)) throw error
    return { error, proven }
  } finally {
    stop.abort(OVER)
  }
}

/** Why a connection that ended by itself is no longer watched. */
const OVER = new Error('the connection has ended')

/** Aborts the use of a connection that has been silent for too long; gives the error then, undefined when all was well. */
async function watch(
  last: () => number,
  silentMs: number,
  clock: Clock,
  stop: AbortController,
): Promise<Error | undefined> {
  for (;;) {
    const left = last() + silentMs - clock.now()
    if (left <= 0) {
      const silence = new TransportError(`nothing came for ${Math.round(silentMs / 1000)} s`, { silentMs })
      stop.abort(silence)
      return silence
    }
    try {
      await clock.sleep(left, stop.signal)
    } catch {
      return undefined // the use has ended
    }
  }
}
