import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import pkg from '../package.json' with { type: 'json' }
import { b, candump, everySecond } from './canlog/build-log.ts'
import { B, timed } from './canlog/expected.ts'

// The built program as people run it; test/global-setup.ts builds it.

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'bin/wattzup.js')
const LOG = join(ROOT, 'samples/ecoflow/powerkit.log')
const ENV = { PATH: process.env['PATH'], TZ: 'UTC' }

const isRoot = process.getuid?.() === 0

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-bin-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const wattzup = (...args: string[]) =>
  spawnSync(process.execPath, [BIN, ...args], { cwd: folder, env: ENV, encoding: 'utf8', input: '' })

/** Runs a shell script in which `wattzup` is the program. */
const shell = (script: string) => {
  const program = `wattzup() { "${process.execPath}" "${BIN}" "$@"; }`
  return spawnSync('sh', ['-c', `${program}\n${script}`], { cwd: folder, env: ENV, encoding: 'utf8', input: '' })
}

const started: ChildProcessWithoutNullStreams[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL') // those that a failed test has left
})

/** A running program; what it prints is gathered. */
class Running {
  readonly child: ChildProcessWithoutNullStreams
  out = ''
  err = ''

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: ENV })
    started.push(this.child)
    this.child.stdin.on('error', () => {}) // it may end before it has read everything
    this.child.stderr.on('data', text => {
      this.err += text
    })
  }

  listen(): this {
    this.child.stdout.on('data', text => {
      this.out += text
    })
    return this
  }

  /** Ends when it has printed the text. */
  async printed(text: string, to: 'out' | 'err' = 'out'): Promise<void> {
    while (!this[to].includes(text)) await once(to === 'out' ? this.child.stdout : this.child.stderr, 'data')
  }

  /** Ends with the program: its status, or the signal that ended it. */
  async ended(): Promise<number | string> {
    const [code, signal] = await once(this.child, 'close')
    return code ?? signal
  }
}

describe('the program', () => {
  test('tells its version', () => {
    for (const option of ['--version', '-V']) {
      expect(wattzup(option)).toMatchObject({ status: 0, stdout: `${pkg.version}\n`, stderr: '' })
    }
  })

  test('without arguments shows help as wrong usage', () => {
    const { status, stdout, stderr } = wattzup()
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^Usage: wattzup \[options] \[command]\n/)
    expect(stderr).toContain('\n  canlog ')
  })

  test('suggests a command for a misspelt one', () => {
    expect(wattzup('canlgo', LOG)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: "wattzup: unknown command 'canlgo'\n(Did you mean canlog?)\n",
    })
  })

  test('runs through a link, from any folder, and finds its definitions', () => {
    const link = join(folder, 'linked')
    symlinkSync(BIN, link)
    const { status, stdout } = spawnSync(process.execPath, [link, 'canlog', LOG, '--rec', '--typ=70:35'], {
      cwd: tmpdir(),
      env: ENV,
      encoding: 'utf8',
    })
    expect(status).toBe(0)
    expect(stdout).toMatch(/ 3510 \{ serial: '[0-9A-Z-]{16}', detail: /)
  })
})

describe('standard output', () => {
  test('that is closed early ends a command that has more to do first, too', () => {
    const config = 'battery { protocol byd interface "virtual:a" }\ninverter { protocol byd interface "virtual:b" }\n'
    const bridge = 'wattzup batgw bridge -f - --simulate normal --fast --print --duration 100000'
    const { stdout, stderr } = shell(`{ printf '%s' '${config}' | ${bridge}; echo "status $?" >&2; } | head -1`)
    expect(stdout).toMatch(/^\(.*\) +\S+ \w+#\w*\n$/)
    expect(stderr).toMatch(/^status 0$/m)
    expect(stderr).not.toContain('error')
  })

  test('that is closed early ends the program at once, with status 0 and not a word', () => {
    const { stdout, stderr } = shell(`{ wattzup canlog "${LOG}" "${LOG}"; echo "status $?" >&2; } | head -1`)
    expect(stdout.split('\n')).toHaveLength(2)
    expect(stderr).toBe('status 0\n')
  })

  test('that is not there at all is no reason to complain', () => {
    expect(shell(`wattzup canlog "${LOG}" >&-`)).toMatchObject({ status: 0, stderr: '' })
    expect(shell(`wattzup canlog "${LOG}" --err 2>&- >/dev/null`)).toMatchObject({ status: 0 })
  })

  test.each([
    ['much', `canlog "${LOG}"`],
    ['much of several logs', `canlog "${LOG}" "${LOG}" --sum`],
    ['little', `canlog "${LOG}" --quiet --sum`],
    ['help', 'canlog --help'],
  ])('that is full fails with one line: %s', (_, args) => {
    const { status, stderr } = shell(`wattzup ${args} > /dev/full`)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^wattzup: cannot write the output: [^\n]*no space left[^\n]*\n$/)
  })
})

describe('an input', () => {
  test.skipIf(isRoot)(
    `that may not be read is named, with the reason${isRoot ? ' (skipped: root may read everything)' : ''}`,
    () => {
      const path = join(folder, 'secret.log')
      writeFileSync(path, everySecond(b()))
      chmodSync(path, 0)
      expect(wattzup('canlog', path)).toMatchObject({
        status: 1,
        stdout: '',
        stderr: `wattzup: cannot open ${path}: permission denied\n`,
      })
    },
  )

  test('that is a folder is refused, also as standard input', () => {
    expect(shell('wattzup canlog .')).toMatchObject({
      status: 1,
      stderr: 'wattzup: cannot read .: it is a directory\n',
    })
    expect(shell('wattzup canlog - < .')).toMatchObject({
      status: 1,
      stderr: 'wattzup: cannot read -: it is a directory\n',
    })
  })

  test('may be standard input from a file, a pipe or nothing', () => {
    const { stdout } = wattzup('canlog', LOG)
    expect(shell(`wattzup canlog - < "${LOG}"`).stdout).toBe(stdout)
    expect(shell(`cat "${LOG}" | wattzup canlog`).stdout).toBe(stdout)
    expect(shell('wattzup canlog - <&-')).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(shell('wattzup canlog - < /dev/null')).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  test('may be compressed, from a pipe too', () => {
    const path = join(folder, 'log.gz')
    writeFileSync(path, gzipSync(everySecond(b(), b())))
    const stdout = `${timed(B, B).join('\n')}\n`
    expect(shell(`cat "${path}" | wattzup canlog -`)).toMatchObject({ status: 0, stdout })
  })
})

describe('the input of can convert', () => {
  test.each(['own.log', 'soft.log', 'hard.log'])('is not overwritten, also when the shell has opened it: %s', name => {
    const { status, stderr } = shell(`
      rm -f own.log soft.log hard.log && cp "${LOG}" own.log && ln -s own.log soft.log && ln own.log hard.log
      wattzup can convert - own.log --force < ${name}; code=$?; cmp own.log "${LOG}" >&2; exit $code`)
    expect([status, stderr]).toEqual([2, 'wattzup: cannot write own.log: it is the input; name another file\n'])
  })
})

describe('a live pipe', () => {
  test('has each message printed before it closes', async () => {
    const running = new Running('canlog', '-').listen()
    running.child.stdin.write(candump([0, b()]))
    await running.printed(`${timed(B)[0]}\n`)
    running.child.stdin.write(candump([1, b()]))
    await running.printed(`${timed(B, B)[1]}\n`)
    running.child.stdin.end()
    expect(await running.ended()).toBe(0)
    expect(running.out).toBe(`${timed(B, B).join('\n')}\n`)
    expect(running.err).toBe('')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('ends at %s with its reports and status 0', async signal => {
    const running = new Running('canlog', '-', '--sum').listen()
    running.child.stdin.write(candump([0, b()]))
    await running.printed(`${timed(B)[0]}\n`)
    running.child.kill(signal)
    expect(await running.ended()).toBe(0)
    expect(running.out).toContain('recs: 1,')
    expect(running.err).toBe('')
  })

  test('that is compressed is printed as it comes and ends so too, although the rest is missing', async () => {
    const running = new Running('canlog', '-', '--sum').listen()
    running.child.stdin.write(gzipSync(candump([0, b()]), { finishFlush: constants.Z_SYNC_FLUSH }))
    await running.printed(`${timed(B)[0]}\n`)
    running.child.kill('SIGINT')
    expect(await running.ended()).toBe(0)
    expect(running.out).toContain('recs: 1,')
    expect(running.err).toBe('')
  })

  test('ends at once at a second SIGINT, even when nobody takes the output', async () => {
    const running = new Running('canlog', '-', '--quiet', '--count', '--err')
    const streams = Array.from({ length: 20_000 }, (_, i) => b({ source: i & 255, sourceDynamic: i >> 8 }))
    running.child.stdin.write(everySecond(...streams, b({ damage: 1 })))
    await running.printed('CRC_MISMATCH', 'err')
    running.child.kill('SIGINT')
    await once(running.child.stdout, 'readable') // the report, much more than a pipe holds
    running.child.kill('SIGINT')
    running.child.stdout.resume()
    expect([130, 'SIGINT']).toContain(await running.ended()) // a shell shows both as 130
  })
})

describe('a named pipe', () => {
  const pipe = () => {
    const path = join(folder, 'fifo')
    rmSync(path, { force: true })
    execFileSync('mkfifo', [path])
    return path
  }

  test('is read live', async () => {
    const path = pipe()
    const running = new Running('canlog', path).listen()
    const writer = spawn('sh', ['-c', `cat > "${path}"`])
    writer.stdin.write(candump([0, b()]))
    await running.printed(`${timed(B)[0]}\n`)
    writer.stdin.end()
    expect(await running.ended()).toBe(0)
    expect(running.err).toBe('')
  })

  test('that nobody has opened yet does not hold up a signal', async () => {
    const first = join(folder, 'first.log')
    writeFileSync(first, everySecond(b(), b({ damage: 1 })))
    const running = new Running('canlog', first, pipe(), '--err', '--sum').listen()
    await running.printed('CRC_MISMATCH', 'err') // next it opens the pipe
    running.child.kill('SIGTERM')
    expect(await running.ended()).toBe(0)
    expect(running.out).toContain('recs: 2,')
  })
})
