import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TransportError } from '../../src/core/errors.ts'
import type { Packet } from '../../src/core/packet.ts'
import { PcapReader } from '../../src/framing/pcap.ts'
import { writePcapHeader, writePcapPacket } from '../../src/framing/pcap-writer.ts'
import type { RawLogFormat } from '../../src/sinks/raw-log/format.ts'
import { openRawLog, type RawLogOptions } from '../../src/sinks/raw-log/raw-log.ts'
import { localFiles } from '../../src/transport/local-files.ts'
import { ManualClock } from '../manual-clock.ts'
import { NO_DISK, smallDisk } from '../small-disk.ts'

const START = Date.UTC(2026, 2, 1, 10, 0, 0)
const PLAIN: RawLogFormat = { extension: 'bin' }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattzup-log-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(more: Partial<RawLogOptions> = {}) {
  const clock = new ManualClock(START)
  const lines: string[] = []
  const report = (line: string) => lines.push(line)
  const log = openRawLog({ folder, files: localFiles, clock, format: PLAIN, report, ...more })
  const write = (data: string | Uint8Array, origin = '192.0.2.7:8000') =>
    log.write({ data: Buffer.from(data as string), at: clock.now(), origin })
  return { log, clock, lines, write }
}

/** Files by name, with what they hold. */
function contents(of = folder): Record<string, string> {
  return Object.fromEntries(
    readdirSync(of)
      .sort()
      .map(name => [name, readFileSync(join(of, name), 'latin1')]),
  )
}

describe('a raw log', () => {
  test('has the bytes as they came, at once, in a file per origin', () => {
    const { log, write } = open()
    write('one')
    write('/dev', '/dev/ttyUSB0')
    write('two')
    expect(contents()).toEqual({
      '192_0_2_7_8000.20260301-100000.bin': 'onetwo',
      '_dev_ttyUSB0.20260301-100000.bin': '/dev',
    })
    log.close()
    expect(log.problems()).toEqual([])
  })

  test.each([
    ['../../etc/passwd', '______etc_passwd'],
    ['', '_'],
    ['[fe80::1%eth0]:8000', '_fe80__1_eth0__8000'],
    ['COM3', '_COM3'],
    ['COM30-a_b', 'COM30-a_b'],
    ['Zähler\0\n', 'Z_hler__'],
    ['x'.repeat(300), 'x'.repeat(100)],
  ])('names the file of %j so that every system takes it', (origin, name) => {
    const { log, write } = open()
    write('x', origin)
    log.close()
    expect(contents()).toEqual({ [`${name}.20260301-100000.bin`]: 'x' })
  })

  test('begins a new file when one is large enough, and by day in UTC', async () => {
    const { log, clock, write } = open({ maxBytes: 10 })
    write('0123456')
    write('789')
    await clock.advance(1000)
    write('next')
    await clock.advance(14 * 3_600_000 - 1001)
    write('late')
    await clock.advance(1)
    write('new')
    log.close()
    expect(contents()).toEqual({
      '192_0_2_7_8000.20260301-100000.bin': '0123456789',
      '192_0_2_7_8000.20260301-100001.bin': 'nextlate',
      '192_0_2_7_8000.20260302-000000.bin': 'new',
    })
  })

  test('never adds to a file of an earlier run, nor to one of another program', async () => {
    const first = open()
    first.write('first')
    first.log.close()
    const second = open()
    const third = open()
    second.write('second')
    third.write('third')
    second.write('second')
    second.log.close()
    third.log.close()
    expect(contents()).toEqual({
      '192_0_2_7_8000.20260301-100000.bin': 'first',
      '192_0_2_7_8000.20260301-100001.bin': 'secondsecond',
      '192_0_2_7_8000.20260301-100002.bin': 'third',
    })
  })

  test('keeps the last files of each origin, and touches no others', async () => {
    const others = [
      '192_0_2_7_8000.20250101-000000.pcap',
      '192_0_2_7_8000.20250101-00000.bin',
      '192_0_2_7_8000.20250101-000000.bin.gz',
      '192_0_2_7_80000.20250101-000000.bin',
      'a192_0_2_7_8000.20250101-000000.bin',
      'notes.bin',
    ]
    for (const name of others) writeFileSync(join(folder, name), '')
    const { log, clock, write } = open({ maxBytes: 1, maxFiles: 3 })
    for (let i = 0; i < 6; i++) {
      write(String(i))
      if (i < 2) write(String(i), 'b')
      await clock.advance(1000)
    }
    log.close()
    const kept = Object.entries(contents()).filter(([name]) => !others.includes(name))
    expect(Object.fromEntries(kept)).toEqual({
      '192_0_2_7_8000.20260301-100003.bin': '3',
      '192_0_2_7_8000.20260301-100004.bin': '4',
      '192_0_2_7_8000.20260301-100005.bin': '5',
      'b.20260301-100000.bin': '0',
      'b.20260301-100001.bin': '1',
    })
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(others))
  })

  test('does not remove the file that it writes to, also when the clock was set back', () => {
    writeFileSync(join(folder, '192_0_2_7_8000.20360101-000000.bin'), 'from a day to come')
    const { log, write } = open({ maxFiles: 1 })
    write('one')
    write('two')
    log.close()
    expect(contents()).toEqual({ '192_0_2_7_8000.20260301-100000.bin': 'onetwo' })
  })

  test('complains once of old files that it cannot remove, and loses nothing', async () => {
    let readonly = true
    const files = {
      ...localFiles,
      remove: (path: string) => (readonly ? localFiles.remove(`${path}/no`) : localFiles.remove(path)),
    }
    const { log, clock, lines, write } = open({ files, maxBytes: 1, maxFiles: 1 })
    for (let i = 0; i < 4; i++) {
      write(String(i))
      await clock.advance(1000)
    }
    const why = `cannot remove ${folder}/192_0_2_7_8000.20260301-100000.bin/no: a part of the path is not a directory`
    expect(lines).toEqual([`${why}; trying again with the next file`])
    expect(log.problems()).toEqual([why])
    readonly = false
    write('4')
    log.close()
    expect(contents()).toEqual({ '192_0_2_7_8000.20260301-100004.bin': '4' })
    expect(lines.slice(1)).toEqual([`old files in ${folder} are removed again`])
    expect(log.problems()).toEqual([])
  })

  test('begins a new file when somebody has moved or deleted the present one', async () => {
    const { log, clock, write } = open()
    write('one')
    const moved = join(folder, 'moved')
    renameSync(join(folder, '192_0_2_7_8000.20260301-100000.bin'), moved)
    await clock.advance(1000)
    write('two')
    log.close()
    expect(contents()).toEqual({ '192_0_2_7_8000.20260301-100001.bin': 'two', moved: 'one' })
  })

  test('is refused at the start where its folder cannot be made', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => open({ folder: join(folder, 'file') })).toThrow(`cannot make ${join(folder, 'file')}:`)
    open({ folder: join(folder, 'a/b') })
    expect(statSync(join(folder, 'a/b')).isDirectory()).toBe(true)
  })

  test('of whoever invents origins has a bounded number of files, and counts what is missing', async () => {
    const { log, clock, lines, write } = open()
    for (let round = 0; round < 3; round++) for (let i = 0; i < 100; i++) write('x', `o${i}`)
    expect(readdirSync(folder).length).toBe(64)
    expect(contents()['o63.20260301-100000.bin']).toBe('xxx')
    expect(lines).toEqual(['o64 is not logged: more than 64 sources at once'])
    await clock.advance(60_000)
    write('y', 'o99')
    log.close()
    expect(contents()['o99.20260301-100100.bin']).toBe('y')
    expect(log.problems()).toEqual([
      `the log in ${folder} lacks 108 packets, 108 bytes`,
      '108 packets of those because of more than 64 sources at once',
    ])
  })
})

describe('a raw log with a format of its own', () => {
  const pcap: RawLogFormat = {
    extension: 'pcap',
    header: (out, { linkType = 1 }) => writePcapHeader(out, linkType),
    record: (out, { at, data }) => writePcapPacket(out, at, data),
  }

  test('has files that each begin with a header and can be read alone', async () => {
    const { log, clock } = open({ format: pcap, maxBytes: 100 })
    const sent: Packet[] = []
    for (let i = 0; i < 6; i++) {
      const packet = { data: Buffer.alloc(30, i), at: clock.now() + 0.25, origin: 'eth0', linkType: 113 }
      sent.push({ ...packet, data: Buffer.from(packet.data) })
      log.write(packet)
      packet.data.fill(255) // it is the transport's
      await clock.advance(1000)
    }
    log.close()
    const names = readdirSync(folder).sort()
    expect(names).toEqual(['eth0.20260301-100000.pcap', 'eth0.20260301-100002.pcap', 'eth0.20260301-100004.pcap'])
    const packets = names.flatMap(name => packetsOf(readFileSync(join(folder, name))))
    expect(packets.map(({ at, linkType, data }) => ({ at, linkType, data: Buffer.from(data) }))).toEqual(
      sent.map(({ at, linkType, data }) => ({ at, linkType, data })),
    )
  })

  test('has no part of a packet that did not fit', async () => {
    let room = 24 + 16 + 100 + 16 + 40 // until the second packet's middle
    const files = { ...localFiles, ...limitedTo(() => room) }
    const { log, clock, lines } = open({ files, format: pcap })
    const write = (byte: number) => log.write({ data: Buffer.alloc(100, byte), at: clock.now(), origin: 'eth0' })
    write(1)
    write(2)
    const only = readFileSync(join(folder, 'eth0.20260301-100000.pcap'))
    expect(packetsOf(only).map(({ data }) => data[0])).toEqual([1])
    expect(only.length).toBe(24 + 16 + 100)
    expect(lines).toEqual([expect.stringMatching(/: no space left on the disk; packets are lost until it works$/)])
    room = Number.POSITIVE_INFINITY
    await clock.advance(5000)
    write(3)
    log.close()
    const file = readFileSync(join(folder, 'eth0.20260301-100000.pcap'))
    expect(packetsOf(file).map(({ data }) => data[0])).toEqual([1, 3])
    expect(readdirSync(folder)).toEqual(['eth0.20260301-100000.pcap'])
  })

  function packetsOf(bytes: Uint8Array): Packet[] {
    const packets: Packet[] = []
    const reader = new PcapReader()
    reader.push(bytes, ({ bytes: all, start, length, seconds, nanos, linkType }) => {
      const at = seconds * 1000 + nanos / 1e6
      packets.push({ data: all.slice(start, start + length), at, origin: 'test', linkType })
    })
    expect({ damage: reader.damage, pending: reader.pending }).toEqual({ damage: undefined, pending: 0 })
    return packets
  }
})

describe('on a full disk, a raw log', () => {
  test('counts what is lost, says so once, and goes on in the same file when there is room again', async context => {
    using disk = smallDisk('64k')
    if (disk === undefined) context.skip(NO_DISK)
    const hog = join(disk!.folder, 'hog')
    const { log, clock, lines, write } = open({ folder: disk!.folder })
    write('a'.repeat(4000))
    writeFileSync(hog, Buffer.alloc(60_000))
    for (let i = 0; i < 20; i++) {
      write('b'.repeat(1000))
      await clock.advance(1000)
    }
    const name = '192_0_2_7_8000.20260301-100000.bin'
    expect(contents(disk!.folder)[name]).toBe('a'.repeat(4000))
    expect(lines).toEqual([
      `cannot write ${disk!.folder}/${name}: no space left on the disk; packets are lost until it works`,
    ])
    rmSync(hog)
    write('c'.repeat(1000))
    log.close()
    expect(contents(disk!.folder)).toEqual({ [name]: 'a'.repeat(4000) + 'c'.repeat(1000) })
    expect(lines.slice(1)).toEqual([`the log in ${disk!.folder} goes on; it lacks 20 packets`])
    expect(log.problems()).toEqual([`the log in ${disk!.folder} lacks 20 packets, 20000 bytes`])
  })

  test('leaves no empty files, however often it tries', async context => {
    if (!existsSync('/dev/full')) context.skip('this system has no /dev/full')
    const files = { ...localFiles, create: fullDevice }
    const { log, clock, lines, write } = open({ files })
    for (let i = 0; i < 10; i++) {
      write('x')
      await clock.advance(10_000)
    }
    expect(readdirSync(folder)).toEqual([])
    expect(lines.length).toBe(1)
    expect(log.problems()[0]).toBe(`the log in ${folder} lacks 10 packets, 10 bytes`)
    log.close()
  })

  test('of one origin does not hold up another', async () => {
    const { log, clock, lines, write } = open()
    for (let second = 0; second <= 120; second++) mkdirSync(join(folder, nameAt('bad', second)))
    write('x', 'bad')
    write('y', 'good')
    await clock.advance(10_000)
    write('x', 'bad')
    write('y', 'good')
    log.close()
    expect(readFileSync(join(folder, nameAt('good', 0)), 'utf8')).toBe('yy')
    expect(lines).toEqual([expect.stringContaining('it exists already')])
    expect(log.lostPackets).toBe(2)
  })

  function nameAt(origin: string, second: number): string {
    const stamp = new Date(START + second * 1000).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)
    return `${origin}.${stamp}.bin`
  }

  function fullDevice(path: string) {
    writeFileSync(path, '')
    return localFiles.create('/dev/full', true)
  }
})

/** New files on a disk with so much room for each: what does not fit is written as far as it goes. */
function limitedTo(room: () => number) {
  return {
    create: (path: string) => {
      const file = localFiles.create(path, false)
      let size = 0
      return {
        ...file,
        write: (bytes: Uint8Array) => {
          const part = bytes.subarray(0, room() - size)
          file.write(part)
          size += part.length
          if (part.length === bytes.length) return
          throw new TransportError(`cannot write ${path}: no space left on the disk`, { path, code: 'ENOSPC' })
        },
      }
    },
  }
}
