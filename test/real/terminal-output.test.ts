import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { TerminalOutput } from '../../src/transport/terminal-output.ts'
import { realPart } from './real-part.ts'
import { within } from './within.ts'

const socat = realPart('socat', 'socat')

type Socat = ChildProcessByStdio<null, Readable, Readable>

/** A terminal of its own, whose other side a test reads, or stops from being read. */
async function openTerminal(): Promise<{ readonly child: Socat; readonly fd: number }> {
  const child = spawn('socat', ['-u', '-d', '-d', 'pty,raw,echo=0', 'stdout'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  while (!said.includes('starting data transfer')) said += String((await once(child.stderr, 'data'))[0])
  const path = /PTY is (\S+)/.exec(said)![1]!
  return { child, fd: openSync(path, constants.O_WRONLY | constants.O_NOCTTY) }
}

describe.skipIf(socat.missing)(`a terminal${socat.reason}`, () => {
  test('that is stopped holds up nothing, and loses nothing', async () => {
    const { child, fd } = await openTerminal()
    const output = new TerminalOutput(fd, 80, systemClock, () => {})
    child.kill('SIGSTOP') // as Ctrl-S does it, or a line that hangs
    const block = new Uint8Array(300_000).map((_, i) => 33 + (i % 90))
    const expected = Buffer.from(block)
    output.write(block)
    block.fill(0) // the caller's memory is the caller's
    output.write('the end')
    expect(output.drained()).toBeInstanceOf(Promise)
    const parts: Buffer[] = []
    let taken = 0
    const all = new Promise<void>(resolve => {
      child.stdout.on('data', (part: Buffer) => {
        parts.push(part)
        taken += part.length
        if (taken === expected.length + 7) resolve()
      })
    })
    child.kill('SIGCONT')
    await within('all bytes', all, () => taken)
    await output.drained()
    expect(output.drained()).toBeUndefined()
    expect(Buffer.concat(parts).toString()).toBe(`${expected}the end`)
    child.kill()
    await once(child, 'close')
    closeSync(fd)
  })

  test('that is gone says so once, and takes what is written as lost', async () => {
    const { child, fd } = await openTerminal()
    let closed = 0
    const output = new TerminalOutput(fd, 80, systemClock, () => closed++)
    child.kill()
    await once(child, 'close')
    output.write('something')
    output.write('more')
    expect([closed, output.drained()]).toEqual([1, undefined])
    closeSync(fd)
  })
})
