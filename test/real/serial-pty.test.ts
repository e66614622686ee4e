import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Values } from '../../src/core/values.ts'
import { WIRE_FAULTS } from '../../src/protocols/pylontech/simulator/faults.ts'
import { openPseudoTerminal } from '../../src/transport/pseudo-terminal.ts'
import { openSerial } from '../../src/transport/serial.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { until } from '../until.ts'
import { realPart } from './real-part.ts'

const socat = realPart('socat', 'socat')
const folder = mkdtempSync(join(tmpdir(), 'wattzup-pty-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const never = new AbortController().signal

/** A program of ours that runs for real, in this process. */
interface Program extends AsyncDisposable {
  readonly io: FakeIo
  readonly done: Promise<number>
}

function start(line: string): Program {
  const io = fakeIo(line.split(' '), { clock: systemClock })
  const done = main(io)
  return {
    io,
    done,
    async [Symbol.asyncDispose]() {
      io.abort()
      await done
    },
  }
}

/** A simulated stack at a link that is there when it is given. */
async function stackAt(link: string, options: string): Promise<Program> {
  const program = start(`simulate pylon --pty ${link} --latency 5 ${options}`)
  await until(() => program.io.stderr.includes('listening on'))
  return program
}

const packsOf = (document: unknown) => (document as { readonly packs: Values[] }).packs
const isWhole = ({ cell_voltages: cells, voltage }: Values): boolean =>
  (cells as number[]).reduce((sum, cell) => sum + Math.round(cell * 1000), 0) === Math.round(Number(voltage) * 1000)

describe.skipIf(socat.missing)(`a pseudo terminal${socat.reason}`, () => {
  test('carries bytes both ways, is one program’s own, and tells when it is gone', async () => {
    const link = join(folder, 'plain')
    const terminal = await openPseudoTerminal(link, systemClock)
    const port = { path: link, baudRate: 115_200 }
    const serial = await openSerial(port, systemClock, never)
    await expect(openSerial(port, systemClock, never)).rejects.toThrow('another program has it open')
    await serial.send(Buffer.from('there'), never)
    for await (const { data, origin } of terminal.packets(never)) {
      expect([Buffer.from(data).toString(), origin]).toEqual(['there', link])
      break
    }
    await terminal.send(Buffer.from('back'), never)
    const packets = serial.packets(never)[Symbol.asyncIterator]()
    expect(Buffer.from((await packets.next()).value!.data).toString()).toBe('back')
    await terminal[Symbol.asyncDispose]()
    await expect(packets.next()).rejects.toThrow(`lost ${link}: the device is gone`)
    await expect(serial.send(Buffer.from('x'), never)).rejects.toThrow('the device is gone')
    await serial[Symbol.asyncDispose]()
    expect(existsSync(link)).toBe(false)
  })

  test('is left to others when it is closed', async () => {
    await using terminal = await openPseudoTerminal(undefined, systemClock)
    expect(terminal.path).toMatch(/^\/dev\//)
    const packets = terminal.packets(never)[Symbol.asyncIterator]()
    for (const letter of ['A', 'B', 'C']) {
      await using serial = await openSerial({ path: terminal.path, baudRate: 9600 }, systemClock, never)
      await serial.send(Buffer.from(letter), never)
      expect(Buffer.from((await packets.next()).value!.data).toString()).toBe(letter)
    }
  })
})

/** A busy machine takes its time. */
const timeout = 60_000

describe.skipIf(socat.missing).concurrent(`pylon poll of eight modules on a pty${socat.reason}`, { timeout }, () => {
  test('reads all of them', async () => {
    const link = join(folder, 'sound')
    await using _stack = await stackAt(link, '--packs 8 --kind us2000,us5000')
    const poll = start(`pylon poll --port ${link} --once --json --strict`)
    expect(await poll.done).toBe(0)
    const packs = packsOf(JSON.parse(poll.io.stdout))
    expect(packs).toHaveLength(8)
    expect(packs.every(pack => isWhole(pack) && pack['alarm'] !== null && pack['management'] !== null)).toBe(true)
    expect(poll.io.stderr).not.toContain('rejected')
  })

  test.each(Object.keys(WIRE_FAULTS))(
    'publishes nothing that no module said, on a line with the fault %s',
    async fault => {
      const link = join(folder, fault)
      const isHarmless = fault === 'echo' || fault === 'noise'
      await using _stack = await stackAt(link, `--packs 8 --faults ${fault}=${isHarmless ? 1 : 0.04}`)
      const poll = start(`pylon poll --port ${link} --once --json`)
      expect(await poll.done).toBe(0)
      const packs = packsOf(JSON.parse(poll.io.stdout))
      const fresh = packs.filter(({ stale }) => stale === false)
      // a module whose reply is lost while they are looked for may be missed until the next time
      expect(fresh.length).toBeGreaterThanOrEqual(isHarmless ? 8 : 4)
      expect(fresh.every(isWhole)).toBe(true)
      for (const { stale, error } of packs) expect(error === null).toBe(!stale)
    },
  )

  test('reads the console of a plug that is woken first', async () => {
    const link = join(folder, 'console')
    await using _stack = await stackAt(link, '--packs 8 --console')
    const poll = start(`pylon poll --port ${link} --console --wake --once --json --strict`)
    expect(await poll.done).toBe(0)
    expect(packsOf(JSON.parse(poll.io.stdout)).map(pack => [pack['address'], isWhole(pack)])).toEqual(
      Array.from({ length: 8 }, (_, i) => [i + 1, true]),
    )
  })

  test('goes on when the cable is pulled and put back', async () => {
    const link = join(folder, 'pulled')
    const first = await stackAt(link, '--packs 8')
    await using poll = start(`pylon poll --port ${link} --interval 1 --json`)
    const isSeen = (holds: (packs: Values[]) => boolean) =>
      until(() => {
        const last = poll.io.stdout.trimEnd().split('\n').at(-1)!
        return last !== '' && holds(packsOf(JSON.parse(last).values))
      })
    await isSeen(packs => packs.length === 8 && packs.every(({ stale }) => stale === false))
    await first[Symbol.asyncDispose]()
    await isSeen(packs => packs.every(({ error }) => error === 'disconnected'))
    await using _second = await stackAt(link, '--packs 8')
    await isSeen(packs => packs.length === 8 && packs.every(({ stale }) => stale === false))
    expect(poll.io.stderr).toMatch(/lost \S+: the device is gone; next attempt in \d+ s/)
  })
})
