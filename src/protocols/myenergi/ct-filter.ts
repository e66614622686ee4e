import type { Values } from '../../core/values.ts'

const INPUTS: readonly string[] = ['ct1', 'ct2', 'ct3']
/** The type number under which generation was seen. */
const GENERATION = 3
/** A step that one sample alone does not prove, W. */
const MOST_STEP = 5000
/** Generation above this does not end from one sample to the next, W. */
const DROPOUT = 500
const SAMPLES = 3

interface History {
  /** The last samples that were believed, the newest last; at most three. */
  readonly samples: number[]
  /** A sample that was not believed; the next one may confirm it. */
  doubted: number | undefined
}

/**
 * Holds back single samples of current transformers that are far from the median of the last three, and generation
 * that is 0 for one sample: both are faults of records 0x2B. The next sample may confirm what was held back. For one
 * device.
 */
export class CurrentTransformerFilter {
  readonly #histories = new Map<string, History>()

  /** Takes the values of doubtful inputs away; gives the number of these. */
  apply(values: Values): number {
    let count = 0
    for (const input of INPUTS) {
      const power = values[`${input}/power`]
      if (typeof power === 'number' && !this.#believe(input, power, values[`${input}/type`] === GENERATION)) {
        delete values[`${input}/power`]
        delete values[`${input}/current`]
        count++
      }
    }
    return count
  }

  #believe(input: string, power: number, generation: boolean): boolean {
    const history = this.#histories.get(input) ?? { samples: [], doubted: undefined }
    this.#histories.set(input, history)
    const { samples, doubted } = history
    const confirmed = doubted !== undefined && Math.abs(power - doubted) <= (doubted === 0 ? 0 : MOST_STEP)
    if (!confirmed && doubtful(power, samples, generation)) {
      history.doubted = power
      return false
    }
    if (confirmed) samples.length = 0 // a new level
    history.doubted = undefined
    samples.push(power)
    if (samples.length > SAMPLES) samples.shift()
    return true
  }
}

function doubtful(power: number, samples: readonly number[], generation: boolean): boolean {
  if (samples.length === 0) return false
  if (generation && power === 0 && samples[samples.length - 1]! > DROPOUT) return true
  const sorted = samples.toSorted((a, b) => a - b)
  return Math.abs(power - sorted[Math.floor((sorted.length - 1) / 2)]!) > MOST_STEP
}
