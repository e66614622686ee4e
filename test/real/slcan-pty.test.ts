import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { PseudoTerminal } from '../../src/core/network.ts'
import { openPseudoTerminal } from '../../src/transport/pseudo-terminal.ts'
import { fakeIo } from '../fake-io.ts'
import { until } from '../until.ts'
import { realPart } from './real-part.ts'

const socat = realPart('socat', 'socat')
const folder = mkdtempSync(join(tmpdir(), 'wattzup-slcan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const never = new AbortController().signal

/** An adapter that does what it is told and keeps what that was. */
class Adapter implements AsyncDisposable {
  readonly said: string[] = []
  readonly #terminal: PseudoTerminal

  constructor(terminal: PseudoTerminal) {
    this.#terminal = terminal
    void this.#serve().catch(() => {}) // its port is gone
  }

  say(text: string): Promise<void> {
    return this.#terminal.send(Buffer.from(text, 'latin1'), never)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#terminal[Symbol.asyncDispose]()
  }

  async #serve(): Promise<void> {
    let rest = ''
    for await (const { data } of this.#terminal.packets(never)) {
      const lines = (rest + Buffer.from(data).toString('latin1')).split('\r')
      rest = lines.pop()!
      for (const line of lines) {
        this.said.push(line)
        await this.say(line.startsWith('F') ? 'F00\r' : line.startsWith('t') ? 'z\r' : '\r')
      }
    }
  }
}

describe.skipIf(socat.missing)(`an slcan adapter on a serial port${socat.reason}`, () => {
  test('is heard and written to, and waited for when it is pulled out', async () => {
    const link = join(folder, 'adapter')
    const first = new Adapter(await openPseudoTerminal(link, systemClock))
    const io = fakeIo(['can', 'dump', `slcan:${link}`, '-L', '--stats', '0.05'], { clock: systemClock })
    const done = main(io)
    await until(() => io.stderr.includes(' 0 frames')) // it is open
    expect(first.said.filter(line => line !== '')).toEqual(['C', 'S6', 'O', 'F'])
    await first.say('t1238DEADBEEF01020304\rT18FF50E53A1B2C3\r')
    await until(() => io.stdout.split('\n').length === 3)
    await first[Symbol.asyncDispose]()
    await until(() => io.stderr.includes('the device is gone; waiting for it'))
    await using second = new Adapter(await openPseudoTerminal(link, systemClock))
    await until(() => io.stderr.includes(`slcan:${link}: works again`))
    await second.say('t7FF0\r')
    await until(() => io.stdout.split('\n').length === 4)
    io.abort()
    expect(await done).toBe(0)
    expect(io.stdout.replaceAll(/^\(.*?\) /gm, '').split('\n')).toEqual([
      ...['adapter 123#DEADBEEF01020304', 'adapter 18FF50E5#A1B2C3', 'adapter 7FF#', ''],
    ])
    await until(() => second.said.at(-1) === 'C')
  })

  test('is given frames by can send', async () => {
    const link = join(folder, 'sink')
    await using adapter = new Adapter(await openPseudoTerminal(link, systemClock))
    const io = fakeIo(['can', 'send', `slcan:${link}`, '--bitrate', '250k', '123#DEAD', '18FF50E5#', '123#R4'], {
      clock: systemClock,
    })
    expect([await main(io), io.stderr]).toEqual([0, ''])
    await until(() => adapter.said.at(-1) === 'C')
    expect(adapter.said.filter(line => line !== '')).toEqual([
      ...['C', 'S5', 'O', 'F', 't1232DEAD', 'T18FF50E50', 'r1234', 'C'],
    ])
  })
})
