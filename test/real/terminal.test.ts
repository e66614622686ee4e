import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { realPart } from './real-part.ts'

const ROOT = join(import.meta.dirname, '../..')
const LOG = 'samples/ecoflow/powerkit.log'
const tmux = realPart('tmux', 'tmux')
let terminals = 0

/** Runs a shell command in a real terminal of the given size; gives its screen once the command has ended. */
function screenOf(command: string, columns: number, rows: number, escapes = false): string {
  const socket = `wattzup-${process.pid}-${terminals++}`
  const run = (...args: string[]) => spawnSync('tmux', ['-L', socket, ...args], { cwd: ROOT, encoding: 'utf8' })
  run('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh')
  try {
    run('send-keys', `PS1=; clear; ${command}; tmux -L ${socket} wait-for -S done`, 'Enter')
    run('wait-for', 'done')
    return run('capture-pane', '-p', ...(escapes ? ['-e'] : [])).stdout
  } finally {
    run('kill-server')
  }
}

describe.skipIf(tmux.missing)(`in a real terminal${tmux.reason}`, () => {
  test('messages are coloured, and a changed byte is red', () => {
    const screen = screenOf(`node bin/wattzup.js canlog ${LOG} --nodes=34001 --dv4=0506 --hex=diff`, 120, 20, true)
    expect(screen).toContain('\u001b[36m260601') // the time is cyan
    expect(screen).toMatch(/\u001b\[31m0[01]/) // the switch that was moved
  })

  test('NO_COLOR takes the colours away', () => {
    const screen = screenOf(`NO_COLOR=1 node bin/wattzup.js canlog ${LOG} --nodes=34001 --dv4=0506`, 120, 20, true)
    expect(screen).toContain('B 34001 AA03 0002 F4')
    expect(screen).not.toContain('\u001b[36m')
  })

  test('without a log it says what to give instead of waiting for keys', () => {
    const screen = screenOf('node bin/wattzup.js canlog; echo status $?', 100, 20)
    expect(screen).toContain('no log given')
    expect(screen).toContain('status 2')
  })

  test('a grid fits the terminal', () => {
    const screen = screenOf(`node bin/wattzup.js canlog ${LOG} --grid --nodes=34001 | cat`, 80, 24)
    expect(screen.length).toBeGreaterThan(0)
    const narrow = screenOf(`node bin/wattzup.js canlog ${LOG} --grid --nodes=34001 --dv4=0506`, 80, 24)
    expect(narrow.split('\n').every(line => line.length <= 80)).toBe(true)
    expect(narrow).toContain('guess')
  })
})
