import { TimeoutError } from '../../core/errors.ts'
import type { DongleLink } from './dongle-link.ts'
import { ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE, LxpException } from './exception.ts'
import type { LxpFrame } from './frame.ts'
import { SMALLEST_BLOCK, splitBlock } from './read-plan.ts'
import { readTwice } from './read-twice.ts'
import { type ReadRequest, requestText } from './request.ts'
import type { SkipList } from './skip-list.ts'

/** What became of the blocks of one cycle. */
export interface PollSummary {
  /** Blocks that came in full, that came with fewer registers than asked for, and that were refused. */
  answered: number
  short: number
  refused: number
  /** Requests that were asked a second time since no answer came. */
  timedOut: number
  /** Blocks that were not asked for, because they were refused or not answered before. */
  skipped: number
  /** Inverters that did not answer, or were left out because they did not. */
  silent: number
}

export type PollEvent =
  | { readonly type: 'cycle'; readonly summary: PollSummary }
  /** The dongle does not give blocks of that size: from here on the connection asks for smaller ones. */
  | { readonly type: 'smaller'; readonly inverter: string; readonly request: ReadRequest; readonly why: string }
  /** A block, or an inverter, is left out for ten minutes. */
  | { readonly type: 'skipped'; readonly inverter: string; readonly request?: ReadRequest; readonly why: string }

/** Refusals of a block before it is left out, and connections that it may end by not being answered. */
const ALLOWED_FAILURES = 1

/** Codes that say that there is no such block: a failure or a busy inverter may be better next time. */
const LASTING_CODES: readonly number[] = [ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE]

/** The cycles of one connection: every block of every inverter, one after the other. */
export class PollRound {
  readonly #link: DongleLink
  readonly #blocks: readonly ReadRequest[]
  readonly #skips: SkipList
  readonly #report: (event: PollEvent) => void
  /** Inverters that have answered on this connection. */
  readonly #alive = new Set<string>()
  #small = false
  #summary: PollSummary = nothing()

  constructor(link: DongleLink, blocks: readonly ReadRequest[], skips: SkipList, report: (event: PollEvent) => void) {
    this.#link = link
    this.#blocks = blocks
    this.#skips = skips
    this.#report = report
  }

  async run(signal: AbortSignal): Promise<PollSummary> {
    this.#summary = nothing()
    const silent = new Map<string, TimeoutError>()
    const { serials } = this.#link
    for (let i = 0; i < serials.inverters.length; i++) {
      const inverter = serials.inverters[i]! // there may be more than at the beginning
      if (this.#skips.has(inverter)) {
        this.#summary.silent++
        continue
      }
      try {
        await this.#inverter(inverter, signal)
      } catch (error) {
        if (!(error instanceof TimeoutError) || this.#alive.has(inverter)) throw error
        silent.set(inverter, error)
      }
    }
    this.#leaveOut(silent)
    return this.#summary
  }

  async #inverter(inverter: string, signal: AbortSignal): Promise<void> {
    for (const block of this.#blocks) {
      for (const part of this.#small ? splitBlock(block, SMALLEST_BLOCK) : [block]) {
        await this.#block(inverter, part, signal)
      }
    }
    this.#skips.succeeded(inverter)
  }

  async #block(inverter: string, block: ReadRequest, signal: AbortSignal): Promise<void> {
    if (this.#skips.has(keyOf(inverter, block))) {
      this.#summary.skipped++
      return
    }
    const frame = await this.#ask(inverter, block, signal)
    this.#alive.add(inverter)
    const isRefused = frame instanceof LxpException
    if (!isRefused) this.#skips.succeeded(keyOf(inverter, block))
    if (!isRefused && frame.count === block.count) this.#summary.answered++
    else if (this.#mayShrink(block)) await this.#shrink(inverter, block, reasonOf(frame), signal)
    else if (!isRefused) this.#summary.short++
    else this.#refused(inverter, block, frame)
  }

  /** The answer, or the refusal. What comes with too few registers is asked for again, unless smaller blocks will do. */
  async #ask(inverter: string, block: ReadRequest, signal: AbortSignal): Promise<LxpFrame | LxpException> {
    const read = () => readTwice(this.#link, inverter, block, signal, () => this.#summary.timedOut++)
    try {
      const frame = await read()
      return frame.count === block.count || this.#mayShrink(block) ? frame : await read()
    } catch (error) {
      if (error instanceof LxpException) return error
      const isAlive = this.#alive.has(inverter) // else it may be the inverter that is silent, not the block
      if (error instanceof TimeoutError && isAlive) this.#failed(inverter, block, 'it is not answered')
      throw error
    }
  }

  #mayShrink(block: ReadRequest): boolean {
    return !this.#small && splitBlock(block, SMALLEST_BLOCK).length > 1
  }

  async #shrink(inverter: string, block: ReadRequest, why: string, signal: AbortSignal): Promise<void> {
    this.#small = true
    this.#report({ type: 'smaller', inverter, request: block, why })
    for (const part of splitBlock(block, SMALLEST_BLOCK)) await this.#block(inverter, part, signal)
  }

  #refused(inverter: string, block: ReadRequest, { code, codeName }: LxpException): void {
    this.#summary.refused++
    if (LASTING_CODES.includes(code)) this.#failed(inverter, block, codeName)
  }

  #failed(inverter: string, block: ReadRequest, why: string): void {
    const isLeftOut = this.#skips.failed(keyOf(inverter, block), ALLOWED_FAILURES)
    if (isLeftOut) this.#report({ type: 'skipped', inverter, request: block, why })
  }

  /** Inverters that say nothing are left out while others do answer; else it is the connection that is dead. */
  #leaveOut(silent: ReadonlyMap<string, TimeoutError>): void {
    for (const [inverter, error] of silent) {
      if (this.#alive.size === 0) throw error
      this.#summary.silent++
      this.#skips.failed(inverter, 0)
      this.#report({ type: 'skipped', inverter, why: 'it does not answer' })
    }
  }
}

function nothing(): PollSummary {
  return { answered: 0, short: 0, refused: 0, timedOut: 0, skipped: 0, silent: 0 }
}

function keyOf(inverter: string, block: ReadRequest): string {
  return `${inverter} ${requestText(block)}`
}

function reasonOf(answer: LxpFrame | LxpException): string {
  return answer instanceof LxpException ? answer.codeName : `only ${answer.count ?? 0} registers came`
}
