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
    gap: 0,
    doubled: 0,
    restarted: 0,
    overlong: 0,
    evicted: 0,
    notData: 0,
    unfinished: 0,
  }

  /** Messages and frames that were lost: what the original calls dropped. */
  get dropped(): number {
    const { orphan, gap, overlong, evicted } = this.faults
    return orphan + gap + overlong + evicted + this.badLength + this.badCrc + this.sampled
  }

  /** One line for stderr, undefined where nothing was lost or odd. */
  get summary(): string | undefined {
    const parts = [
      part(this.badCrc, 'with a bad CRC'),
      part(this.badLength, 'with a bad length'),
      part(this.faults.gap, 'with a lost frame'),
      part(this.faults.restarted, 'begun again before their end'),
      part(this.faults.unfinished, 'unfinished at the end'),
      part(this.faults.overlong, 'longer than any message'),
      part(this.faults.evicted, 'given up for too many open ones'),
      part(this.undecodable, 'not decodable'),
    ].filter(text => text !== '')
    const frames = [
      part(this.faults.orphan, 'frames without a beginning'),
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
