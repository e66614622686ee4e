import type { StreamSummary } from './byte-summary.ts'
import type { CheckResult } from './check-probe.ts'
import type { Parts } from './guess-kinds.ts'

/** Messages that a rule has to hold for. */
const ENOUGH_HITS = 8

/** Hits with two or more other bytes changed; without any, one byte may merely mirror another. */
const ENOUGH_RICH = 2

/**
 * Claims the first or last byte where it follows the others by a rule of `CheckProbe`. If all bytes add up to something
 * that holds for both: then it is the last, as in most protocols.
 */
export function findChecks({ bytes, checks }: StreamSummary, parts: Parts): void {
  const holding = checks.filter(check => (bytes[check.at]?.distinct ?? 0) >= 3 && holds(check))
  const [best] = holding.sort((a, b) => b.hits - a.hits || b.at - a.at)
  if (best === undefined) return
  const rules = holding.filter(({ at, hits }) => at === best.at && hits === best.hits).map(({ rule }) => rule)
  const followed = `moved as this asks in ${best.hits} of ${best.hits + best.misses} changes`
  const mirror = best.rich < ENOUGH_RICH
  const company = mirror ? 'but only one other byte ever changed' : `${best.rich} with 2 other bytes or more`
  parts[best.at] = {
    kind: 'checksum-like',
    guess: `checksum-like (${rules.join(' or ')})`,
    evidence: `${followed}, ${company}`,
    confidence: mirror ? 'low' : rules.length === 1 && best.hits >= 16 ? 'high' : 'medium',
  }
}

/** A copy of another byte is no sum of it, so the plain rules need company; a total that stays, or a CRC, does not. */
function holds({ rule, hits, rich, misses }: CheckResult): boolean {
  if (hits < ENOUGH_HITS || misses * 16 > hits) return false
  return rich >= ENOUGH_RICH || (rule !== 'sum' && rule !== 'XOR')
}
