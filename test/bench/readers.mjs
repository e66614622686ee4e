/**
 * How fast logs of every format are read, over `canlog --quiet` on the same frames as a candump log.
 * `node test/bench/readers.mjs LOG`; part of `npm run bench`. Each format is made, timed in turn with `canlog`, and deleted.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundle } from './bundled.mjs'
import { OTHER_FORMATS, writeOther } from './frame-logs.mjs'
import { inTurn, median, ROUNDS } from './timing.mjs'

/** These have to be read at half the speed of `canlog --quiet`; of the others fewer rounds will do. */
const FAST = ['candump', 'gvret-csv']
const WRITTEN = ['candump-screen', 'battery-emulator', 'asc', 'trc', 'pcap', 'pcapng', 'python-can-csv', 'ndjson']
const FEW_ROUNDS = Math.min(ROUNDS, 3)

const [log] = process.argv.slice(2)
const bin = join(import.meta.dirname, '../../bin/wattzup.js')
const folder = mkdtempSync(join(tmpdir(), 'wattzup-bench-'))
const reader = await bundle('read-log.ts', folder)
const frames = countOf(log)

try {
  console.log('reading logs: frames and bytes per second over canlog --quiet of the same frames')
  for (const format of FAST) await time(format)
  for (const format of [...WRITTEN, ...OTHER_FORMATS]) await time(format)
  console.log()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function time(format) {
  const isFast = FAST.includes(format)
  const file = format === 'candump' ? log : await made(format)
  const count = countOf(file)
  if (count !== frames) throw new Error(`${format}: ${count} of ${frames} frames were read`)
  print(
    file,
    {
      quiet: wattzup('canlog', log, '--quiet'),
      [`${format}, read`]: [process.execPath, [reader, file]],
      ...(isFast ? { [`${format}, can convert`]: wattzup('can', 'convert', file, '--to', 'candump') } : {}),
      ...(format === 'candump'
        ? { 'candump, can dump --quiet': wattzup('can', 'dump', `file:${log}`, '-q', '--speed', '0') }
        : {}),
    },
    isFast ? ROUNDS : FEW_ROUNDS,
  )
  if (file !== log) rmSync(file)
}

function print(file, commands, rounds) {
  const { quiet, ...times } = inTurn(commands, rounds)
  const bytes = statSync(file).size
  for (const [name, values] of Object.entries(times)) {
    const ratio = median(quiet) / median(values)
    const perByte = (ratio * bytes) / statSync(log).size
    const speed = `${(frames / median(values) / 1e6).toFixed(1)} M/s ${Math.round(bytes / median(values) / 1e6)} MB/s`
    console.log(`  ${name.padEnd(26)} ${ratio.toFixed(2).padStart(5)} ${perByte.toFixed(2).padStart(5)}   ${speed}`)
  }
}

/** A file of that format with the frames of the log. */
async function made(format) {
  const file = join(folder, `home.${format}`)
  if (OTHER_FORMATS.includes(format)) {
    await writeOther(format, log, file)
    return file
  }
  const out = openSync(file, 'w')
  const [node, args] = wattzup('can', 'convert', log, '--to', format)
  spawnSync(node, args, { stdio: ['ignore', out, 'ignore'] })
  closeSync(out)
  return file
}

function countOf(file) {
  return Number(spawnSync(process.execPath, [reader, file], { encoding: 'utf8' }).stdout)
}

function wattzup(...args) {
  return [process.execPath, [bin, ...args]]
}
