/**
 * `batgw bridge` in real time, as a process of its own between two slcan adapters on TCP: a simulated pack on a bus that is
 * full, 4000 frames a second, and a simulated inverter. `node test/bench/gateway-live.mjs [seconds]`; Linux only.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SlcanHub } from './slcan-hub.mjs'

const SECONDS = Number(process.argv[2] ?? 30)
const PER_MS = 4
const BURST_MS = 5
/** What is measured begins when the code is warm, s. */
const WARM_SECONDS = 5
/** As exact as a hub in JavaScript sees it. */
const ON_TIME_MS = 2
const TICKS_PER_SECOND = 100
const OTHERS = ['244', '286', '347', '34A', '360', '36C', '43A', '43B', '43C', '445', '524', '1A0', '2C3', '3F1', '4D2']
const PERIODS = { 110: 2000, '12D': 50, 441: 100, '7E7': 200 }

const bin = join(import.meta.dirname, '../../bin/wattzup.js')
const folder = mkdtempSync(join(tmpdir(), 'wattzup-bench-'))
const config = join(folder, 'batgw.conf')
const times = Object.fromEntries(Object.keys(PERIODS).map(id => [id, []]))
let ofPack = 0

const battery = new SlcanHub(line => {
  if (!note(line)) ofPack++
})
const inverter = new SlcanHub(note)
const [batteryBus, inverterBus] = [await bus(battery), await bus(inverter)]
writeFileSync(
  config,
  `battery { protocol byd interface "${batteryBus}" }\ninverter { protocol byd interface "${inverterBus}" }\n`,
)
const gateway = start('batgw', 'bridge', '-f', config)
const children = [gateway]
/** What it says at its end: what was lost, if anything. */
let said = ''
gateway.stderr.on('data', bytes => {
  said += bytes
})
try {
  await until(() => battery.count === 1 && inverter.count === 1)
  children.push(start('simulate', 'battery', 'byd', batteryBus), start('simulate', 'inverter', 'byd', inverterBus))
  fill()
  await sleep(WARM_SECONDS * 1000)
  for (const list of Object.values(times)) list.length = 0
  const before = cpuSeconds(gateway)
  await sleep(SECONDS * 1000)
  report((cpuSeconds(gateway) - before) / SECONDS)
  said = ''
} finally {
  gateway.kill()
  await sleep(1000)
  for (const child of children) child.kill()
  battery.close()
  inverter.close()
  rmSync(folder, { recursive: true })
}
if (said !== '') console.log(`  ${said.trimEnd().replaceAll('\n', '\n  ')}`)
process.exit()

async function bus(hub) {
  return `slcan:tcp://127.0.0.1:${await hub.listen()}`
}

function start(...args) {
  return spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
}

async function until(holds) {
  while (!holds()) await sleep(20)
}

/** Keeps when a frame of the gateway came; false where it is somebody else's. */
function note(line) {
  const list = times[line.slice(1, 4)]
  list?.push(performance.now())
  return list !== undefined
}

/** Fills the bus of the battery, in bursts as adapters make them. */
function fill() {
  const begin = performance.now()
  let sent = 0
  setInterval(() => {
    const due = (performance.now() - begin) * PER_MS
    let burst = ''
    for (; sent + ofPack < due; sent++) {
      const count = (sent & 0xffff).toString(16).toUpperCase().padStart(4, '0')
      burst += `t${OTHERS[sent % OTHERS.length]}8${count}000000000000\r`
    }
    battery.tellFirst(burst)
  }, BURST_MS)
}

function report(cpuShare) {
  console.log(`batgw bridge at ${PER_MS}000 frames a second for ${SECONDS} s, between slcan adapters on TCP`)
  console.log(
    `  CPU ${(cpuShare * 100).toFixed(1)} % of one core, resident memory ${residentMb(gateway).toFixed(0)} MB`,
  )
  for (const [id, list] of Object.entries(times))
    console.log(`  ${id} every ${PERIODS[id]} ms: ${kept(list, PERIODS[id])}`)
}

/** How well a period was kept, seen from where within it most frames came. A frame that was due and not sent is missing. */
function kept(list, period) {
  const behind = (at, phase) => (((at - phase) % period) + period) % period
  const near = list.map(phase => list.filter(at => behind(at, phase) < ON_TIME_MS).length)
  const phase = list[near.indexOf(Math.max(...near))]
  const late = list.map(at => Math.max(0, behind(at, phase - ON_TIME_MS) - ON_TIME_MS)).sort((a, b) => a - b)
  const due = Math.round((list.at(-1) - list[0]) / period) + 1
  const [middle, most, worst] = [0.5, 0.99, 1].map(part => late[Math.ceil(late.length * part) - 1].toFixed(1))
  return `${due - list.length} of ${due} missing; late by ${middle} ms in the middle, ${most} for 99 %, ${worst} at most`
}

function cpuSeconds({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function residentMb({ pid }) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}
