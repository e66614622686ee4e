import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { monitorCommand } from '../../src/cli/pylon-monitor-command.ts'
import type { Values } from '../../src/core/values.ts'
import { predecessorDocument } from '../../src/protocols/pylontech/predecessor.ts'
import { fakeIo, type World } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { ManualClock } from '../manual-clock.ts'
import { CAPTURES, needsCaptures, pylonCapture } from '../protocols/pylontech/decoding.ts'
import { NO_ALARM, pack, snapshotOf } from '../protocols/pylontech/view/snapshots.ts'
import { until } from '../until.ts'

/** The fake clock stands at 10:00:00.123, so these values are 0 s old. */
const FRESH = '2026-03-01T10:00:00.000Z'
const HOUR_AGO = '2026-03-01T09:00:00.000Z'
const fresh = (packs: readonly Values[]) => JSON.stringify({ packs: packs.map(one => ({ updated_at: FRESH, ...one })) })

async function run(line: string, own: World = {}) {
  const world = line.includes('http://') ? { clock: new ManualClock(), ...own } : own // sockets take real time
  const io = fakeIo(line.split(' '), world)
  const status = await main(io)
  return { status, out: io.stdout, err: io.stderr, io }
}

const once = (document: unknown, options = '', world: World = {}) =>
  run(`pylon monitor stack.json --once ${options}`.trim(), {
    ...world,
    files: { 'stack.json': typeof document === 'string' ? document : JSON.stringify(document) },
  })

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A server of this machine; gives its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answering =
  (body: string, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status).end(body)

describe('pylon monitor --once', () => {
  test('prints the picture of a JSON file, without escape codes where there is no terminal', async () => {
    const { status, out, err } = await once(snapshotOf(3))
    expect({ status, err }).toEqual({ status: 0, err: '' })
    const lines = out.split('\n')
    expect(lines).toHaveLength(2 + 3 * 6 + 1)
    expect(lines[0]).toContain('3 modules')
    expect(out).toContain('33.5Ah / 50.0Ah (67% SOC) / 49.545V @ -2.6A = -128W / 31 cycles')
    expect(out).not.toContain('\u001b')
    expect(lines.every(line => line.length <= 80)).toBe(true)
  })

  test('has colours when they are wanted, and the same text', async () => {
    const plain = (await once(snapshotOf(1))).out
    const colored = (await once(snapshotOf(1), '--color always')).out
    expect(colored).toContain('\u001b[0;32m3.303v')
    expect(colored.replaceAll(/\u001b\[[\d;]*m/g, '')).toBe(plain)
    expect((await once(snapshotOf(1), '', { columns: 80 })).out).toContain('\u001b[0;32m')
    expect((await once(snapshotOf(1), '', { columns: 80, env: { NO_COLOR: '1' } })).out).toBe(plain)
    expect((await once(snapshotOf(1), '--no-color', { columns: 80, env: { FORCE_COLOR: '1' } })).out).toBe(plain)
  })

  test('is as wide as the terminal, or as large as wanted', async () => {
    expect((await once(snapshotOf(2), '', { columns: 200 })).out.split('\n')).toHaveLength(1 + 6 + 1)
    const small = (await once(snapshotOf(3), '--size 40x12')).out.trimEnd().split('\n')
    expect(small.length).toBeLessThanOrEqual(12)
    expect(small.every(line => line.length <= 40)).toBe(true)
  })

  test('prints the snapshot itself with --json', async () => {
    const document = { ...snapshotOf(2), totals: { soc: 67 } }
    const { out } = await once(document, '--json')
    expect(JSON.parse(out)).toEqual(document)
    expect((await once(document, '--json --redact')).out).toContain('"serial":"XXXXX"')
    expect((await once(document, '--json --redact')).out).not.toContain('DEMO')
  })

  test.each([
    ['{"packs":[]}', 'no modules'],
    ['{"packs":[{"pack":1,"voltage":null,"stale":true,"error":"timeout"}]}', 'modules that never answered'],
  ])('exits 3 for %s: %s', async document => {
    expect(await once(document)).toMatchObject({
      status: 3,
      out: '',
      err: 'wattzup: no data of any module from stack.json\n',
    })
    expect(await once(document, '--json')).toMatchObject({ status: 3, out: '' })
  })

  test('tells with --check whether all is well', async () => {
    const alarm = { alarm: { ...NO_ALARM, status1: 0x80 } }
    expect((await once(fresh([pack(1), pack(2)]), '--check')).status).toBe(0)
    expect((await once(fresh([pack(1), pack(2, { updated_at: HOUR_AGO })]), '--check')).status).toBe(4)
    expect((await once(fresh([pack(1), pack(2, { error: 'RTN 91' })]), '--check')).status).toBe(4)
    expect((await once(fresh([pack(1, alarm), pack(2, { stale: true })]), '--check')).status).toBe(5)
    expect((await once(fresh([pack(1, alarm)]))).status).toBe(0)
    expect((await once(fresh([pack(1, { updated_at: HOUR_AGO })]), '--check --stale-after 7200')).status).toBe(0)
  })

  test('reads the layout of the program before', async () => {
    const { status, out } = await once(predecessorDocument(snapshotOf(2)))
    expect(status).toBe(0)
    expect(out).toContain('33.5Ah / 50.0Ah (67% SOC) / 49.545V @ -2.6A = -128W / 31 cycles')
    expect(out).toMatch(/Pack 2/)
  })

  test.each([
    ['{"packs":[', 'stack.json is no JSON document, or not all of one'],
    ['{"devices":{}}', 'stack.json says nothing of modules'],
  ])('fails for %s in one line', async (text, message) => {
    const { status, out, err } = await once(text)
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(err).toMatch(new RegExp(`^wattzup: ${message.replace('.', '\\.')}[^\n]*\n$`))
  })

  test('asks a server, also one of readings', async () => {
    const at = await serve(answering(JSON.stringify(snapshotOf(2))))
    expect(await run(`pylon monitor http://${at}/ --once`)).toMatchObject({
      status: 0,
      out: expect.stringContaining('Pack 2'),
    })
    const device = { family: 'pylontech', device: 'stack0', time: FRESH, values: snapshotOf(1) }
    const one = await serve(answering(JSON.stringify(device)))
    expect((await run(`pylon monitor http://${one}/stack0 --once`)).out).toContain('1 module ')
  })

  test('says what is wrong with a server', async () => {
    const starting = await serve(answering('{"error":"nothing has been read yet"}', 503))
    expect((await run(`pylon monitor http://${starting}/ --once`)).status).toBe(3)
    const missing = await serve(answering('{"error":"no such\u001b device"}', 404))
    const { status, err } = await run(`pylon monitor http://me:secret@${missing}/x --once`)
    expect(status).toBe(1)
    expect(err).toBe(`wattzup: cannot read http://${missing}/x: 404 {"error":"no such? device"}\n`)
    const page = await serve(answering('<html>'))
    expect((await run(`pylon monitor http://${page}/ --once`)).err).toContain('is no JSON document')
  })

  test.each([
    [
      'readings as lines',
      `${JSON.stringify({ device: 'stack0', message: 'stack', values: snapshotOf(2) })}\n{"x":1}\n`,
    ],
    ['a document over several lines', JSON.stringify(snapshotOf(2), null, 2)],
    ['a document without a line end', JSON.stringify(snapshotOf(2))],
  ])('reads standard input: %s', async (_, stdin) => {
    const { status, out } = await run('pylon monitor - --once', { stdin })
    expect(status).toBe(0)
    expect(out).toContain('Pack 2')
  })

  test('finds nothing on an empty standard input', async () => {
    expect((await run('pylon monitor - --once', { stdin: '' })).status).toBe(3)
    expect(await run('pylon monitor - --once', { stdin: 'hello\n' })).toMatchObject({ status: 1, out: '' })
  })

  test('asks the modules themselves', async () => {
    const world = new LiveWorld()
    const simulator = fakeIo('simulate pylon --tcp 4196 --packs 3 --silent 2'.split(' '), { ...world })
    const simulating = main(simulator)
    await until(() => simulator.stderr.includes('listening on'))
    const ask = async (options: string) => {
      const io = fakeIo(`pylon monitor --once ${options}`.split(' '), { ...world })
      return { status: await world.while(main(io)), out: io.stdout }
    }
    const { status, out } = await ask('--port tcp://127.0.0.1:4196')
    expect(status).toBe(0)
    expect(out.match(/Pack \d/g)).toEqual(['Pack 1', 'Pack 2', 'Pack 3'])
    expect(out).toContain('stale never read: timeout')
    expect((await ask('--check tcp://127.0.0.1:4196')).status).toBe(4)
    const document = JSON.parse((await ask('--port tcp://127.0.0.1:4196 --json')).out)
    expect(document).toMatchObject({
      pack_count: 3,
      packs: [{ address: 2 }, { address: 3, stale: true }, { address: 4 }],
    })
    simulator.abort()
    await world.while(simulating)
  })

  test('shows the end of a recording at its own time', async () => {
    const { status, out } = await run('pylon monitor samples/pylontech/stack.log --once')
    expect(status).toBe(0)
    expect(out).toContain('2 modules')
    expect(out).not.toContain('stale')
  })

  test.skipIf(CAPTURES === undefined)(`shows the last values of a capture${needsCaptures}`, async () => {
    const { out } = await run(`pylon monitor ${pylonCapture('rs485-2packs.pcapng')} --once`)
    // the last rows of the table beside it, which another program computed
    expect(out).toContain(' 23.5Ah / 50.0Ah (47% SOC) / 49.738V @  1.9A =  94W / 99 cycles+')
    expect(out).toContain('alarms not known') // nobody asked for them
    expect(out).toContain('/ 49.755V @  1.9A =  94W / 147 cycles')
    expect(out).toContain('30C 27C 27C 27C 26C  (3.315v - 3.317v dV:  2mV)')
    for (const cell of ['3.315v  3.316v  3.316v  3.317v  3.316v', '3.319v  3.318v  3.317v  3.317v  3.318v']) {
      expect(out).toContain(cell)
    }
  })
})

describe('pylon monitor', () => {
  test.each([
    ['pylon monitor', 'nothing to look at'],
    ['pylon monitor stack.json', 'standard output is no terminal; --once prints one picture'],
    ['pylon monitor stack.json --once --port /dev/x', 'take one of them'],
    ['pylon monitor stack.json --json', '--json needs --once'],
    ['pylon monitor stack.json --check', '--check needs --once'],
    ['pylon monitor stack.json --size 80x24', '--size needs --once'],
    ['pylon monitor stack.json --once --size 80', 'like 80x24'],
    ['pylon monitor stack.json --once --history x', '--history'],
    ['pylon monitor --once --port /dev/x --wake', '--wake needs --console'],
    ['pylon monitor --once --port tcp://x:1 --console --wake', '--wake needs a serial port'],
    ['pylon monitor http:// --once', 'is no address'],
    ['pylon monitor stack.json --once --spread -1', '--spread'],
    ['pylon monitor --once --groups 9 --port /dev/x', 'numbers from 0 to 7'],
  ])('%s is wrong usage', async (line, text) => {
    const { status, out, err } = await run(line)
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toContain(text)
  })

  test('has a page that describes every option', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/commands/pylon-monitor.md'), 'utf8')
    const tables = page.match(/^\|.*$/gm)!.join('\n')
    const names = monitorCommand(fakeIo([])).options.map(({ long }) => long!)
    expect(names.length).toBeGreaterThan(15)
    expect(names.filter(name => !new RegExp(`\`${name}(?![\\w-])`).test(tables))).toEqual([])
  })

  test('waits for no keys as if they were data, and draws on no dumb terminal', async () => {
    expect(await run('pylon monitor - --once', { stdinIsTerminal: true })).toMatchObject({ status: 2 })
    const dumb = await run('pylon monitor stack.json', { columns: 80, env: { TERM: 'dumb' } })
    expect(dumb).toMatchObject({ status: 2, err: expect.stringContaining('TERM=dumb') })
  })
})
