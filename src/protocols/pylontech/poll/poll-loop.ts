import type { Clock } from '../../../core/clock.ts'
import { TransportError } from '../../../core/errors.ts'
import { type StackState, withFailure } from '../stack-state.ts'

/** What is known of the stack of a group. */
export interface StackHolder {
  /** Group of its addresses. */
  readonly group: number
  state: StackState
}

/** A stack that can be asked over some kind of link. Outlives connections. */
export interface PolledStack<Link> extends StackHolder {
  /** A new connection begins: what was found out about the last one need not hold. */
  connected(): void
  /** Asks everything once; tells whether any module answered. Rejects when the connection is lost. */
  round(link: Link): Promise<boolean>
}

/** What a loop needs of a connection. */
export interface Restful {
  /** What messages call it. */
  readonly origin: string
  /** Asks nothing for so long; rejects when the connection is lost. */
  rest(ms: number): Promise<void>
}

export interface PollLoopOptions {
  readonly intervalMs: number
  /** One round only. */
  readonly once: boolean
  /** Told when a stack has been asked; the loop waits for the promise. */
  readonly onRound: (stack: StackHolder) => void | Promise<void>
}

/** So many modules in a row that fail, with none that answers, are a reason to make the connection anew. */
const MOST_FAILURES = 3

/**
 * Asks stacks over one connection, round after round, `intervalMs` from start to start. Rejects with `TransportError`
 * when the connection is lost or had better be made anew, or with the reason of the link's signal.
 */
export async function pollLoop<Link extends Restful>(
  stacks: readonly PolledStack<Link>[],
  link: Link,
  { intervalMs, once, onRound }: PollLoopOptions,
  clock: Clock,
): Promise<void> {
  for (const stack of stacks) stack.connected()
  let failures = 0
  for (let due = clock.now(); ; ) {
    let answered = false
    for (const stack of stacks) {
      if (await stack.round(link)) answered = true
      await onRound(stack)
    }
    if (once) return
    failures = answered ? 0 : failures + stacks.reduce((sum, { state }) => sum + Math.max(1, state.packs.size), 0)
    if (failures >= MOST_FAILURES) throw new TransportError(`nothing answers on ${link.origin}`)
    const now = clock.now()
    due += (Math.floor((now - due) / intervalMs) + 1) * intervalMs // without drift; what was missed is not made up for
    await link.rest(due - now)
  }
}

/** The stack when nobody can be asked: its values stay, and are stale. Pure. */
export function disconnected(stack: StackState): StackState {
  return [...stack.packs.values()].reduce(
    (state, { address, error }) => withFailure(state, address, error ?? 'disconnected'),
    stack,
  )
}
