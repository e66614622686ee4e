import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Values } from '../../src/core/values.ts'
import { fakeIo } from '../fake-io.ts'
import { NO_ALARM, pack, snapshotOf } from '../protocols/pylontech/view/snapshots.ts'
import { until } from '../until.ts'
import { realPart } from './real-part.ts'
import { Tmux } from './tmux.ts'

const PROGRAM = 'node bin/wattzup.js'
const tmux = realPart('tmux', 'tmux')
const script = realPart('script', 'bsdutils')
const folder = mkdtempSync(join(tmpdir(), 'wattzup-monitor-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
/** A path that nobody has used. */
const fresh = (name: string) => join(folder, `${files++}-${name}`)

/** A file with so many modules, as `pylon poll --json-file` writes it. */
function fileWith(packs: number | readonly Values[]): string {
  const path = fresh('stack.json')
  writeSnapshot(path, packs)
  return path
}

function writeSnapshot(path: string, packs: number | readonly Values[]): void {
  const document = snapshotOf(packs)
  for (const one of document['packs'] as Values[]) one['updated_at'] = new Date().toISOString()
  writeFileSync(`${path}.part`, JSON.stringify(document))
  renameSync(`${path}.part`, path)
}

/** A simulated stack on a TCP port of this machine. */
async function simulate(options: string): Promise<{ readonly port: string } & AsyncDisposable> {
  const io = fakeIo(`simulate pylon --tcp 0 --latency 1 ${options}`.split(' '), { clock: systemClock })
  const done = main(io)
  await until(() => io.stderr.includes('listening on'))
  return {
    port: `tcp://${/listening on (\S+)/.exec(io.stderr)![1]}`,
    async [Symbol.asyncDispose]() {
      io.abort()
      await done
    },
  }
}

/** A terminal in which a monitor runs, and the number of its process. */
async function monitorIn(terminal: Tmux, options: string, before = '') {
  const pidFile = fresh('pid')
  terminal.enter('PS1="ready> "; clear; echo this was here before')
  await terminal.shows('ready>')
  terminal.enter(`${before}sh -c 'echo $$ > ${pidFile}; exec ${PROGRAM} pylon monitor ${options}'; echo status $?`)
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'))
  const pid = Number(readFileSync(pidFile, 'utf8'))
  await terminal.isIn('1 0 0')
  return { pid, signal: (name: NodeJS.Signals) => process.kill(pid, name) }
}

/** The terminal is as it was: first screen, cursor, wrapping, lines that are edited, and what stood on it. */
async function expectClean(terminal: Tmux, status: number): Promise<void> {
  const screen = await terminal.shows(`status ${status}`)
  expect(screen).toContain('this was here before')
  expect(screen).not.toContain('Pack')
  await terminal.isIn('0 1 1')
  const modes = fresh('modes')
  terminal.enter(`stty -a > ${modes}.part; mv ${modes}.part ${modes}`)
  await until(() => existsSync(modes))
  const words = readFileSync(modes, 'utf8').split(/[\s;]+/)
  expect(words).toEqual(expect.arrayContaining(['icanon', 'echo', 'isig', 'opost', 'icrnl']))
}

/** Waits for a picture with such a text in it, down to its last line; that one is drawn last. */
async function pictureOf(terminal: Tmux, text: RegExp): Promise<string[]> {
  const screen = await terminal.shows(new RegExp(`${text.source}[^]*\\nq quit[^\\n]*\\n$`, text.flags))
  return linesOf(screen)
}

const linesOf = (screen: string) => screen.split('\n').slice(0, -1)

describe.skipIf(tmux.missing)(`pylon monitor in a real terminal${tmux.reason}`, () => {
  test('fits 80 x 24, 200 x 50 and 40 x 12, also when one becomes the other', async () => {
    await using stack = await simulate('--packs 3 --kind us2000,us5000')
    using terminal = new Tmux(80, 24)
    await monitorIn(terminal, `--port ${stack.port} --interval 1`)
    const small = await pictureOf(terminal, /Pack 3/)
    expect(small).toHaveLength(24)
    expect(small.filter(line => /^┌Pack \d─.*┐$/.test(line) && line.length === 80)).toHaveLength(3)
    expect(small.filter(line => /^└─ .*─┘$/.test(line) && line.length === 80)).toHaveLength(3)
    terminal.resize(200, 50)
    const large = await pictureOf(terminal, /Pack 1.*Pack 2/)
    expect(large).toHaveLength(50)
    expect(large.filter(line => /^│.*││.*│$/.test(line) && line.length === 200)).toHaveLength(4)
    terminal.resize(40, 12)
    const tiny = await pictureOf(terminal, /\n +# +SOC/)
    expect(tiny).toHaveLength(12)
    expect(tiny.every(line => line.length <= 40)).toBe(true)
    expect(tiny.filter(line => /^ +[123] +\d+%/.test(line))).toHaveLength(3)
    terminal.resize(80, 24)
    expect((await pictureOf(terminal, /Pack 3/)).filter(line => /^┌Pack \d─.*┐$/.test(line))).toHaveLength(3)
    terminal.press('q')
    await expectClean(terminal, 0)
  })

  test.each(['q', 'C-c'])('leaves the terminal as it was after %s', async key => {
    using terminal = new Tmux(80, 24)
    await monitorIn(terminal, fileWith(3))
    await terminal.shows('Pack 3')
    terminal.press(key)
    await expectClean(terminal, 0)
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('leaves the terminal as it was after %s', async name => {
    using terminal = new Tmux(80, 24)
    const monitor = await monitorIn(terminal, fileWith(2))
    await terminal.shows('Pack 2')
    monitor.signal(name)
    await expectClean(terminal, 0)
  })

  test('leaves the terminal as it was when it is stopped before anything has come', async () => {
    using terminal = new Tmux(80, 24)
    const monitor = await monitorIn(terminal, fresh('nothing.json'))
    await terminal.shows('next try in')
    monitor.signal('SIGTERM')
    await expectClean(terminal, 0)
  })

  test('stays when its source is lost, and leaves the terminal as it was', async () => {
    using terminal = new Tmux(80, 24)
    {
      await using stack = await simulate('--packs 2')
      await monitorIn(terminal, `--port ${stack.port} --interval 1`)
      await terminal.shows('Pack 2')
    }
    await terminal.shows(/next\s+attempt\s+in/)
    expect(terminal.screen()).toContain('disconnected')
    terminal.press('q')
    await expectClean(terminal, 0)
  })

  test('leaves the terminal as it was when something breaks', async () => {
    using terminal = new Tmux(80, 24)
    // the folder of the curves goes away meanwhile, so they cannot be written at the end
    const curves = join(folder, 'none', 'curves.json')
    await monitorIn(terminal, `${fileWith(1)} --history ${curves}`)
    await terminal.shows('Pack 1')
    terminal.press('q')
    await expectClean(terminal, 1)
    expect(terminal.screen()).toContain(`wattzup: cannot write ${curves}`)
  })

  test('takes keys while its data come from a pipe, also when that has ended', async () => {
    using terminal = new Tmux(80, 24)
    await monitorIn(terminal, '-', `cat ${fileWith(2)} | `)
    await terminal.shows('standard input is at its end')
    terminal.press('2')
    await terminal.shows('serial DEMO2')
    terminal.press('Escape', 'q')
    await expectClean(terminal, 0)
  })

  test('is stopped by Ctrl-Z and goes on with fg', async () => {
    using terminal = new Tmux(80, 24)
    await monitorIn(terminal, fileWith(2))
    await terminal.shows('Pack 2')
    terminal.press('C-z')
    await terminal.shows('Stopped')
    await terminal.isIn('0 1 1')
    terminal.enter('fg')
    await terminal.shows('Pack 2')
    await terminal.isIn('1 0 0')
    terminal.press('q')
    await terminal.isIn('0 1 1')
  })

  test('ends with its window', async () => {
    const terminal = new Tmux(80, 24)
    const { pid } = await monitorIn(terminal, fileWith(2))
    terminal[Symbol.dispose]()
    await until(() => !isAlive(pid))
  })

  test('shows a file that is replaced, with cells that drift apart on blue and on red', async () => {
    using terminal = new Tmux(80, 24)
    const path = fileWith([pack(1, { cell_voltages: [3.29, 3.3, 3.295] })])
    await monitorIn(terminal, path)
    await terminal.shows('3.290v ')
    expect(terminal.screen(true)).not.toMatch(/\u001b\[[\d;]*4[14]m/)
    writeSnapshot(path, [pack(1, { cell_voltages: [3.29, 3.301, 3.295], alarm: { ...NO_ALARM, status1: 0x02 } })])
    await terminal.shows(/3\.290v_.*!CELL_UV/s)
    const screen = terminal.screen(true)
    expect(screen).toMatch(/\u001b\[[\d;]*44m3\.290v_/)
    expect(screen).toMatch(/\u001b\[[\d;]*41m3\.301v=/)
    expect(screen).toMatch(/\u001b\[[\d;]*31m!CELL_UV/)
    terminal.press('q')
    await expectClean(terminal, 0)
  })

  test('loses nothing under NO_COLOR, and has no colours then', async () => {
    using terminal = new Tmux(80, 24, { LANG: 'C.UTF-8', NO_COLOR: '1' })
    const cells = { ...NO_ALARM, cells: [0, 1, 2, 0xf0], status4: 0x10 }
    const volts = [3.29, 3.2, 3.4, 3.3, 3.3, 3.5]
    await monitorIn(terminal, fileWith([pack(1, { cell_voltages: volts, alarm: cells })]))
    const screen = (await pictureOf(terminal, /Pack 1/)).join('\n')
    for (const text of ['3.290v ', '3.200vv', '3.400v^', '3.300F0', 'FAULT!', '3.500v=', '+C_FET', '!S4: 016']) {
      expect(screen).toContain(text)
    }
    expect(terminal.screen(true)).not.toContain('\u001b')
  })

  test('has nothing but ASCII where the locale has nothing else', async () => {
    using terminal = new Tmux(80, 24, { LANG: 'C' })
    await monitorIn(terminal, fileWith(1))
    expect(await terminal.shows('+Pack 1-')).toMatch(/^[\x00-\x7e]*$/)
  })
})

describe.skipIf(script.missing)(`pylon monitor in a terminal that nobody reads${script.reason}`, () => {
  test('can be ended all the same', async () => {
    const pidFile = fresh('pid')
    const command = `echo $$ > ${pidFile}; stty rows 60 cols 250; exec ${PROGRAM} pylon monitor ${fileWith(14)}`
    const child = spawn('script', ['-qfc', command, '/dev/null'], {
      cwd: join(import.meta.dirname, '../..'),
      env: { ...process.env, TERM: 'xterm', LANG: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let taken = 0
    child.stdout.on('data', (data: Buffer) => {
      taken += data.length
      if (taken > 1000) child.stdout.pause() // from here on nobody reads
    })
    await until(() => taken > 1000)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    for (let i = 0; i < 300; i++) {
      child.stdin.write('r') // each a whole picture
      await new Promise(resolve => setImmediate(resolve))
    }
    process.kill(pid, 'SIGTERM')
    await until(() => !isAlive(pid))
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
