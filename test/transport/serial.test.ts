import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { TransportError, UsageError } from '../../src/core/errors.ts'
import { openPseudoTerminal } from '../../src/transport/pseudo-terminal.ts'
import { openSerial } from '../../src/transport/serial.ts'
import { ManualClock } from '../manual-clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattzup-serial-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const never = new AbortController().signal
const clock = new ManualClock()
const open = (path: string) => openSerial({ path, baudRate: 115_200 }, clock, never)

async function messageOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(TransportError)
  return (error as TransportError).message
}

const installed = await import('serialport').then(
  () => true,
  () => false,
)
const needsPackage = installed ? '' : ' (skipped: the optional package serialport is not installed)'
const root = process.getuid?.() === 0
const needsUser = root ? ' (skipped: root may open everything)' : needsPackage

describe('a serial port that cannot be opened says why and what to do:', () => {
  test.skipIf(!installed)(`no such device${needsPackage}`, async () => {
    expect(await messageOf(open(`${folder}/none`))).toBe(
      `cannot open ${folder}/none: no such device; see: ls /dev/serial/by-id`,
    )
  })

  test.skipIf(!installed)(`a file or a folder${needsPackage}`, async () => {
    writeFileSync(`${folder}/file`, '')
    expect(await messageOf(open(`${folder}/file`))).toBe(`cannot open ${folder}/file: it is no serial port`)
    expect(await messageOf(open(folder))).toBe(`cannot open ${folder}: it is no serial port`)
  })

  test.skipIf(root || !installed)(`no permission${needsUser}`, async () => {
    writeFileSync(`${folder}/forbidden`, '')
    chmodSync(`${folder}/forbidden`, 0)
    expect(await messageOf(open(`${folder}/forbidden`))).toContain('sudo usermod -aG dialout $USER')
  })

  test('the package is not installed, or has no binary for this machine', async () => {
    const missing = Object.assign(new Error("Cannot find module 'serialport'"), { code: 'MODULE_NOT_FOUND' })
    const broken = new Error('No native build was found for platform=sunos\n    at load')
    const loading = (error: Error) =>
      openSerial({ path: '/dev/ttyUSB0', baudRate: 9600 }, clock, never, () => Promise.reject(error))
    expect(await messageOf(loading(missing))).toBe(
      'cannot open /dev/ttyUSB0: the optional package serialport is not installed; npm install serialport adds it. ' +
        'A bridge needs no package: tcp://HOST:PORT',
    )
    expect(await messageOf(loading(broken))).toContain('does not load (No native build was found for platform=sunos)')
  })

  test('the run is over', async () => {
    const reason = new Error('over')
    await expect(openSerial({ path: folder, baudRate: 9600 }, clock, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('a pseudo terminal', () => {
  test('does not take the place of a file', async () => {
    writeFileSync(`${folder}/precious`, 'x')
    expect(await messageOf(openPseudoTerminal(`${folder}/precious`, clock))).toContain('it exists already')
  })

  test('has a name that socat reads as it is meant', async () => {
    for (const name of ['a,b', 'a b', 'a:b', 'a!!b', "a'b"]) {
      await expect(openPseudoTerminal(`${folder}/${name}`, clock)).rejects.toThrow(UsageError)
    }
  })
})
