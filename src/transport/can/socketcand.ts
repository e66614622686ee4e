import type { CanMessage } from '../../core/can-bus.ts'
import type { Clock } from '../../core/clock.ts'
import type { Transport } from '../../core/transport.ts'
import type { CanLink } from './kept-bus.ts'
import { SocketcandReader, type SocketcandReceiver, socketcandMessage } from './socketcand-text.ts'
import { TextLink, within } from './text-link.ts'

/** A server that is there answers within, ms. */
const ANSWER_MS = 5000
const MOST_SHOWN = 100

/**
 * Opens a bus of a socketcand server in raw mode, on a connection that is disposed of with the link. `name` is for
 * messages. Throws `TransportError` where the server refuses or is none.
 */
export async function openSocketcand(
  connect: () => Promise<Transport>,
  iface: string,
  name: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<CanLink> {
  const link = new SocketcandLink(await connect(), name, clock)
  try {
    await link.begin(iface, signal)
    return link
  } catch (error) {
    await link[Symbol.asyncDispose]()
    throw error
  }
}

class SocketcandLink extends TextLink implements SocketcandReceiver {
  protected readonly lookMs = 10_000
  readonly #reader = new SocketcandReader(this)
  #answer: ((words: readonly string[]) => void) | undefined

  async begin(iface: string, signal: AbortSignal): Promise<void> {
    await this.#expect('hi', '', signal)
    await this.#expect('ok', `< open ${iface} >`, signal)
    await this.#expect('ok', '< rawmode >', signal)
  }

  send(frame: CanMessage): boolean {
    const message = socketcandMessage(frame)
    return message !== undefined && this.write(message)
  }

  protected override take(bytes: Uint8Array): void {
    this.#reader.push(bytes)
  }

  protected override look(): boolean {
    if (this.clock.now() - this.heardAt >= this.lookMs) this.write('< echo >')
    return true
  }

  received(): void {
    this.delivery?.deliver()
  }

  said(words: readonly string[]): void {
    const answer = this.#answer
    this.#answer = undefined
    if (answer !== undefined) answer(words)
    else if (words[0] === 'error') this.delivery?.event({ type: 'error', text: shown(words) })
  }

  rejected(): void {
    this.delivery?.event({ type: 'error', text: 'a message of the server is none' })
  }

  /** Says something, unless it is empty, and waits for the server to answer `word`. */
  async #expect(word: string, message: string, signal: AbortSignal): Promise<void> {
    const answer = new Promise<readonly string[]>(resolve => {
      this.#answer = resolve
    })
    if (message !== '') this.write(message)
    const first = await within(ANSWER_MS, Promise.race([answer, this.read]), undefined, this.clock, signal)
    if (first === undefined) throw this.refused(`no answer within ${ANSWER_MS / 1000} s; is it a socketcand server?`)
    if (first instanceof Error) throw first
    if (first[0] !== word) throw this.refused(shown(first))
  }
}

function shown(words: readonly string[]): string {
  return `the server says: ${words.join(' ').slice(0, MOST_SHOWN)}`
}
