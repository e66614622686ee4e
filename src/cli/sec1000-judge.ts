import { FrameError } from '../core/errors.ts'
import type { Reading } from '../core/reading.ts'
import { doubts, isBlank } from '../protocols/sec1000/plausible.ts'
import type { Notes } from './sec1000-notes.ts'

export interface JudgeFlags {
  readonly filter: boolean
  readonly strict?: true
}

/** Throws `FrameError` where a reading is none and the controller has to be asked again; `frame` is what it stood in. */
export type Judge = (reading: Reading, frame?: Uint8Array) => void

/**
 * Judges power readings: one whose values are all 0 is none, and under `--strict` neither is one that is hard to believe;
 * else that is only said.
 */
export function powerJudge({ filter, strict }: JudgeFlags, notes: Notes): Judge {
  return ({ values, device }, frame) => {
    if (!filter) return
    const refusal = (reason: string, text: string) =>
      new FrameError(`sec1000: ${text}`, { reason, origin: device, ...(frame === undefined ? {} : { frame }) })
    if (isBlank(values)) throw refusal('blank', 'all values are 0')
    const found = doubts(values)
    const text = found.map(doubt => doubt.text).join('; ')
    if (found.length === 0) notes.clear('doubt')
    else if (strict === true) throw refusal('doubt', text)
    else notes.change('doubt', found.map(({ reason }) => reason).join(), `implausible, published all the same: ${text}`)
  }
}
