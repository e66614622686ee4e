/**
 * A gateway between a battery and an inverter whose bus is full, for ten simulated minutes: whether it keeps its times and
 * its memory, and what a frame costs. `node test/bench/gateway.mjs [minutes]`; part of `npm run bench`.
 */
import { runBundled } from './bundled.mjs'

const [minutes = '10'] = process.argv.slice(2)
await runBundled('gateway-run.ts', ['--expose-gc'], minutes)
console.log()
// so much room for young objects that none is collected while they are counted
await runBundled('gateway-allocations.ts', ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'])
