/** What did not count, in lines: `checksum: 444: 3`. */
export function rejectedLines(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].map(([reason, count]) => `${reason}: ${count}`)
}
