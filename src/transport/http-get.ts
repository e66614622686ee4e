import { get as getPlain, type IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import type { Clock } from '../core/clock.ts'
import { TransportError } from '../core/errors.ts'
import { reasonOf } from './reason.ts'

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** The server's clock, Unix ms, in whole seconds; undefined where it does not tell. */
  readonly date: number | undefined
}

export interface HttpLimits {
  /** For the whole answer. */
  readonly timeoutMs: number
  readonly bytes: number
}

/** An address as messages show it: without the password that may stand in it. */
export function shownUrl(url: URL): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return shown.href
}

/**
 * Asks a server for a document. A name and password in the address are sent as it wants them, and shown nowhere;
 * redirections are answers like others. Rejects with `TransportError`, or the reason of `signal`.
 */
export async function httpGet(url: URL, limits: HttpLimits, clock: Clock, signal: AbortSignal): Promise<HttpAnswer> {
  signal.throwIfAborted()
  const stop = new AbortController()
  const aborted = () => stop.abort(signal.reason)
  signal.addEventListener('abort', aborted, { once: true })
  const late = new TransportError(`cannot read ${shownUrl(url)}: no answer within ${limits.timeoutMs / 1000} s`)
  clock.sleep(limits.timeoutMs, stop.signal).then(
    () => stop.abort(late),
    () => {}, // it came in time
  )
  try {
    return await ask(url, limits.bytes, stop.signal)
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason
    if (error instanceof TransportError) throw error
    throw new TransportError(`cannot read ${shownUrl(url)}: ${reasonOf(error)}`, {}, error)
  } finally {
    signal.removeEventListener('abort', aborted)
    stop.abort()
  }
}

async function ask(url: URL, mostBytes: number, signal: AbortSignal): Promise<HttpAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const get = url.protocol === 'https:' ? getSecure : getPlain
    const headers = { accept: 'application/json', ...authorization(url) }
    get(new URL(shownUrl(url)), { agent: false, headers, signal }, resolve).on('error', reject)
  })
  const blocks: Buffer[] = []
  let size = 0
  for await (const block of response as AsyncIterable<Buffer>) {
    size += block.length
    if (size > mostBytes) throw new TransportError(`cannot read ${shownUrl(url)}: the answer is too long`)
    blocks.push(block)
  }
  const date = Date.parse(response.headers.date ?? '')
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(blocks).toString('utf8'),
    date: Number.isNaN(date) ? undefined : date,
  }
}

function authorization({ username, password }: URL): { readonly authorization?: string } {
  if (username === '' && password === '') return {}
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(plain).toString('base64')}` }
}
