/** A stranger's file may hold long names, and thousands of them. */
const MAX_LENGTH = 64
const MAX_CANDIDATES = 500

/** `did you mean "x"?` for the candidate nearest to `text`, or undefined where none is near. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  const wanted = text.slice(0, MAX_LENGTH)
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    if (Math.abs(candidate.length - text.length) >= least) continue
    const steps = distance(wanted, candidate.slice(0, MAX_LENGTH))
    if (steps < least) {
      least = steps
      best = candidate
    }
  }
  return best === undefined ? undefined : `did you mean ${JSON.stringify(best)}?`
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + same))
    }
    row = next
  }
  return row[b.length]!
}
