/** How long `pylon poll` takes for a round of eight modules on a real pty, over what the line and the modules take. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const bin = process.env.WATTZUP_BIN?.split(' ') ?? [process.execPath, join(import.meta.dirname, '../../bin/wattzup.js')]
const LATENCY_MS = 60
const GAP_MS = 50
const folder = mkdtempSync(join(tmpdir(), 'wattzup-bench-'))
const link = join(folder, 'line')
const start = (...args) => spawn(bin[0], [...bin.slice(1), ...args], { stdio: ['ignore', 'ignore', 'pipe'] })

const stack = start('simulate', 'pylon', '--packs', '8', '--pty', link)
await once(stack.stderr, 'data')
const poll = start('pylon', 'poll', '--port', link, '--no-ff', '--interval', '5', '--count', '5', '--log', folder)
await once(poll, 'exit')
stack.kill()
const log = readFileSync(
  join(
    folder,
    readdirSync(folder).find(name => name.endsWith('.log')),
  ),
  'utf8',
)
rmSync(folder, { recursive: true })

const lines = log
  .trimEnd()
  .split('\n')
  .map(line => {
    const [time, text] = line.split(' ')
    return {
      at: Date.parse(time),
      bytes: text.length + 1,
      isRequest: Number.parseInt(text.slice(7, 9), 16) >= 0x42,
      text,
    }
  })
const rounds = []
for (const line of lines) {
  if (line.text.startsWith('~20024642')) rounds.push([])
  rounds.at(-1)?.push(line)
}
for (const round of rounds.slice(1)) {
  const bytes = round.reduce((sum, line) => sum + line.bytes, 0)
  const requests = round.filter(line => line.isRequest).length
  const last = round.at(-1)
  const took = last.at - round[0].at + (last.bytes * 10_000) / 115_200 // a reply is stamped when its first bytes come
  const least = (bytes * 10_000) / 115_200 + requests * (LATENCY_MS + GAP_MS)
  console.log(
    `${requests} requests, ${bytes} bytes: ${took.toFixed(0)} ms, ${(took / least).toFixed(3)} of ${least.toFixed(0)} ms`,
  )
}
