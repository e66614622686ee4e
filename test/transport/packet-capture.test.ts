import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WattzupError } from '../../src/core/errors.ts'
import type { PacketCapture } from '../../src/core/ethernet.ts'
import { openPacketCapture } from '../../src/transport/packet-capture.ts'
import { ManualClock } from '../manual-clock.ts'
import { until } from '../until.ts'

// Programs that behave as tcpdump 4.99 and dumpcap 4.0 do; what they say is theirs. The real ones: test/real.

const ROOT = join(import.meta.dirname, '../..')
const OPTIONS = { iface: 'eth7', filter: 'ether proto 0x88b5', snapLength: 512 }
const NO_PERMISSION = `echo "tcpdump: eth7: You don't have permission to perform this capture on that device" >&2
echo '(socket: Operation not permitted)' >&2; exit 1`
const LISTENING = "echo 'tcpdump: listening on eth7, link-type EN10MB (Ethernet), snapshot length 512 bytes' >&2"
/** Gets to its end at once when it is told to. */
const UNTIL_STOPPED = 'exec /bin/sleep 1000'

let folder: string
let clock: ManualClock
let stop: AbortController
let opened: PacketCapture[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-capture-'))
  clock = new ManualClock()
  stop = new AbortController()
  opened = []
})

afterEach(async () => {
  await Promise.all(opened.map(capture => capture[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true })
})

/** A program of the name that runs a script, and writes its process number to a file beside it. */
function install(name: string, ...script: readonly string[]): void {
  const path = join(folder, name)
  writeFileSync(path, ['#!/bin/sh', `echo $$ >${path}.pid`, `printf '%s\\n' "$@" >${path}.args`, ...script].join('\n'))
  chmodSync(path, 0o755)
}

const say = (bytes: string) => `printf '${bytes}'`
const pidOf = (name: string) => Number(readFileSync(join(folder, `${name}.pid`), 'latin1'))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function open(signal = stop.signal): Promise<PacketCapture> {
  const capture = await openPacketCapture(OPTIONS, clock, signal, folder)
  opened.push(capture)
  return capture
}

async function refusal(): Promise<{ message: string; trouble: unknown }> {
  const error = await open().then(
    () => undefined,
    (reason: WattzupError) => reason,
  )
  return { message: error!.message, trouble: error!.context['trouble'] }
}

/** What can be read until there are so many characters. */
async function read(capture: PacketCapture, length: number, window = 1024): Promise<string> {
  const into = new Uint8Array(window)
  let text = ''
  while (text.length < length) text += Buffer.from(into.subarray(0, await capture.read(into, 0))).toString('latin1')
  return text
}

describe('opening', () => {
  test('runs tcpdump without delays and with a short snap length', async () => {
    install('tcpdump', LISTENING, say('header'), UNTIL_STOPPED)
    const capture = await open()
    expect(capture).toMatchObject({ name: 'eth7', program: 'tcpdump', live: true, size: 0 })
    const args = readFileSync(join(folder, 'tcpdump.args'), 'latin1').trim().split('\n')
    expect(args).toEqual(expect.arrayContaining(['-U', '--immediate-mode']))
    expect(args.join(' ')).toMatch(/^-i eth7 -s 512 .* -w - ether proto 0x88b5$/)
    expect(args).not.toContain('-p')
  })

  test('runs dumpcap where tcpdump is missing, and has it write pcap', async () => {
    install('dumpcap', 'echo "Capturing on \'eth7\'" >&2', say('header'), UNTIL_STOPPED)
    expect((await open()).program).toBe('dumpcap')
    const args = readFileSync(join(folder, 'dumpcap.args'), 'latin1').trim().split('\n').join(' ')
    expect(args).toMatch(/^-i eth7 -s 512 .*-P .*-w - -f ether proto 0x88b5$/)
  })

  test('runs dumpcap where tcpdump is not permitted', async () => {
    install('tcpdump', NO_PERMISSION)
    install('dumpcap', say('header'), UNTIL_STOPPED)
    expect((await open()).program).toBe('dumpcap')
  })

  test('says what to install where there is neither', async () => {
    expect(await refusal()).toEqual({
      message: 'cannot capture on eth7: neither tcpdump nor dumpcap is installed; apt-get install tcpdump',
      trouble: 'missing',
    })
  })

  test('says what to grant, and to which file, where a program is not permitted', async () => {
    install('the-real-one', NO_PERMISSION)
    symlinkSync('the-real-one', join(folder, 'tcpdump')) // setcap takes no links
    expect(await refusal()).toEqual({
      message: `cannot capture on eth7: tcpdump is not permitted to; grant it: sudo setcap cap_net_raw+ep ${folder}/the-real-one`,
      trouble: 'forbidden',
    })
  })

  test('says what dumpcap needs where only that is there', async () => {
    install('dumpcap', 'echo \'dumpcap: You do not have permission to capture on device "eth7".\' >&2; exit 1')
    expect((await refusal()).message).toContain(`sudo setcap cap_net_raw,cap_net_admin+ep ${folder}/dumpcap`)
  })

  test('names the interfaces that there are where the one is missing, and asks no other program', async () => {
    install('tcpdump', "echo 'tcpdump: eth7: No such device exists' >&2; exit 1")
    install('dumpcap', say('header'))
    expect(await refusal()).toMatchObject({
      message: expect.stringMatching(/^cannot capture on eth7: no such interface; there are (.*, )?lo(, .*)?$/),
      trouble: 'no_interface',
    })
    expect(existsSync(join(folder, 'dumpcap.pid'))).toBe(false)
  })

  test('tells an interface that is down from one that is not there', async () => {
    install('tcpdump', "echo 'tcpdump: eth7: That device is not up' >&2; exit 1")
    expect(await refusal()).toEqual({ message: 'cannot capture on eth7: the interface is down', trouble: 'down' })
  })

  test('passes on what a program says about anything else', async () => {
    install('tcpdump', LISTENING, "echo 'tcpdump: no VLAN support for Linux cooked v2' >&2; exit 1")
    expect((await refusal()).message).toBe('cannot capture on eth7: tcpdump says: no VLAN support for Linux cooked v2')
  })

  test('gives a program 10 s', async () => {
    install('tcpdump', UNTIL_STOPPED)
    const refused = refusal()
    await until(() => existsSync(join(folder, 'tcpdump.pid')) && clock.sleeping > 0)
    await clock.advance(10_000)
    expect((await refused).message).toBe('tcpdump did not begin within 10 s')
    await until(() => !isAlive(pidOf('tcpdump'))) // its guard may be gone before it is
  })

  test('ends at once when the run does', async () => {
    install('tcpdump', UNTIL_STOPPED)
    const opening = open()
    await until(() => existsSync(join(folder, 'tcpdump.pid')))
    const reason = new Error('over')
    stop.abort(reason)
    await expect(opening).rejects.toBe(reason)
    await until(() => !isAlive(pidOf('tcpdump'))) // its guard may be gone before it is
    await expect(open()).rejects.toBe(reason)
  })
})

describe('a capture', () => {
  test('gives the bytes as they come, in pieces of any size', async () => {
    install('tcpdump', say('0123456789'), 'while [ ! -e "$0.go" ]; do :; done', say('abcdef'), UNTIL_STOPPED)
    const capture = await open()
    expect(await read(capture, 10, 3)).toBe('0123456789')
    const later = read(capture, 6, 4)
    writeFileSync(join(folder, 'tcpdump.go'), '')
    expect(await later).toBe('abcdef')
  })

  test('ends like a file when the run does, and takes its program along', async () => {
    install('tcpdump', say('header'), UNTIL_STOPPED)
    const capture = await open()
    await read(capture, 6)
    const ending = capture.read(new Uint8Array(8), 0)
    stop.abort()
    expect(await ending).toBe(0)
    await capture[Symbol.asyncDispose]()
    await until(() => !isAlive(pidOf('tcpdump'))) // its guard may be gone before it is
  })

  test('whose program is killed is lost', async () => {
    install('tcpdump', LISTENING, say('header'), UNTIL_STOPPED)
    const capture = await open()
    await read(capture, 6)
    const lost = capture.read(new Uint8Array(8), 0)
    process.kill(pidOf('tcpdump'), 'SIGKILL')
    await expect(lost).rejects.toThrow(/^lost eth7: tcpdump has ended: (Killed|signal 9)$/)
  })

  test('whose interface disappears is lost, after the frames that came before', async () => {
    const counts = "echo 'tcpdump: pcap_loop: The interface disappeared' >&2; echo '1 packet captured' >&2; exit 1"
    install('tcpdump', LISTENING, say('headerframe'), counts)
    const capture = await open()
    expect(await read(capture, 11)).toBe('headerframe')
    await expect(capture.read(new Uint8Array(8), 0)).rejects.toThrow('lost eth7: the interface has disappeared')
  })

  test.each([
    ['tcpdump', '12 packets captured\n19 packets received by filter\n7 packets dropped by kernel', 7],
    ['dumpcap', "Packets received/dropped on interface 'eth7': 12/3 (pcap:3/dumpcap:0) (80.0%)", 3],
    ['tcpdump', 'tcpdump: nothing of that kind', undefined],
  ])('of %s tells at its end what the kernel dropped', async (name, words, dropped) => {
    // a shell looks at signals when a program that it runs has ended
    const last = `trap 'echo "${words}" >&2; exit 0' TERM`
    install(name, last, say('header'), 'while :; do /bin/sleep 0.02; done')
    const capture = await open()
    expect(capture.dropped).toBeUndefined()
    await capture[Symbol.asyncDispose]()
    expect(capture.dropped).toBe(dropped)
  })

  test('that nobody reads any more can be ended', async () => {
    install('tcpdump', 'exec /bin/cat /dev/zero')
    const capture = await open()
    await capture[Symbol.asyncDispose]()
    await until(() => !isAlive(pidOf('tcpdump'))) // its guard may be gone before it is
  })

  test('whose program does not want to end is left behind after 2 s', async () => {
    install('tcpdump', "trap '' TERM", say('header'), 'while :; do /bin/sleep 0.05; done')
    const capture = await open()
    const ending = capture[Symbol.asyncDispose]()
    await until(() => clock.sleeping > 0)
    await clock.advance(2000)
    await ending
    process.kill(pidOf('tcpdump'), 'SIGKILL')
  })
})

describe('when this program dies without a word', () => {
  let parent: ChildProcess | undefined
  afterEach(() => parent?.kill('SIGKILL'))

  test('the program that captures ends too, though no frame comes', async () => {
    install('tcpdump', say('header'), UNTIL_STOPPED)
    const source = (path: string) => JSON.stringify(join(ROOT, 'src', path))
    const script = join(folder, 'parent.mts')
    writeFileSync(
      script,
      `import { systemClock } from ${source('core/clock.ts')}
      import { openPacketCapture } from ${source('transport/packet-capture.ts')}
      const folder = ${JSON.stringify(folder)}
      await openPacketCapture(${JSON.stringify(OPTIONS)}, systemClock, new AbortController().signal, folder)
      console.log('open')`,
    )
    const args = ['--import', 'tsx', script]
    parent = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise(resolve => parent!.stdout!.once('data', resolve))
    const pid = pidOf('tcpdump')
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    await until(() => !isAlive(pid))
  })
})
