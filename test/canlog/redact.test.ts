process.env.TZ = 'UTC'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc16, goodCrc16, readLog } from '../protocols/ecoflow/slow-reader.ts'
import { a, announce, b, c, candump, everySecond, lengthOfType, single } from './build-log.ts'
import { type Run, run } from './run.ts'

const SERIAL = 'M999QRST01234567'
const MASKED = 'M999XXXXXXXXXXXX'

/** A payload with the serial at any place, between bytes that are none of it. */
const carrying = (length: number, at: number) => {
  const payload = Buffer.alloc(length)
  payload.write(SERIAL, at, 'latin1')
  return payload
}

const log = everySecond(
  announce(SERIAL),
  b({ payload: carrying(132, 3), flags: 0x0c }),
  b({ payload: carrying(lengthOfType('D2', 66), 1), destination: 0x20, padding: 5 }),
  b({ payload: carrying(lengthOfType('1F', 306), 290) }),
  a({ payload: carrying(69, 3) }),
  c({ payload: carrying(32, 9) }),
  b({ payload: carrying(132, 3), damage: 1 }),
  b({ payload: carrying(132, 3), length: 200 }),
  a({ payload: carrying(69, 3), damage: 1 }),
  c({ payload: carrying(32, 9), damage: 1 }),
  single('10603001', Buffer.from(SERIAL.slice(8)).toString('hex')),
  single('10A03130', Buffer.from(SERIAL.slice(8)).toString('hex')),
  single('1FF03130', Buffer.from(SERIAL.slice(8)).toString('hex')),
)

/** The XOR keys of this log, and none. */
const KEYS = [0, 0x62]

/** How a serial may show: as text, in half, as bytes in hex or decimal, in clear or not, joined by anything. */
function traces(text: string): string[] {
  const tail = Buffer.from(SERIAL.slice(4))
  const digits = text.replaceAll(/\u001b\[\d+m/g, '').replaceAll(/[\s,'+]/g, '')
  const lower = digits.toLowerCase()
  const found = [SERIAL.slice(4, 10), SERIAL.slice(10)].filter(part => text.includes(part))
  for (const key of KEYS) {
    const bytes = Buffer.from(tail.map(byte => byte ^ key))
    for (const part of [bytes.subarray(0, 4), bytes.subarray(4, 8), bytes.subarray(8)]) {
      if (lower.includes(part.toString('hex'))) found.push(`${part.toString('hex')}, key ${key}`)
      if (lower.includes([...part].join(''))) found.push(`${[...part]}, decimal, key ${key}`)
    }
  }
  return found
}

function everythingOf({ out, err, io }: Run): string {
  const written = [...io.files.contents.keys()].filter(path => !Object.hasOwn(files, path))
  return [out, err, ...written.flatMap(path => [path, io.files.readText(path)])].join('\n')
}

const cloud = JSON.stringify({ [`bp5000.${SERIAL}.soc`]: 77 })
const files = {
  'x.log': log,
  ...Object.fromEntries(['2212', '2213', '2214'].map(name => [`db-export/23/1114/${name}.json`, cloud])),
}
const redacted = (...args: string[]) => run(['x.log', '--redact', ...args], { files })

describe('the search for traces', () => {
  test('finds a serial in every form of this log when it is not masked', async () => {
    for (const args of [['--chr'], ['--hex'], ['--msg'], ['--json'], ['--rec'], ['--val'], ['--106'], ['--err']]) {
      const shown = await run(['x.log', ...args], { files })
      expect(traces(everythingOf(shown)), args.join()).not.toEqual([])
    }
  })
})

describe('--redact', () => {
  test('leaves the kind of the device and masks the rest', async () => {
    const { lines } = await redacted('--ser', '--rec', '--typ=70:14', '--chan=B')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(new RegExp(`^\\S+ ${MASKED} B 03001 .* { serial: '${MASKED}', detail: 0`))
  })

  test('leaves no trace in any output or file, whatever is asked for', async () => {
    const options = fc.subarray(
      '--rec --hex --hex=diff --val --chr --msg --hdr --pairs --crc --str --smo --ser --flg --dup --tab --106 --10A --unk --field=serial --count --count=save --hist --sum --err --compat --scan=77 --pmm --regen --pick --stat --pivot --meta --sample --json --raw --guesses --nox --fxo --color=always'.split(
        ' ',
      ),
    )
    const property = fc.asyncProperty(options, async args => {
      const result = await redacted(...args)
      expect(result.code, result.err).toBeLessThan(2)
      expect(traces(everythingOf(result))).toEqual([])
    })
    await fc.assert(property, { numRuns: 60 })
  })

  test.each([
    '--err',
    '--err --compat',
    '--err --json',
    '--count=save',
    '--meta',
    '--stat',
    '--pmm',
    '--regen',
    '--pick',
  ])('leaves no trace with %s', async args => {
    expect(traces(everythingOf(await redacted(...args.split(' '), '--106', '--unk')))).toEqual([])
  })

  test('goes with --debug, which prints frames as they are, not at all', async () => {
    const { code, out, err } = await redacted('--debug')
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^wattzup: --debug [^\n]*--redact[^\n]*\n/)
  })

  test('gives rewritten messages a CRC that is right, padded or not, also on --crc', async () => {
    const { file } = await redacted('--regen', '--quiet')
    const { packets, problems, strange } = readLog(file('regen.out/23/1114/2213.can'))
    expect([problems, strange]).toEqual([[], []])
    expect(packets).toHaveLength(6)
    expect(packets.filter(packet => !goodCrc16(packet))).toEqual([])
    const { lines } = await redacted('--crc', '--hex', '--chan=B')
    for (const line of lines) {
      const [, wire, computed] = / ([0-9a-f]{4}) ([0-9a-f]{4}) (?=[0-9a-f]{2} )/.exec(line) ?? []
      expect(wire).toBe(computed)
    }
  })

  test('writes a log that canlog reads like the one it came from, serials aside', async () => {
    const { file } = await redacted('--regen', '--quiet')
    const again = await run(['y.log', '--rec', '--chr'], { files: { 'y.log': file('regen.out/23/1114/2213.can') } })
    expect(again.err).toBe('')
    expect(again.out).toBe((await redacted('--rec', '--chr')).out)
  })

  test('masks runs of 14 and more digits, capitals and dashes, and no shorter ones', async () => {
    const masked = async (text: string) => {
      const payload = Buffer.from(`\0${text}\0`, 'latin1')
      const { out } = await run(['x.log', '--redact', '--chr'], { files: { 'x.log': everySecond(b({ payload })) } })
      return out.trimEnd().split(' ').at(-1)?.slice(1, -1)
    }
    expect(await masked('HW51ABCD12345678')).toBe('HW51XXXXXXXXXXXX')
    expect(await masked('M1095-PSDL-01234')).toBe('M109XXXXXXXXXXXX')
    expect(await masked('ABCD1234567890')).toBe('ABCDXXXXXXXXXX')
    expect(await masked('ABCD123456789')).toBe('ABCD123456789')
    expect(await masked('2026-03-01')).toBe('2026-03-01')
    expect(await masked('WORDSwithSMALLones')).toBe('WORDSwithSMALLones')
  })

  test('changes nothing where there is no serial', async () => {
    const plain = candump([0, a()], [1, b()], [2, c()], [3, single('10603001', '0102')])
    const args = ['x.log', '--106', '--hex', '--crc', '--msg']
    const world = { files: { 'x.log': plain } }
    expect((await run([...args, '--redact'], world)).out).toBe((await run(args, world)).out)
    expect(crc16(Buffer.from('123456789'))).toBe(0xbb3d)
  })
})
