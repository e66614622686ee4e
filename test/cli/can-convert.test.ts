import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import type { ByteInput } from '../../src/core/input.ts'
import { WRITABLE_LOGS, type WritableFormat } from '../../src/framing/writers/formats.ts'
import { localFiles } from '../../src/transport/local-files.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'

const ROOT = join(import.meta.dirname, '../..')
const LOG = `(1700000000.000000) can0 123#DEADBEEF01020304 R
(1700000000.001500) can0 18FF50E5#A1B2C3 T
(1700000001.250000) can1 00000123#01 R
`
const KINDS = readFileSync(join(ROOT, 'samples/log-formats/kinds.log'), 'latin1')

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly io: FakeIo
}

async function convert(args: readonly string[], world: World = {}): Promise<Result> {
  const io = fakeIo(['can', 'convert', ...args], { files: { 'in.log': LOG, 'kinds.log': KINDS }, ...world })
  const code = await main(io)
  return { code, out: io.stdout, err: io.stderr, io }
}

const bytesOf = ({ io }: Result, path: string) => Buffer.from(io.files.contents.get(path) ?? new Uint8Array(0))

describe('can convert', () => {
  test('writes a file, whose name says the format, and says nothing when nothing is lost', async () => {
    const result = await convert(['in.log', 'out.asc', '--tz', 'utc'])
    expect([result.code, result.out, result.err]).toEqual([0, '', ''])
    expect(bytesOf(result, 'out.asc').toString()).toContain('   0.001500 1  18FF50E5x       Tx   d 3 A1 B2 C3\n')
  })

  test.each([
    ['out.log', /^\(1700000000\.000000\) can0 123#/],
    ['out.csv', /^Time Stamp,ID,Extended,Dir,Bus,LEN,D1/],
    ['OUT.ASC', /^date Tue Nov 14/],
    ['out.trc', /^;\$FILEVERSION=2\.1\r\n/],
    ['out.pcap', /^\xd4\xc3\xb2\xa1/],
    ['out.pcapng', /^\n\r\r\n/],
    ['out.ndjson', /^\{"ts":"1700000000\.000000"/],
    ['a.b/out.jsonl', /^\{"ts":/],
  ])('knows what %s is', async (path, beginning) => {
    expect(bytesOf(await convert(['in.log', path, '--tz', 'utc']), path).toString('latin1')).toMatch(beginning)
  })

  test('--to beats the name, and gives standard output a format', async () => {
    expect(bytesOf(await convert(['in.log', 'out.txt', '--to', 'battery-emulator']), 'out.txt').toString()).toMatch(
      /^\(0\) rx0/,
    )
    expect((await convert(['in.log', '--to', 'candump'])).out).toBe(LOG)
    expect((await convert(['in.log', '-', '--to', 'candump-long'])).out).toMatch(
      /^ \(1700000000\.000000\) {2}can0 {2}RX - -/,
    )
  })

  test('reads standard input, plain or gzip, and files that are gzip', async () => {
    expect((await convert(['-', '--to', 'candump'], { stdin: LOG })).out).toBe(LOG)
    expect((await convert(['--to', 'candump'], { stdin: LOG })).out).toBe(LOG)
    const sample = join(ROOT, 'samples/log-formats/powerkit.log')
    expect((await convert([sample, '--to', 'candump'])).out).toBe(readFileSync(sample, 'latin1'))
  })

  test('a name that ends with .gz is written compressed, over many blocks', async () => {
    const log = LOG.repeat(3000)
    const result = await convert(['long.log', 'out.log.gz'], { files: { 'long.log': log } })
    expect(result.err).toBe('')
    expect(gunzipSync(bytesOf(result, 'out.log.gz')).toString()).toBe(log)
    const empty = await convert(['empty.log', 'out.log.gz'], { files: { 'empty.log': '' } })
    expect(gunzipSync(bytesOf(empty, 'out.log.gz'))).toHaveLength(0)
  })

  test('keeps the zone of dates: what one run writes the next reads', async () => {
    const there = await convert(['in.log', 'out.asc', '--tz', 'Europe/Berlin'])
    const asc = bytesOf(there, 'out.asc')
    expect(asc.toString()).toMatch(/^date Tue Nov 14 23:13:20\.000 2023\n/)
    const back = (zone: string) => convert(['x.asc', '--to', 'candump', '--tz', zone], { files: { 'x.asc': asc } })
    expect((await back('Europe/Berlin')).out).toBe(LOG)
    expect((await back('+01:00')).out).toBe(LOG)
    expect((await back('utc')).out).toMatch(/^\(1700003600\./)
  })
})

describe('what the target cannot hold is counted on standard error', () => {
  test('and the exit status stays 0, unless --strict', async () => {
    const plain = await convert(['kinds.log', 'out.csv'])
    expect(plain.code).toBe(0)
    expect(plain.err).toBe(`wattzup: 2 CAN FD frames left out: SavvyCAN CSV has none
wattzup: 1 remote frame left out: SavvyCAN CSV has none
wattzup: 1 error frame left out: SavvyCAN CSV cannot hold what they say
wattzup: 1 frame lost a length code above 8: SavvyCAN CSV has no place for it
`)
    expect((await convert(['kinds.log', 'out.csv', '--strict'])).code).toBe(1)
    expect((await convert(['kinds.log', 'out.ndjson', '--strict'])).code).toBe(0)
  })

  test.each(Object.keys(WRITABLE_LOGS) as WritableFormat[])('%s: what is left comes back as it was', async format => {
    const there = await convert(['kinds.log', 'out', '--to', format, '--tz', 'utc'])
    const back = await convert(['out', '--to', 'candump', '--tz', 'utc'], { files: { out: bytesOf(there, 'out') } })
    expect([back.code, back.err]).toEqual([0, ''])
    const whole = ['candump', 'pcapng', 'ndjson']
    if (whole.includes(format)) expect([back.out, there.err]).toEqual([KINDS, ''])
    else {
      // frames that a format has are there, in their order, by ID and data
      const texts = (log: string) =>
        log
          .trimEnd()
          .split('\n')
          .map(line => line.split(' ')[2]!)
      const left = texts(back.out)
      const known = texts(KINDS).map(text => text.replace(/^200000.*/, '20000080#0000000000000000'))
      const all = [...texts(KINDS), ...known, '3FF#55AA010203040506', '351##0000102030405060708090A0B', '0CF00400#FF']
      expect(left.filter(text => !all.includes(text))).toEqual([])
      expect(left.length).toBeGreaterThanOrEqual(5)
    }
  })
})

describe('what is wrong with a log is told with its place', () => {
  test('bad lines are counted, the first of each kind with its number, and the others are kept', async () => {
    const log = `${LOG}garbage\n(1.0) can0 123#0\n\n(1.0) can0 123#1\n${LOG}`
    const { code, out, err } = await convert(['in.log', '--to', 'candump'], { files: { 'in.log': log } })
    expect([code, out]).toEqual([0, LOG + LOG])
    expect(err).toBe('wattzup: skipped: 1 lines that are no frames (line 4), 2 frames with bad data (first line 5)\n')
    expect((await convert(['in.log', '--to', 'candump', '--strict'], { files: { 'in.log': log } })).code).toBe(1)
  })

  test('a text that breaks off within a line', async () => {
    const { code, out, err } = await convert(['-', '--to', 'candump'], { stdin: LOG.slice(0, -4) })
    expect([code, out]).toEqual([0, LOG.split('\n').slice(0, 2).join('\n').concat('\n')])
    expect(err).toBe('wattzup: skipped: 1 frames with bad data (line 3)\n')
  })

  test('a capture that breaks off within a packet: what came before is written, the exit status is 1', async () => {
    const whole = bytesOf(await convert(['in.log', 'out.pcap']), 'out.pcap')
    const files = { 'in.pcap': whole.subarray(0, -3) }
    const { code, err, io } = await convert(['in.pcap', 'out.log'], { files })
    expect(code).toBe(1)
    expect(err).toBe('wattzup: cannot read in.pcap beyond byte 83: pcap: the last packet is cut off\n')
    expect(io.files.readText('out.log').split('\n')).toHaveLength(3)
  })

  test('a gzip file that breaks off, or is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wattzup-convert-'))
    try {
      const path = join(folder, 'cut.log.gz')
      const packed = gzipSync(LOG.repeat(5000))
      writeFileSync(path, packed.subarray(0, packed.length - 200))
      const { code, out, err } = await convert([path, '--to', 'candump'])
      expect([code, err]).toEqual([1, `wattzup: cannot unpack ${path}: unexpected end of file\n`])
      const whole = LOG.repeat(5000)
      expect(whole.startsWith(out) && out.length > 0 && out.length < whole.length).toBe(true)
      const missing = join(folder, 'missing')
      expect((await convert([missing, '--to', 'candump'])).err).toBe(
        `wattzup: cannot open ${missing}: no such file or folder\n`,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('a capture of something else', async () => {
    const whole = bytesOf(await convert(['in.log', 'out.pcap']), 'out.pcap')
    whole[20] = 1
    const { code, err, io } = await convert(['in.pcap', 'out.log'], { files: { 'in.pcap': whole } })
    expect(code).toBe(1)
    expect(err).toBe(`wattzup: skipped: 3 packets of link type 1, which is not CAN (first byte 24)
wattzup: cannot convert in.pcap: no frame in it could be used
`)
    expect(io.files.exists('out.log')).toBe(false)
  })

  test('a file that is no log: nothing is written', async () => {
    const { code, err, io } = await convert(['in.txt', 'out.log'], { files: { 'in.txt': 'Dear diary,\n' } })
    expect(code).toBe(1)
    expect(err).toMatch(
      /^wattzup: cannot read in\.txt: no CAN log; it begins with "Dear diary,"; can convert reads a candump log, [^\n]*\n$/,
    )
    expect(io.files.exists('out.log')).toBe(false)
  })

  test('a file of a format that is only known by name', async () => {
    const mdf = await convert(['x.mf4', '--to', 'candump'], { files: { 'x.mf4': 'MDF     4.10    ' } })
    expect(mdf.err).toContain('it is an MDF (MF4) measurement file; make an ASC file of it with mdf2asc;')
  })

  test('an empty log becomes an empty log', async () => {
    const result = await convert(['in.log', 'out.csv'], { files: { 'in.log': '' } })
    expect([result.code, result.err]).toEqual([0, ''])
    expect(bytesOf(result, 'out.csv').toString()).toBe('Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n')
    expect((await convert(['in.log', 'out.log'], { files: { 'in.log': '' } })).io.files.exists('out.log')).toBe(true)
  })

  test('UTF-16 text is read as the text that it is', async () => {
    const log = Buffer.from(`\ufeff${LOG.repeat(9000)}`, 'utf16le')
    expect((await convert(['-', '--to', 'candump'], { stdin: log })).out).toBe(LOG.repeat(9000))
    expect(
      (await convert(['-', '--to', 'candump'], { stdin: Buffer.from(log.subarray(0, 2 + LOG.length * 2)).swap16() }))
        .out,
    ).toBe(LOG)
  })
})

describe('files are safe', () => {
  test('one that exists is not overwritten, and not even opened, unless --force', async () => {
    const files = { 'in.log': LOG, 'out.log': 'precious' }
    const kept = await convert(['in.log', 'out.log'], { files })
    expect([kept.code, kept.err]).toEqual([1, 'wattzup: cannot write out.log: it exists; --force overwrites it\n'])
    expect(kept.io.files.readText('out.log')).toBe('precious')
    expect((await convert(['in.log', 'out.log', '--force'], { files })).io.files.readText('out.log')).toBe(LOG)
  })

  test('--force with a log that cannot be read leaves the old file alone', async () => {
    const files = { 'in.log': 'no log at all', 'out.log': 'precious' }
    const { code, io } = await convert(['in.log', 'out.log', '--force'], { files })
    expect([code, io.files.readText('out.log')]).toEqual([1, 'precious'])
  })

  test.each(['in.log', './in.log', 'x/../in.log'])('a log is not written over itself: %s', async path => {
    const { code, err, io } = await convert(['in.log', path, '--force'])
    expect([code, err]).toEqual([2, `wattzup: cannot write ${path}: it is the input; name another file\n`])
    expect(io.files.readText('in.log')).toBe(LOG)
  })

  describe('on a disk', () => {
    let folder = ''
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'wattzup-convert-'))
      writeFileSync(join(folder, 'in.log'), LOG)
      mkdirSync(join(folder, 'sub'))
      symlinkSync('in.log', join(folder, 'soft.asc'))
      linkSync(join(folder, 'in.log'), join(folder, 'hard.asc'))
      symlinkSync('..', join(folder, 'sub/up'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    async function convertThere(from: string, to: string): Promise<readonly [code: number, err: string]> {
      const io = Object.assign(fakeIo(['can', 'convert', join(folder, from), to, '--force']), { files: localFiles })
      return [await main(io), io.stderr]
    }

    test.each([
      ['in.log', 'soft.asc'],
      ['in.log', 'hard.asc'],
      ['in.log', 'sub/up/in.log'],
      ['soft.asc', 'hard.asc'],
      ['soft.asc', 'in.log'],
    ])('nor through links: %s to %s', async (from, name) => {
      const to = join(folder, name)
      expect(await convertThere(from, to)).toEqual([
        2,
        `wattzup: cannot write ${to}: it is the input; name another file\n`,
      ])
      expect(readFileSync(join(folder, 'in.log'), 'utf8')).toBe(LOG)
    })

    test('nor by a path from the working directory', async () => {
      const to = relative('.', join(folder, 'in.log'))
      expect(await convertThere('in.log', to)).toEqual([
        2,
        expect.stringContaining(`cannot write ${to}: it is the input`),
      ])
      expect(readFileSync(join(folder, 'in.log'), 'utf8')).toBe(LOG)
    })

    test('but a link to another log is written through', async () => {
      writeFileSync(join(folder, 'copy.log'), LOG)
      symlinkSync('copy.log', join(folder, 'link.ndjson'))
      expect(await convertThere('in.log', join(folder, 'link.ndjson'))).toEqual([0, ''])
      expect(readFileSync(join(folder, 'copy.log'), 'utf8')).toMatch(/^\{"ts":/)
      expect(readFileSync(join(folder, 'in.log'), 'utf8')).toBe(LOG)
    })
  })
})

describe('usage', () => {
  test.each([
    [['in.log'], /^wattzup: standard output needs a format: --to candump, /],
    [
      ['in.log', 'out.xyz'],
      /^wattzup: the name out\.xyz says no format: use one of \.log, \.csv, .*, or --to FORMAT\n$/,
    ],
    [['in.log', 'out'], /says no format/],
    [['in.log', '--to', 'blf'], /It must be one of candump, candump-screen, /],
    [['in.log', 'out.asc', '--tz', 'Nowhere/City'], /It must be utc, local, \+02:00 or a name/],
    [['a', 'b', 'c'], /too many arguments/],
  ])('%j is wrong', async (args, expected) => {
    const { code, err, out } = await convert(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(expected)
  })

  test('a terminal is no log, and takes no capture', async () => {
    const keys = await convert(['--to', 'candump'], { stdinIsTerminal: true })
    expect([keys.code, keys.err]).toEqual([2, expect.stringContaining('no log given; try: wattzup can convert IN OUT')])
    const screen = await convert(['in.log', '--to', 'pcap'], { columns: 80 })
    expect([screen.code, screen.out]).toEqual([2, ''])
    expect((await convert(['in.log', '--to', 'candump'], { columns: 80 })).out).toBe(LOG)
  })

  test('help shows the formats and three examples', async () => {
    const { code, out } = await convert(['--help'])
    expect(code).toBe(0)
    for (const format of Object.keys(WRITABLE_LOGS)) expect(out).toContain(`  ${format}`)
    expect(out.match(/^ {2}\$ wattzup /gm)).toHaveLength(3)
  })
})

describe('on the way', () => {
  test('a live log is passed on as it comes, and what SIGINT leaves is a whole log', async () => {
    const lines = LOG.split('\n').map(line => `${line}\n`)
    let reads = 0
    const seen: string[] = []
    const stdin: ByteInput = {
      ...{ name: '-', size: 0, live: true, close: () => {} },
      read: (into, at) => {
        seen.push(io.stdout)
        if (reads === 2) io.abort()
        const text = lines[reads++]!
        into.set(Buffer.from(text), at)
        return text.length
      },
    }
    const io = fakeIo(['can', 'convert', '--to', 'asc', '--tz', 'utc'], { stdin })
    expect(await main(io)).toBe(0)
    expect(seen[1]).toContain(' d 8 DE AD BE EF 01 02 03 04\n')
    expect(io.stdout).toMatch(/18FF50E5x.*\n.*123x.*\nEnd TriggerBlock\n$/s)
  })

  test('progress is drawn on a terminal, and taken away', async () => {
    const io = fakeIo(['can', 'convert', 'in.log', 'out.csv'], {
      files: { 'in.log': LOG.repeat(20_000) },
      errIsTerminal: true,
    })
    const { clock } = io
    let now = 0
    const ticking = { ...io, clock: { ...clock, now: () => (now += 150), sleep: clock.sleep } }
    Object.defineProperty(ticking, 'stdout', { get: () => io.stdout })
    expect(await main(ticking)).toBe(0)
    expect(io.stderr).toMatch(/in\.log: \d+ %, \d+ MB/)
    expect(io.stderr.endsWith('\r\u001b[K')).toBe(true)
  })
})

describe('the samples', () => {
  const folder = join(ROOT, 'samples/log-formats')
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const commands = [...readme.matchAll(/^wattzup (.*samples\/log-formats\/(\S+)(?: --\S+ \S+)?)$/gm)].map(
    ([, line, file]) => ({ line: line!, file: file! }),
  )

  test('are all in their README', () => {
    const made = commands.map(({ file }) => file)
    expect([...made, 'README.md', 'kinds.log'].sort()).toEqual(readdirSync(folder).sort())
  })

  test.each(commands)('are written again by their command: $file', async ({ line, file }) => {
    const path = `samples/log-formats/${file}`
    const log = 'samples/log-formats/powerkit.log'
    const files = file === 'powerkit.log' ? {} : { [log]: readFileSync(join(ROOT, log)) }
    const io = fakeIo(line.split(' '), { files })
    expect(await main(io)).toBe(0)
    expect(Buffer.from(io.files.contents.get(path)!).equals(readFileSync(join(ROOT, path)))).toBe(true)
  })

  test.each(commands)('have the frames of the recording: $file', async ({ file }) => {
    const { out } = await convert([join(folder, file), '--to', 'candump', '--tz', 'utc'])
    const frames = (log: string) => log.split('\n').map(line => line.split(' ')[2])
    expect(frames(out)).toEqual(frames(readFileSync(join(folder, 'powerkit.log'), 'latin1')))
  })
})

describe('canlog reads every format', () => {
  const folder = join(ROOT, 'samples/log-formats')
  const messages = async (file: string) => {
    const io = fakeIo(['canlog', join(folder, file), '--rec', '--plain'])
    expect([await main(io), io.stderr]).toEqual([0, ''])
    return io.stdout.replaceAll(/^\d{6}\.\d{6}\.\d{3} /gm, '')
  }

  test.each(readdirSync(folder).filter(file => /^powerkit\.(?!log$)/.test(file)))('%s', async file => {
    const expected = await messages('powerkit.log')
    expect(expected.split('\n').length).toBeGreaterThan(5)
    expect(await messages(file)).toBe(expected)
  })
})
