import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../until.ts'
import { realPart } from './real-part.ts'
import { type Running, VethPair, vethPart } from './veth.ts'

// Real frames on a real wire, as far as Linux has one without hardware: the binary with tcpdump at one end, and the
// simulator, which sends through the C library, at the other.

const part = vethPart(realPart('tcpdump', 'tcpdump'), realPart('setpriv', 'util-linux'), packagePart('koffi'))
const ROOT = join(import.meta.dirname, '../..')

/** Native packages are optional, but CI has them. */
function packagePart(name: string) {
  try {
    createRequire(import.meta.url).resolve(name)
    return { missing: false, reason: '' }
  } catch {
    const missing = process.env['WATTZUP_REQUIRE_REAL'] !== '1'
    return { missing, reason: missing ? ` (skipped: ${name} is missing; npm install ${name})` : '' }
  }
}

const LISTENING = 'capturing on vb with tcpdump'

async function sniffing(pair: VethPair, ...options: readonly string[]): Promise<Running> {
  const sniff = pair.wattzup('energi', 'sniff', '--iface', 'vb', ...options)
  await sniff.said(LISTENING)
  return sniff
}

/** Ends a run as a user does, and gives what it said. */
async function stopped(running: Running): Promise<string> {
  running.kill('SIGINT')
  expect(await running.ended).toBe(0)
  return running.stderr
}

/** Sends some frames; resolves when all are on the wire. */
async function send(pair: VethPair, count: number): Promise<void> {
  const sender = pair.start(process.execPath, '--import', 'tsx', 'test/real/send-frames.ts', 'va', String(count))
  expect(await sender.ended, sender.stderr).toBe(0)
}

describe.skipIf(part.missing)(`energi sniff on a veth pair${part.reason}`, { timeout: 60_000 }, () => {
  let pair: VethPair

  beforeEach(() => {
    pair = new VethPair()
  })

  afterEach(() => pair[Symbol.asyncDispose]())

  test('gets all of ten thousand frames that come as fast as they can', async () => {
    const sniff = await sniffing(pair, '--no-filter')
    await send(pair, 10_000)
    await sniff.printed(10_000)
    const numbers = sniff.lines.map(line => JSON.parse(line).values.gen_pwr)
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect(await stopped(sniff)).toBe(`wattzup: ${LISTENING}\nwattzup: 10000 packets\nwattzup: 10000 readings\n`)
  })

  test('reads what the simulator sends as it reads its captures', async () => {
    const options = ['--minutes', '20', '--start', '2026-06-01T06:20:00Z', '--faults', 'all=0.05']
    const sniff = await sniffing(pair, '--structural', '--debug-keys')
    const eddi = pair.wattzup('simulate', 'eddi', '--iface', 'va', '--speed', '1000', ...options)
    expect(await eddi.ended, eddi.stderr).toBe(0)
    const run = (args: string[], input?: Buffer) =>
      spawnSync(process.execPath, ['bin/wattzup.js', ...args], { cwd: ROOT, ...(input === undefined ? {} : { input }) })
    const capture = run(['simulate', 'eddi', '--pcap', '-', ...options]).stdout
    const expected = run(['energi', 'sniff', '--pcap', '-', '--structural', '--debug-keys'], capture).stdout.toString()
    const withoutTime = (text: string) => text.replaceAll(/"time":"[^"]*",/g, '')
    await sniff.printed(expected.split('\n').length - 1)
    expect(withoutTime(sniff.stdout)).toBe(withoutTime(expected))
    // frames of others do not reach us, the filter of the capture keeps them back
    expect(await stopped(sniff)).toMatch(/not decoded: \d+ wrong magic, \d+ cut off, \d+ unknown length/)
  })

  test('takes tagged frames', async () => {
    const sniff = await sniffing(pair, '--count', '5')
    pair.wattzup('simulate', 'eddi', '--iface', 'va', '--faults', 'vlan=1', '--speed', '100')
    expect(await sniff.ended).toBe(0)
    expect(sniff.lines).toHaveLength(5)
  })

  test('goes on when the interface was down', async () => {
    const sniff = await sniffing(pair)
    await send(pair, 3)
    await sniff.printed(3)
    pair.ip('link', 'set', 'vb', 'down')
    pair.ip('link', 'set', 'vb', 'up')
    await until(() => pair.ip('-j', 'link', 'show', 'va').includes('LOWER_UP'))
    await send(pair, 3)
    await sniff.printed(6)
    await stopped(sniff)
  })

  test('goes on when the interface was gone', async () => {
    const sniff = await sniffing(pair)
    await send(pair, 3)
    await sniff.printed(3)
    pair.unplug()
    await sniff.said('lost vb: the interface has disappeared; waiting for it')
    pair.plug()
    await sniff.said('now capturing on vb')
    await send(pair, 3)
    await sniff.printed(6)
    await stopped(sniff)
  })

  test('goes on when tcpdump was killed', async () => {
    const sniff = await sniffing(pair)
    for (const pid of pair.pidsOf('tcpdump')) process.kill(pid, 'SIGKILL')
    await sniff.said('lost vb: tcpdump has ended')
    await sniff.said('now capturing on vb')
    await send(pair, 3)
    await sniff.printed(3)
    await stopped(sniff)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('leaves nothing behind when %s ends it', async signal => {
    const sniff = await sniffing(pair)
    expect(pair.pidsOf('tcpdump')).toHaveLength(1)
    expect(pair.promiscuity('vb')).toBe(1)
    sniff.kill(signal)
    expect(await sniff.ended).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 0)
    await until(() => pair.pidsOf('tcpdump').length === 0) // once for all: no frame comes
    await until(() => pair.promiscuity('vb') === 0)
  })

  test('says in one line what to grant where the permission is missing', async () => {
    const dropped = ['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw']
    const sniff = pair.start(...dropped, process.execPath, 'bin/wattzup.js', 'energi', 'sniff', '--iface', 'vb')
    expect(await sniff.ended).toBe(1)
    expect(sniff.stderr).toMatch(
      /^wattzup: cannot capture on vb: tcpdump is not permitted to; grant it: sudo setcap cap_net_raw\+ep \/\S+\/tcpdump\n$/,
    )
    const eddi = pair.start(...dropped, process.execPath, 'bin/wattzup.js', 'simulate', 'eddi', '--iface', 'va')
    expect(await eddi.ended).toBe(1)
    expect(eddi.stderr).toBe(
      'wattzup: cannot send on va: raw frames are for root only (CAP_NET_RAW); run it with sudo\n',
    )
  })

  test('is waited for by the simulator while its interface is down', async () => {
    const eddi = pair.wattzup('simulate', 'eddi', '--iface', 'va', '--speed', '10')
    await eddi.said('sending on va')
    pair.ip('link', 'set', 'va', 'down')
    await eddi.said('cannot send on va: the interface is down; frames are lost until it works')
    pair.ip('link', 'set', 'va', 'up')
    await eddi.said('sending on va again')
    expect(await stopped(eddi)).toMatch(/\d+ frames sent, \d+ of them lost\n$/)
  })
})
