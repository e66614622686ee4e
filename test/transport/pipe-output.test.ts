import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PipeOutput } from '../../src/transport/pipe-output.ts'

let folder: string
let reader: number
let writer: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-'))
  const path = join(folder, 'pipe')
  spawnSync('mkfifo', [path])
  reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  writer = openSync(path, constants.O_WRONLY)
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('a pipe', () => {
  test('that nobody reads holds up nothing, and loses nothing', async () => {
    const output = new PipeOutput(writer, () => {})
    const block = new Uint8Array(1_000_000)
    for (let i = 0; i < block.length; i++) block[i] = i % 251
    const expected = Buffer.from(block)
    output.write(block)
    block.fill(0) // the caller's memory is the caller's
    const drained = output.drained()
    expect(drained).toBeInstanceOf(Promise)
    const read: Buffer[] = []
    let taken = 0
    while (taken < expected.length) {
      const part = Buffer.alloc(65_536)
      const count = tryRead(part)
      taken += count
      read.push(part.subarray(0, count))
      await new Promise(resolve => setImmediate(resolve))
    }
    await drained
    expect(output.drained()).toBeUndefined()
    expect(Buffer.concat(read).equals(expected)).toBe(true)
    closeSync(reader)
  })

  test('whose reader has gone says so once, and takes what is written as lost', async () => {
    let closed = 0
    const gone = new Promise<void>(resolve => {
      const output = new PipeOutput(writer, () => {
        closed++
        output.write('more')
        resolve()
      })
      closeSync(reader)
      output.write('something')
    })
    await gone
    await new Promise(resolve => setImmediate(resolve))
    expect(closed).toBe(1)
  })
})

/** Bytes that are there now; a pipe without any says EAGAIN. */
function tryRead(into: Buffer): number {
  try {
    return readSync(reader, into)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    return 0
  }
}
