import type { FrameFault } from '../reassembler.ts'

/** What became of frames and messages: the counters behind `--sum` and the summary at the end. */
export class Tally {
  /** Messages seen before any check: complete ones and single frames of channels D and E. */
  recs = 0
  badLength = 0
  badCrc = 0
  sampled = 0
  reduced = 0
  short = 0
  undecodable = 0
  readonly faults: Record<FrameFault, number> = {
    orphan: 0,
    headless: 0,
    gap: 0,
    doubled: 0,
    restarted: 0,
    overlong: 0,
    evicted: 0,
    notData: 0,
    unfinished: 0,
  }

  readonly #compat: boolean

  /** `compat`: count as the original does. */
  constructor(compat: boolean) {
    this.#compat = compat
  }

  /** Messages that were lost or sampled out. The original counts every frame without a message, and no restart. */
  get dropped(): number {
    const { orphan, headless, gap, restarted, overlong, evicted } = this.faults
    const checked = this.badLength + this.badCrc + this.sampled + overlong + evicted
    return checked + (this.#compat ? orphan : headless + gap + restarted)
  }

  /** One line for stderr, undefined where nothing was lost or odd. */
  get summary(): string | undefined {
    const parts = [
      part(this.badCrc, 'with a bad CRC'),
      part(this.badLength, 'with a bad length'),
      part(this.faults.headless, 'without a beginning'),
      part(this.faults.gap, 'with a lost frame'),
      part(this.faults.restarted, 'begun again before their end'),
      part(this.faults.unfinished, 'unfinished at the end'),
      part(this.faults.overlong, 'longer than any message'),
      part(this.faults.evicted, 'given up for too many open ones'),
      part(this.undecodable, 'not decodable'),
    ].filter(text => text !== '')
    const frames = [
      part(this.#compat ? this.faults.orphan : 0, 'frames without a beginning'),
      part(this.faults.doubled, 'doubled frames'),
      part(this.faults.notData, 'frames that carry no classic data'),
      part(this.short, 'fields beyond the end of their payload'),
    ].filter(text => text !== '')
    const messages = parts.length > 0 ? [`messages ${parts.join(', ')}`] : []
    const all = [...messages, ...frames]
    return all.length === 0 ? undefined : `passed over: ${all.join('; ')}`
  }
}

function part(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}`
}
