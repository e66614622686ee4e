/**
 * A day in a quarter of an hour: simulated devices whose time runs a hundred times as fast, the commands that listen to
 * them, and their memory at each tenth of the run. `node test/bench/soak.mjs [seconds]`; Linux only.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const SECONDS = Number(process.argv[2] ?? 864)
const SPEED = '100'
const STEPS = 10
const bin = join(import.meta.dirname, '../../bin/wattzup.js')

const children = []
function start(...args) {
  const child = spawn(process.execPath, [bin, ...args], { stdio: 'ignore' })
  children.push(child)
  return child
}

async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return String(port)
}

const [dongle, stack, controller] = [await freePort(), await freePort(), await freePort()]
start('simulate', 'dongle', '--port', dongle, '--speed', SPEED, '--faults', 'all=0.01')
start('simulate', 'pylon', '--packs', '8', '--tcp', stack, '--speed', SPEED)
start('simulate', 'sec1000', '--port', controller, '--speed', SPEED)
await sleep(2000)
const watched = {
  'modbus collect': start('modbus', 'collect', '--hosts', `127.0.0.1:${dongle}`, '--nosave', '--json', '--http', '0'),
  'pylon poll': start('pylon', 'poll', '--port', `tcp://127.0.0.1:${stack}`, '--interval', '1', '--json'),
  'sec1000 query': start('sec1000', 'query', `127.0.0.1:${controller}`, '--watch', '--interval', '5'),
}
const names = Object.keys(watched)
console.log(`memory in MB, every ${SECONDS / STEPS} s: ${names.join(', ')}`)
try {
  for (let step = 1; step <= STEPS; step++) {
    await sleep((SECONDS * 1000) / STEPS)
    console.log(names.map(name => residentMb(watched[name]).toFixed(0).padStart(6)).join(''))
  }
} finally {
  for (const child of children) child.kill()
}

function residentMb({ pid }) {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}
