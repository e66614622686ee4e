/**
 * Makes pylon-monitor.svg from a real run: a simulated stack on a TCP port, `pylon monitor` in a terminal of tmux, and
 * after five minutes, when the curves are there, its screen. Run it from the repository's root once the program is built:
 *
 *     node docs/images/pylon-monitor.mjs
 */
import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { terminalSvg } from './terminal-svg.mjs'

const PROGRAM = process.env.WATTZUP ?? 'node bin/wattzup.js'
const PORT = '127.0.0.1:4196'
const COLUMNS = 80
const ROWS = 27
const RUN_MS = 310_000
const TITLE = 'wattzup pylon monitor: three modules with cells, temperatures, status bits, an alarm and curves'

const tmux = (...args) => spawnSync('tmux', ['-L', 'wattzup-picture', ...args], { encoding: 'utf8' }).stdout

const modules = '--packs 3 --kind us2000,us5000 --alarm charge_hot --speed 30'
const stack = spawn('sh', ['-c', `exec ${PROGRAM} simulate pylon --tcp ${PORT} ${modules}`], { stdio: 'ignore' })
try {
  await sleep(2000)
  const monitor = `${PROGRAM} pylon monitor tcp://${PORT} --interval 2 --spread 5`
  const size = ['-x', String(COLUMNS), '-y', String(ROWS)]
  tmux('-u', '-f', '/dev/null', 'new-session', '-d', ...size, `env -u NO_COLOR LANG=C.UTF-8 ${monitor}`)
  await sleep(RUN_MS)
  const screen = tmux('capture-pane', '-p', '-e')
  writeFileSync(join(import.meta.dirname, 'pylon-monitor.svg'), terminalSvg(screen, COLUMNS, TITLE))
} finally {
  tmux('kill-server')
  stack.kill()
}
