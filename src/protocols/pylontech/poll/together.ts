import type { Values } from '../../../core/values.ts'
import type { Reply } from '../reply.ts'
import type { Outcome } from './attempt.ts'
import type { Question } from './line.ts'

/** Tries of a request to all modules; many stacks never answer one. */
const TRIES = 2

/**
 * Asking the first module for all of them, module FF: one request instead of one for each. It is tried once per
 * connection, and given up for good when it fails or does not tell of every module.
 */
export class Together {
  #commands: readonly number[]

  /** `commands` are those to try. */
  constructor(commands: readonly number[]) {
    this.#commands = commands
  }

  /**
   * Asks for the modules at these addresses; gives the commands that all of them have answered. A reply with fewer or more
   * modules is not taken: nobody knows whose values are whose in it.
   */
  async ask(
    addresses: readonly number[],
    ask: (question: Question) => Promise<Outcome>,
    take: (reply: Reply) => void,
  ): Promise<ReadonlySet<number>> {
    const done = new Set<number>()
    const [adr] = addresses
    if (adr === undefined || addresses.length < 2) return done
    for (const cid2 of this.#commands) {
      const outcome = await ask({ cid2, adr, modules: addresses.length, silentTries: TRIES })
      if (!outcome.ok || countOf(outcome.reply.values) !== addresses.length) break
      take(outcome.reply)
      done.add(cid2)
    }
    this.#commands = this.#commands.filter(cid2 => done.has(cid2))
    return done
  }
}

function countOf({ packs }: Values): number {
  return Array.isArray(packs) ? packs.length : 0
}
