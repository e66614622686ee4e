/** Times of whole commands that take turns, so that a machine that slows down slows all of them. */
import { spawnSync } from 'node:child_process'

export const ROUNDS = Number(process.env['WATTZUP_BENCH_ROUNDS'] ?? 7)

/** Seconds of every round of every command, the commands taking turns; a first round warms up and does not count. */
export function inTurn(commands, rounds = ROUNDS) {
  const times = Object.fromEntries(Object.keys(commands).map(name => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, [file, args]] of Object.entries(commands)) {
      const start = process.hrtime.bigint()
      spawnSync(file, args, { stdio: 'ignore' })
      const seconds = Number(process.hrtime.bigint() - start) / 1e9
      if (round > 0) times[name].push(seconds)
    }
  }
  return times
}

export function table(title, times, base) {
  const unit = median(times[base])
  console.log(title)
  for (const [name, values] of Object.entries(times)) {
    console.log(`  ${name.padEnd(28)} ${(median(values) / unit).toFixed(2).padStart(6)}   ${seconds(values)}`)
  }
  console.log()
}

/** The median and the range of some times. */
export function seconds(values) {
  const range = `${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)} s`
  return `${median(values).toFixed(3)} s (${range})`
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
