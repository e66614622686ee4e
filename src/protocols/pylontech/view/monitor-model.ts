import type { Values } from '../../../core/values.ts'
import { visible } from '../../../core/visible.ts'
import { AlarmLog } from './alarms.ts'
import { sampleOf, sampleOfTotals, WHOLE } from './curve.ts'
import { History } from './history.ts'
import { readStack } from './read-stack.ts'
import type { Content } from './screen.ts'
import { hasValues, isStale, type Module, type Stack } from './stack.ts'
import { totalsOf } from './totals.ts'

/** Values are old when so many new ones should have come. */
const STALE_INTERVALS = 3
/** Distances between new values that are remembered. */
const REMEMBERED_GAPS = 5
/** Characters of a line about what is wrong. */
const LONGEST = 300

export interface ModelOptions {
  /** What messages call the source. */
  readonly source: string
  /** How often new values are expected, ms. */
  readonly intervalMs: number
  /** When values are old, ms; without it, when three new ones should have come. */
  readonly staleAfterMs?: number
}

/** What a monitor knows: the newest state of a stack, its past, and what is wrong with the source. */
export class MonitorModel {
  readonly history = new History()
  stack: Stack | undefined
  readonly #log = new AlarmLog()
  readonly #options: ModelOptions
  readonly #gaps: number[] = []
  #newestAt: number | undefined
  #problem: string | undefined

  constructor(options: ModelOptions) {
    this.#options = options
  }

  /** When values are old, ms. A source that is slower than expected sets its own pace. */
  get staleAfterMs(): number {
    const { staleAfterMs, intervalMs } = this.#options
    const pace = this.#gaps.length === 0 ? 0 : Math.min(...this.#gaps)
    return staleAfterMs ?? STALE_INTERVALS * Math.max(intervalMs, pace)
  }

  get content(): Content {
    const source = visible(this.#options.source, LONGEST)
    return { stack: this.stack, source, problem: this.#problem, changes: this.#log.changes }
  }

  /**
   * Takes a document that was true at a time, Unix ms; what was wrong with the source is over then. Tells whether
   * anything new is wrong with a module.
   */
  take(document: Values, at: number): boolean {
    const before = new Map(this.stack?.modules.map(module => [module.key, module]))
    this.stack = readStack(document, at)
    this.#problem = undefined
    const fresh = this.stack.modules.filter(module => isNewer(module, before.get(module.key)))
    for (const module of fresh) this.history.add(module.key, module.updatedAt ?? at, sampleOf(module))
    if (fresh.length > 0) {
      const totals = totalsOf(this.stack.modules, at, this.staleAfterMs)
      this.#learnPace(totals.updatedAt ?? at)
      this.history.add(WHOLE, totals.updatedAt ?? at, sampleOfTotals(totals))
    }
    return this.tick(at)
  }

  /** Lets time pass: what is not heard of becomes old. Tells whether anything new is wrong. */
  tick(now: number): boolean {
    const isOld = (module: Module) => isStale(module, now, this.staleAfterMs)
    return this.stack === undefined ? false : this.#log.update(this.stack.modules, now, isOld)
  }

  /** Something is wrong with the source, or nothing any more. */
  complain(problem: string | undefined): void {
    this.#problem = problem === undefined ? undefined : visible(problem, LONGEST)
  }

  #learnPace(newestAt: number): void {
    if (this.#newestAt !== undefined && newestAt > this.#newestAt) this.#gaps.push(newestAt - this.#newestAt)
    if (this.#gaps.length > REMEMBERED_GAPS) this.#gaps.shift()
    this.#newestAt = newestAt
  }
}

/** Whether a module has said something since; one that never tells when it did has done so with every document. */
function isNewer(module: Module, before: Module | undefined): boolean {
  if (!hasValues(module) || module.stale) return false
  return module.updatedAt === null || module.updatedAt !== before?.updatedAt
}
