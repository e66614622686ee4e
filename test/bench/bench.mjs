/**
 * Times whole commands on a log of its own making and prints medians as ratios within this run: `npm run bench`.
 * Every command is run in turn, at least five times, so that a machine that slows down slows all of them.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { writeDongleFrames } from './dongle-frames.mjs'
import { inTurn, median, ROUNDS, seconds, table } from './timing.mjs'

/** Frames of a dongle, which come in one file. */
const FRAMES = 100_000
const bin = join(import.meta.dirname, '../../bin/wattzup.js')
const folder = mkdtempSync(join(tmpdir(), 'wattzup-bench-'))

try {
  main()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function main() {
  const log = join(folder, 'home.log')
  console.log('making a log: wattzup simulate ecoflow --seed 1 --minutes 35')
  run(['simulate', 'ecoflow', '--seed', '1', '--minutes', '35', '--output', log])
  const lines = countLines(log)
  console.log(`${lines} frames, ${megabytes(log)} MB; ${machine()}\n`)
  throughput(log)
  const frames = join(folder, 'dongle.bin')
  writeDongleFrames(frames, FRAMES)
  analyze(log, frames)
  memory(log, frames)
  startUp(log)
  linear(log)
  script('readers.mjs', log)
  script('gateway.mjs')
}

/** Runs another bench of this folder. */
function script(name, ...args) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, name), ...args], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${name} failed`)
}

function throughput(log) {
  const withLog2long = spawnSync('log2long', ['-h'], { stdio: 'ignore' }).error === undefined
  const commands = {
    'wc -l': ['wc', ['-l', log]],
    ...(withLog2long ? { log2long: ['sh', ['-c', 'exec log2long < "$0"', log]] } : {}),
    'canlog --quiet': node('canlog', log, '--quiet'),
    'canlog (text)': node('canlog', log),
    'canlog --rec': node('canlog', log, '--rec'),
    'canlog --format ndjson': node('canlog', log, '--format', 'ndjson'),
  }
  const times = inTurn(commands)
  const base = withLog2long ? 'log2long' : 'wc -l'
  table(`time over ${base}`, times, base)
  if (!withLog2long) console.log('log2long is not installed (apt-get install can-utils): ratios are over wc -l\n')
}

/** Bytes per second of saved frames over those of `canlog --quiet`. */
function analyze(log, frames) {
  const commands = {
    'canlog --quiet': node('canlog', log, '--quiet'),
    'modbus analyze': node('modbus', 'analyze', frames),
    'modbus analyze --format ndjson': node('modbus', 'analyze', frames, '--format', 'ndjson'),
  }
  const times = inTurn(commands)
  const rate = name => statSync(name.startsWith('canlog') ? log : frames).size / median(times[name])
  console.log(`bytes per second over canlog --quiet, ${FRAMES} frames of a dongle, ${megabytes(frames)} MB`)
  for (const name of Object.keys(commands)) {
    const share = (rate(name) / rate('canlog --quiet')).toFixed(2)
    console.log(`  ${name.padEnd(32)} ${share}   ${Math.round(rate(name) / 1e6)} MB/s (${seconds(times[name])})`)
  }
  console.log()
}

function startUp(log) {
  const one = join(folder, 'one.log')
  const fd = openSync(one, 'w')
  writeSync(fd, readFileSync(log).subarray(0, 52))
  closeSync(fd)
  const commands = {
    'node -e 0': [process.execPath, ['-e', '0']],
    'wattzup --version': node('--version'),
    'canlog, a log of one line': node('canlog', one),
  }
  table('start-up over node -e 0', inTurn(commands, ROUNDS * 4), 'node -e 0')
}

/** Cost per line of a long log over that of its first tenth: 1.0 is linear. */
function linear(log) {
  const part = join(folder, 'part.log')
  const bytes = readFileSync(log)
  const end = bytes.indexOf(10, bytes.length / 10) + 1
  const fd = openSync(part, 'w')
  writeSync(fd, bytes.subarray(0, end))
  closeSync(fd)
  console.log('cost per byte, whole log over its first tenth (start-up taken off)')
  const idle = median(inTurn({ idle: node('canlog', '/dev/null') })['idle'])
  for (const option of ['--reduce', '--dup', '--pivot', '--stat', '--count', '--sum']) {
    const times = inTurn(
      { part: node('canlog', part, '--quiet', option), whole: node('canlog', log, '--quiet', option) },
      5,
    )
    const perByte = (name, size) => (median(times[name]) - idle) / size
    const ratio = perByte('whole', bytes.length) / perByte('part', end)
    console.log(`  ${option.padEnd(12)} ${ratio.toFixed(2)}`)
  }
  console.log()
}

function memory(log, frames) {
  if (!existsSync('/usr/bin/time')) {
    console.log('peak memory needs /usr/bin/time (apt-get install time)\n')
    return
  }
  const ten = join(folder, 'ten.log')
  const fd = openSync(ten, 'w')
  writeSync(fd, readFileSync(log).subarray(0, 10e6))
  closeSync(fd)
  console.log('peak memory in MB: 10 MB of log, then 1 GB through a pipe; all frames of a dongle, then 1 GB of them')
  for (const options of [
    ['--quiet'],
    [],
    ['--rec'],
    ['--format', 'ndjson'],
    ['--dup', '--reduce', '--count', '--quiet'],
  ]) {
    peaks(['canlog', ten, ...options], ['canlog', '-', ...options], log)
  }
  for (const options of [[], ['--format', 'ndjson']]) {
    peaks(['modbus', 'analyze', frames, ...options], ['modbus', 'analyze', '-', ...options], frames)
  }
  console.log()
}

/** Prints the peak memory of one run, and of one fed with 1 GB of a file. */
function peaks(args, fed, file) {
  const times = Math.ceil(1e9 / statSync(file).size)
  const small = peak(args)
  const large = peak(fed, `for i in $(seq ${times}); do cat "${file}"; done`)
  const name = fed.filter(arg => arg !== '-').join(' ')
  console.log(`  ${name.padEnd(39)} ${small.toFixed(0).padStart(4)} ${large.toFixed(0).padStart(4)}`)
}

/** Peak resident memory in MB of one run, fed by a shell command where given. */
function peak(args, feed) {
  const measured = `/usr/bin/time -f 'peak %M' "${process.execPath}" "${bin}" ${args.map(arg => `"${arg}"`).join(' ')}`
  const script = feed === undefined ? measured : `{ ${feed}; } | ${measured}`
  const { stderr } = spawnSync('sh', ['-c', `{ ${script}; } > /dev/null`], { encoding: 'utf8' })
  return Number(/peak (\d+)/.exec(stderr)[1]) / 1024
}

function node(...args) {
  return [process.execPath, [bin, ...args]]
}

function run(args) {
  const { status } = spawnSync(process.execPath, [bin, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`wattzup ${args.join(' ')} failed`)
}

function countLines(file) {
  return Number.parseInt(spawnSync('wc', ['-l', file], { encoding: 'utf8' }).stdout, 10)
}

function megabytes(file) {
  return Math.round(statSync(file).size / 1e6)
}

function machine() {
  return `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
}
