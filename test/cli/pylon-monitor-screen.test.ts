import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { ByteInput } from '../../src/core/input.ts'
import type { Values } from '../../src/core/values.ts'
import { predecessorDocument } from '../../src/protocols/pylontech/predecessor.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'
import { FakeTerminal } from '../fake-terminal.ts'
import { LiveWorld } from '../live-world.ts'
import { ManualClock } from '../manual-clock.ts'
import { NO_ALARM, pack, snapshotOf } from '../protocols/pylontech/view/snapshots.ts'
import { until } from '../until.ts'

const START = Date.UTC(2026, 2, 1, 10, 0, 0)

/** A monitor that runs, its terminal and its clock. */
class Monitor {
  readonly clock: ManualClock
  readonly terminal: FakeTerminal
  readonly io: FakeIo
  status: number | undefined
  readonly #done: Promise<void>

  constructor(line: string, { columns = 80, rows = 24, ...world }: World & { readonly rows?: number } = {}) {
    this.clock = (world.clock as ManualClock | undefined) ?? new ManualClock(START)
    this.terminal = new FakeTerminal(columns, rows)
    this.io = fakeIo(`pylon monitor ${line}`.split(' '), {
      env: { TERM: 'xterm' },
      ...world,
      columns,
      terminal: this.terminal,
      clock: this.clock,
    })
    this.#done = main(this.io).then(status => {
      this.status = status
    })
    monitors.push(this)
  }

  /** Lets time pass until a text is on the screen; none of it while the program is still being loaded. */
  async shows(text: string): Promise<this> {
    await until(() => this.terminal.taken > 0)
    while (!this.text.includes(text)) await this.after(0.05)
    return this
  }

  /** Lets time pass. */
  async after(seconds: number): Promise<this> {
    await this.clock.advance(seconds * 1000)
    return this
  }

  async press(keys: string): Promise<this> {
    this.terminal.press(keys)
    return this.after(0.1)
  }

  async end(): Promise<void> {
    this.io.abort()
    await this.clock.advance(2000)
    await this.#done
  }

  get text(): string {
    return this.terminal.text
  }
}

const monitors: Monitor[] = []
afterEach(async () => {
  for (const monitor of monitors.splice(0)) await monitor.end()
})

/** A document of this time. */
const at = (seconds: number, ...packs: readonly Values[]) => {
  const updated_at = new Date(START + seconds * 1000).toISOString()
  const own = packs.length === 0 ? [{}] : packs
  return JSON.stringify(snapshotOf(own.map((change, i) => pack(i + 1, { updated_at, ...change }))))
}

async function onFile(text: string, options = '', world: World & { readonly rows?: number } = {}): Promise<Monitor> {
  const files = { 'stack.json': text }
  return new Monitor(`stack.json ${options}`.trim(), { files, ...world }).shows('67%')
}

describe('the screen of pylon monitor', () => {
  test('shows a file, and what replaces it', async () => {
    const monitor = await onFile(at(0))
    expect(monitor.text).toContain('33.5Ah / 50.0Ah (67% SOC) / 49.545V @ -2.6A = -128W / 31 cycles')
    monitor.io.files.writeText('stack.json', at(10, { current: 5 }))
    await monitor.after(10)
    expect(monitor.text).toContain('49.545V @  5.0A = 247W')
    expect(monitor.text).toContain('charging')
    expect(monitor.text).toMatch(/power 5 min +[.,:;ox%#]+ .*-128\.\.247W/)
  })

  test('tells the terminal of lines that have changed, of no others, and of nothing while nothing has', async () => {
    const monitor = await onFile(at(0), '--no-summary')
    await monitor.press('ww') // curves of a day, which do not move while one looks
    const { writes } = monitor.terminal
    writes.length = 0
    await monitor.after(10)
    expect(writes).toEqual([])
    const cells = [3.3, 3.3, 3.301]
    monitor.io.files.writeText('stack.json', at(0, { cell_voltages: cells }))
    await monitor.after(3)
    expect(writes).toHaveLength(1)
    expect(writes[0]!.match(/\u001b\[\d+;1H/g)).toEqual(['\u001b[2;1H', '\u001b[3;1H', '\u001b[4;1H', '\u001b[5;1H'])
  })

  test.each(['q', '\u0003'])('ends with %j, and has given the terminal back', async key => {
    const monitor = await onFile(at(0))
    await monitor.press(key)
    await monitor.after(1)
    expect(monitor.status).toBe(0)
    expect(monitor.terminal).toMatchObject({ taken: 1 })
    expect(monitor.terminal.closed).toBeGreaterThan(0)
    expect(monitor.io.stdout + monitor.io.stderr).toBe('')
  })

  test.each([
    ['a signal', (monitor: Monitor) => monitor.io.abort()],
    ['a window that is closed', (monitor: Monitor) => monitor.terminal.goAway()],
  ])('gives the terminal back at once at %s', async (_, end) => {
    const monitor = await onFile(at(0))
    end(monitor)
    expect(monitor.terminal.closed).toBeGreaterThan(0) // before anything else has had its turn
    await monitor.after(1)
    expect(monitor.status).toBe(0)
  })

  test('gives the terminal back when something breaks, and says what', async () => {
    const monitor = new Monitor('stack.json', { files: { 'stack.json': at(0) } })
    const { open } = monitor.io
    let opened = 0
    Object.assign(monitor.io, {
      open: async (path: string) => {
        if (++opened > 1) throw new TypeError('a defect')
        return open(path)
      },
    })
    await monitor.after(1)
    expect(monitor.status).toBe(1)
    expect(monitor.terminal.closed).toBeGreaterThan(0)
    expect(monitor.io.stderr).toContain('unexpected error: a defect')
  })

  test('is drawn anew for another size', async () => {
    const monitor = await onFile(at(0, {}, {}, {}))
    expect(monitor.text.match(/Pack \d/g)).toHaveLength(3)
    monitor.terminal.resize(40, 12)
    await monitor.after(0.1)
    expect(monitor.text.match(/Pack \d/g)).toBeNull()
    expect(monitor.terminal.lines.filter(line => /^ +\d +67%/.test(line))).toHaveLength(3)
    monitor.terminal.resize(200, 50)
    await monitor.after(0.1)
    expect(monitor.terminal.lines.filter(line => line.includes('Pack'))).toHaveLength(2)
    monitor.terminal.resize(20, 3)
    await monitor.after(0.1)
    expect(monitor.terminal.lines).toEqual(['67%  -386W  -7.8A', '', ''])
  })

  test('stands still while it is paused, and then shows what came meanwhile', async () => {
    const monitor = await onFile(at(0))
    await monitor.press('p')
    expect(monitor.text).toContain('PAUSED')
    monitor.io.files.writeText('stack.json', at(10, { current: 5 }))
    await monitor.after(10)
    expect(monitor.text).toContain('-2.6A = -128W')
    await monitor.press('p')
    expect(monitor.text).toContain('5.0A = 247W')
  })

  test('follows its keys', async () => {
    const monitor = await onFile(at(0, {}, {}))
    await monitor.press('2')
    expect(monitor.text).toContain('serial DEMO2')
    await monitor.press('\u001b[D')
    expect(monitor.text).toContain('serial DEMO1')
    await monitor.press('?')
    expect(monitor.text).toContain('Ctrl-Z')
    await monitor.press('?')
    await monitor.press('m')
    expect(monitor.text).toContain('current 5 min')
    await monitor.press('\u001a')
    expect(monitor.terminal.suspended).toBe(1)
    monitor.terminal.writes.length = 0
    await monitor.press('r')
    expect(monitor.terminal.writes.join('')).toContain('\u001b[2J')
    expect(monitor.text).toContain('Pack 2')
  })

  test('shows that values are old, dim and with their age', async () => {
    const monitor = await onFile(at(0), '--color always')
    expect(monitor.terminal.writes.join('')).not.toContain('\u001b[0;2;32m')
    await monitor.after(31)
    expect(monitor.text).toMatch(/stale 3[01] s/)
    expect(monitor.text).toContain('1 stale')
    expect(monitor.terminal.writes.join('')).toContain('\u001b[0;2;32m3.303v')
    await monitor.after(100)
    expect(monitor.text).toContain('stale 2 min')
    await monitor.press('l')
    expect(monitor.text).toMatch(/10:00:3[01] UTC {2}module {2}1 {2}! no answer/)
  })

  test('waits for a file that is not there, and for one that is being written', async () => {
    const monitor = await new Monitor('later.json').shows(
      'cannot open later.json: no such file or folder; next try in 1 s',
    )
    expect(monitor.text).toContain('waiting for later.json')
    monitor.io.files.writeText('later.json', at(0).slice(0, 100))
    await monitor.after(3)
    expect(monitor.text).toContain('is no JSON document, or not all of one')
    monitor.io.files.writeText('later.json', at(0))
    await monitor.after(10)
    expect(monitor.text).toContain('Pack 1')
    expect(monitor.text).not.toContain('next try')
  })

  test('tries again after 1, 2, 5, 10 and 10 s, and keeps what it has', async () => {
    const monitor = await onFile(at(0))
    monitor.io.files.remove('stack.json')
    await monitor.after(2)
    const waits: string[] = []
    for (let second = 0; second < 40; second++) {
      const wait = /next try in (\d+) s/.exec(monitor.text)?.[1]
      if (wait !== undefined && waits.at(-1) !== wait) waits.push(wait)
      await monitor.after(1)
    }
    expect(waits).toEqual(['1', '2', '5', '10'])
    expect(monitor.text).toContain('3.303v')
    expect(monitor.status).toBeUndefined()
  })

  test('says that standard input is at its end, and stays', async () => {
    const reading = (device: string, change: Values) =>
      JSON.stringify({
        device,
        message: 'stack',
        values: snapshotOf([pack(1, { updated_at: new Date(START).toISOString(), ...change })]),
      })
    const stdin = [reading('stack0', {}), 'rubbish', reading('stack1', { address: 18, voltage: 48 })].join('\n')
    const monitor = await new Monitor('-', { stdin }).shows('2 modules') // of two groups
    expect(monitor.text).toContain('48.000V')
    expect(monitor.text).toContain('standard input is at its end')
    await monitor.press('q')
    await monitor.after(1)
    expect(monitor.status).toBe(0)
    expect(monitor.io.stderr).toBe('wattzup: 1 lines of standard input were no documents about modules\n')
  })

  test('ends while it waits for standard input', async () => {
    let close = () => {}
    const stdin: ByteInput = {
      name: '-',
      size: 0,
      live: true,
      read: () => new Promise(resolve => { close = () => resolve(0) }), // biome-ignore format: short
      close: () => close(),
    }
    const monitor = await new Monitor('-', { stdin }).after(1)
    await monitor.press('q')
    await monitor.after(2)
    expect(monitor.status).toBe(0)
  })

  test('rings when something new is wrong, if that is wanted', async () => {
    const rings = async (options: string) => {
      const monitor = await onFile(at(0), options)
      monitor.io.files.writeText('stack.json', at(2, { alarm: { ...NO_ALARM, status1: 0x80 } }))
      await monitor.after(3)
      return monitor.terminal.writes.join('').split('\u0007').length - 1
    }
    expect(await rings('--bell')).toBe(1)
    expect(await rings('')).toBe(0)
  })

  test('draws no more than 20 pictures a second, however many keys come', async () => {
    const monitor = await onFile(at(0))
    monitor.terminal.writes.length = 0
    for (let i = 0; i < 100; i++) {
      monitor.terminal.press('p')
      await monitor.after(0.01)
    }
    expect(monitor.terminal.writes.length).toBeLessThanOrEqual(21)
  })

  test('draws nothing for a terminal that has not taken the last picture, and can be ended', async () => {
    const monitor = await onFile(at(0))
    let goOn = () => {}
    monitor.terminal.slow = new Promise(resolve => { goOn = resolve }) // biome-ignore format: short
    await monitor.press('p')
    monitor.terminal.writes.length = 0
    for (let i = 0; i < 10; i++) await monitor.press('p')
    expect(monitor.terminal.writes).toEqual([])
    monitor.terminal.slow = undefined
    goOn()
    await monitor.after(0.1)
    expect(monitor.terminal.writes).toHaveLength(1)
  })

  test('goes on with the curves of an earlier run', async () => {
    const first = await onFile(at(0, { current: -2 }), '--history curves.json')
    first.io.files.writeText('stack.json', at(5, { current: 4 }))
    await first.after(6)
    await first.end()
    const saved = first.io.files.readText('curves.json')
    const files = { 'stack.json': at(5, { current: 4 }), 'curves.json': saved }
    const second = await new Monitor('stack.json --history curves.json', {
      files,
      clock: new ManualClock(START + 7000),
    }).after(0.1)
    expect(second.text).toMatch(/current 5 min .* -2\.0\.\.4\.0A/)
    await second.end()
    const damaged = await new Monitor('stack.json --history curves.json', {
      files: { ...files, 'curves.json': '{' },
    }).after(0.1)
    expect(damaged.text).toContain('Pack 1')
  })

  test('has one column for every character, whatever the locale', async () => {
    const unicode = await onFile(at(0), '', { env: { TERM: 'xterm', LANG: 'C.UTF-8' } })
    expect(unicode.text).toMatch(/┌Pack 1─/)
    expect(unicode.text).toContain('23°C')
    const ascii = await onFile(at(0), '--ascii', { env: { TERM: 'xterm', LANG: 'C.UTF-8' } })
    expect(ascii.text).toMatch(/^[\x20-\x7e\n]*$/)
  })
})

describe('pylon monitor on a server', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections()
  })

  /** A monitor of a server that answers what `answer` gives at the time, and whose clock is an hour ahead. */
  async function monitorOf(answer: () => readonly [status: number, text: string]): Promise<Monitor> {
    const clock = new ManualClock(START - 3_600_000)
    const server = createServer((_, response) => {
      const [status, text] = answer()
      response.writeHead(status, { date: new Date(clock.now() + 3_600_000).toUTCString() }).end(text)
    })
    servers.push(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new Monitor(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { clock })
  }

  test('shows what it says, that it fails, and that it is back', async () => {
    let answer: readonly [number, string] = [503, '{"error":"nothing has been read yet"}']
    const monitor = await monitorOf(() => answer)
    await monitor.shows('nothing has been read yet')
    answer = [200, at(0)]
    await monitor.shows('-2.6A = -128W')
    expect(monitor.text).not.toContain('nothing has been read yet')
    expect(monitor.text).not.toContain('stale')
    answer = [500, 'oops']
    await monitor.shows('500 oops; next try in 1 s')
    answer = [200, at(1, { current: 5 })]
    await monitor.shows('5.0A = 247W')
    expect(monitor.text).not.toContain('oops')
  })

  test('takes values without a time for as old as they have been the same', async () => {
    const old = JSON.stringify(predecessorDocument(snapshotOf(1)))
    const monitor = await monitorOf(() => [200, old])
    await monitor.shows('-2.6A = -128W')
    expect(monitor.text).not.toContain('stale')
    await monitor.shows('1 stale')
  })
})

describe('pylon monitor on modules', () => {
  test('shows them, that they are gone, and that they are back', async () => {
    const world = new LiveWorld()
    const start = (line: string) => {
      const io = fakeIo(line.split(' '), { ...world })
      return { io, done: main(io) }
    }
    const first = start('simulate pylon --tcp 4196 --packs 2')
    await until(() => first.io.stderr.includes('listening on'))
    const monitor = new Monitor('--port tcp://127.0.0.1:4196 --interval 2', { ...world })
    const shows = (text: string) => world.while(until(() => monitor.text.includes(text)))
    await shows('Pack 2')
    expect(monitor.text).toContain('no alarms')
    first.io.abort()
    await world.while(first.done)
    await shows('2 stale')
    expect(monitor.text).toContain(': disconnected')
    expect(monitor.text).toMatch(/tcp:\/\/127\.0\.0\.1:4196.*; next\s+attempt\s+in\s+\d+\s+s/)
    const second = start('simulate pylon --tcp 4196 --packs 3')
    await shows('3 modules')
    await world.while(until(() => !monitor.text.includes('stale')))
    expect(monitor.text).not.toContain('next attempt')
    second.io.abort()
    await world.while(second.done)
    monitor.io.abort()
    await world.while(monitor.end())
    expect(monitor.status).toBe(0)
  })

  test('says when nobody answers', async () => {
    const world = new LiveWorld()
    const io = fakeIo('simulate pylon --tcp 4196 --silent 1,2'.split(' '), { ...world })
    const simulating = main(io)
    await until(() => io.stderr.includes('listening on'))
    const monitor = new Monitor('--port tcp://127.0.0.1:4196', { ...world })
    await world.while(until(() => monitor.text.includes('nothing answers on tcp://127.0.0.1:4196')))
    io.abort()
    await world.while(simulating)
    await world.while(monitor.end())
  })
})

describe('pylon monitor on a recording', () => {
  test('replays it at its pace, and stays at its end', async () => {
    const monitor = await new Monitor('samples/pylontech/stack.log --speed 10').shows('49.')
    const [before] = monitor.text.match(/49\.\d{3}V/)!
    await monitor.after(3)
    expect(monitor.text).not.toContain('at its end')
    await monitor.after(60)
    expect(monitor.text).toContain('the recording is at its end')
    expect(monitor.text.match(/49\.\d{3}V/)![0]).not.toBe(before)
    expect(monitor.text).not.toContain('stale')
  })
})
