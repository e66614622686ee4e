import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { TransportError } from '../../src/core/errors.ts'
import { type JsonFileOptions, JsonFileSink } from '../../src/sinks/json-file.ts'
import { localFiles } from '../../src/transport/local-files.ts'
import { FakeClock, MemoryFiles } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { NO_DISK, smallDisk } from '../small-disk.ts'
import { reading, TIME } from './readings.ts'

/** Files that count what is replaced, and fail or wait when told to. */
class WatchedFiles extends MemoryFiles {
  writes = 0
  failure: string | undefined
  disk: Promise<void> = Promise.resolve()

  constructor() {
    super({})
  }

  override async replaceText(path: string, text: string): Promise<void> {
    this.writes++
    await this.disk
    if (this.failure !== undefined) {
      throw new TransportError(`cannot write ${path}: ${this.failure}`, { path, code: this.failure })
    }
    await super.replaceText(path, text)
  }

  get values(): unknown {
    return JSON.parse(this.readText('out.json')).devices.a.values
  }
}

function open(more: Partial<JsonFileOptions> = {}) {
  const files = new WatchedFiles()
  const clock = new ManualClock(TIME)
  const lines: string[] = []
  const sink = new JsonFileSink({ path: 'out.json', files, clock, report: line => lines.push(line), ...more })
  return { sink, files, clock, lines }
}

describe('a JSON file', () => {
  test('has the newest values of every device, and ends with a line end', async () => {
    const { sink, files, clock } = open()
    sink.write(reading('a', { v1: 241, i1: 1 }))
    sink.write(reading('a', { i1: 4.81, soc: null, serial: 2n ** 60n }, { message: 'other', time: TIME + 5 }))
    await clock.advance(0)
    expect(files.readText('out.json')).toBe(
      '{"time":"2026-03-01T10:00:00.128Z","devices":{"a":{"family":"sec1000","device":"a","time":"2026-03-01T10:00:00.128Z","values":{"v1":241,"i1":4.81,"soc":null,"serial":"1152921504606846976"}}}}\n',
    )
    await sink.close()
    expect(sink.problems()).toEqual([])
  })

  test('is not written before there is a document', async () => {
    const { sink, files, clock } = open({ document: devices => (devices.length < 2 ? undefined : { packs: 2 }) })
    sink.write(reading('a', { v: 1 }))
    await clock.advance(5000)
    expect(files.writes).toBe(0)
    sink.write(reading('b', { v: 1 }))
    await clock.advance(0)
    expect(files.readText('out.json')).toBe('{"packs":2}\n')
    await sink.close()
    expect(sink.problems()).toEqual([])
  })

  test('is written once for readings that come together, and at most once a second', async () => {
    const { sink, files, clock } = open()
    for (let i = 0; i < 100; i++) sink.write(reading('a', { i }))
    await clock.advance(0)
    expect(files.writes).toBe(1)
    expect(files.values).toEqual({ i: 99 })
    for (let i = 100; i < 200; i++) {
      sink.write(reading('a', { i }))
      await clock.advance(50)
    }
    await clock.advance(1000)
    expect(files.writes).toBe(6) // 5 s
    expect(files.values).toEqual({ i: 199 })
    await clock.advance(3_600_000)
    expect(files.writes).toBe(6)
    await sink.close()
    expect(files.writes).toBe(6)
  })

  test('is written soon also when the clock was set back by a day', async () => {
    const clock = new ManualClock(TIME)
    let offset = 0
    const stepped = {
      now: () => clock.now() + offset,
      sleep: (ms: number, signal: AbortSignal) => clock.sleep(ms, signal),
    }
    const { sink, files } = open({ clock: stepped })
    sink.write(reading('a', { i: 1 }))
    await clock.advance(0)
    offset = -86_400_000
    sink.write(reading('a', { i: 2 }))
    await clock.advance(1000)
    expect(files.values).toEqual({ i: 2 })
  })

  test('has the last state when it is closed', async () => {
    const { sink, files, clock } = open()
    sink.write(reading('a', { i: 1 }))
    await clock.advance(0)
    sink.write(reading('a', { i: 2 }))
    await sink.close()
    expect(files.values).toEqual({ i: 2 })
    expect(files.writes).toBe(2)
    expect(clock.sleeping).toBe(0)
  })

  test('has it also where sleeping takes no time', async () => {
    const { sink, files } = open({ clock: new FakeClock() })
    for (let i = 0; i < 3; i++) sink.write(reading('a', { i }))
    await sink.close()
    expect(files.values).toEqual({ i: 2 })
    expect(sink.problems()).toEqual([])
  })

  test('takes readings while the disk is at work, and writes them next', async () => {
    const { sink, files, clock } = open()
    let answer = () => {}
    files.disk = new Promise(resolve => {
      answer = resolve
    })
    sink.write(reading('a', { i: 0 }))
    await clock.advance(0)
    for (let i = 1; i <= 1000; i++) {
      expect(sink.write(reading('a', { i }))).toBeUndefined()
      await clock.advance(100)
    }
    expect(files.writes).toBe(1)
    answer()
    await clock.advance(0)
    expect(files.values).toEqual({ i: 1000 })
    expect(files.writes).toBe(2)
  })

  test('does not hold up the end of the run for ever where the disk hangs, and says so', async () => {
    const { sink, files, clock } = open()
    files.disk = new Promise(() => {})
    sink.write(reading('a', { i: 0 }))
    const closed = sink.close()
    await clock.advance(5000)
    await closed
    expect(sink.problems()).toEqual(['out.json lacks the last readings'])
  })

  test('that cannot be written is complained of once per reason, tried again, and said to work again', async () => {
    const { sink, files, clock, lines } = open()
    const failFor = async (failure: string | undefined, readings: number) => {
      files.failure = failure
      for (let i = 0; i < readings; i++) {
        sink.write(reading('a', { i }))
        await clock.advance(10_000)
      }
    }
    await failFor('ENOSPC', 3)
    await failFor('EACCES', 2)
    await failFor('ENOSPC', 2)
    const failed = 'cannot write out.json:'
    expect(lines).toEqual([
      `${failed} ENOSPC; trying again with the next reading`,
      `${failed} EACCES; trying again with the next reading`,
    ])
    expect(files.writes).toBe(7)
    expect(sink.problems()).toEqual([
      'out.json: 7 failed attempts to write it, the last one too: cannot write out.json: ENOSPC',
    ])
    await failFor(undefined, 2)
    expect(lines.slice(2)).toEqual(['out.json is written again'])
    expect(sink.problems()).toEqual(['out.json: 7 failed attempts to write it'])
    await failFor('ENOSPC', 1)
    expect(lines.slice(3)).toEqual([`${failed} ENOSPC; trying again with the next reading`])
    files.failure = undefined
    await sink.close()
    expect(files.values).toEqual({ i: 0 })
  })
})

describe('on a disk, a JSON file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wattzup-json-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const sinkAt = (path: string, lines: string[] = []) =>
    new JsonFileSink({
      path,
      files: localFiles,
      clock: systemClock,
      report: line => lines.push(line),
      minIntervalMs: 0,
    })

  test('is always whole for who reads it, also while two programs write it', async () => {
    const path = join(folder, 'out.json')
    writeFileSync(path, '{"devices":{"a":{"values":{"end":0}}}}')
    const reader = new Worker(READER, { eval: true, workerData: path })
    await once(reader, 'message')
    const sinks = [sinkAt(path), sinkAt(path)]
    for (let i = 1; i <= 200; i++) {
      for (const sink of sinks) sink.write(reading('a', { padding: 'x'.repeat(i * 500), end: i }))
      await new Promise(resolve => setImmediate(resolve))
    }
    await Promise.all(sinks.map(sink => sink.close()))
    reader.postMessage('stop')
    const [{ reads, states, failure }] = (await once(reader, 'message')) as [ReaderResult]
    expect(failure).toBeUndefined()
    expect(reads).toBeGreaterThan(10) // how many it manages is up to the machine
    expect(states).toBeGreaterThan(2)
    expect(sinks.flatMap(sink => sink.problems())).toEqual([])
    expect(JSON.parse(readFileSync(path, 'utf8')).devices.a.values.end).toBe(200)
    expect(readdirSync(folder)).toEqual(['out.json'])
  })

  test('goes on when a full disk has room again', async context => {
    using disk = smallDisk('64k')
    if (disk === undefined) context.skip(NO_DISK)
    const path = join(disk!.folder, 'out.json')
    const hog = join(disk!.folder, 'hog')
    const lines: string[] = []
    const sink = sinkAt(path, lines)
    const write = async (i: number, done: () => boolean) => {
      sink.write(reading('a', { i, padding: 'x'.repeat(8000) }))
      while (!done()) await new Promise(resolve => setImmediate(resolve))
    }
    await write(1, () => existsSync(path))
    writeFileSync(hog, Buffer.alloc(52_000))
    await write(2, () => lines.length === 1)
    await write(3, () => sink.problems()[0]!.includes(' 2 failed '))
    expect(JSON.parse(readFileSync(path, 'utf8')).devices.a.values.i).toBe(1)
    rmSync(hog)
    await write(4, () => lines.length === 2)
    await sink.close()
    expect(lines).toEqual([
      `cannot write ${path}: no space left on the disk; trying again with the next reading`,
      `${path} is written again`,
    ])
    expect(JSON.parse(readFileSync(path, 'utf8')).devices.a.values.i).toBe(4)
    expect(readdirSync(disk!.folder)).toEqual(['out.json'])
  })
})

interface ReaderResult {
  readonly reads: number
  /** Different documents that it saw. */
  readonly states: number
  readonly failure?: string
}

/** Reads the file again and again until it is told to stop. */
const READER = `
  const { readFileSync } = require('node:fs')
  const { parentPort, workerData } = require('node:worker_threads')
  let reads = 0
  let failure
  let stopped = false
  const seen = new Set()
  parentPort.on('message', () => { stopped = true })
  const loop = () => {
    try {
      seen.add(JSON.parse(readFileSync(workerData, 'utf8')).devices.a.values.end)
      reads++
    } catch (error) {
      failure ??= String(error)
    }
    if (stopped) {
      parentPort.postMessage({ reads, states: seen.size, failure })
      parentPort.close()
    } else setImmediate(loop)
  }
  parentPort.postMessage('ready')
  loop()
`
