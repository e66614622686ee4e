process.env.TZ = 'UTC'

import { describe, expect, test } from 'vitest'
import { a, b, c, everySecond, type Frame, single } from './build-log.ts'
import { linesOf } from './run.ts'

/** What passes, by name: one message a second makes the log, and its second tells it in the printed line. */
async function passing(messages: Readonly<Record<string, readonly Frame[]>>, ...args: string[]): Promise<string[]> {
  const names = Object.keys(messages)
  const lines = await linesOf(everySecond(...Object.values(messages)), ...args)
  return lines.map(line => names[Number(/\d{6}\.(\d{6})\./.exec(line)![1]) - 221320]!)
}

/** A, C, and one B message that differs from the plain one in a single header field. */
const messages = {
  a: a(),
  c: c(),
  plain: b(),
  pre: b({ version: 0x13 }),
  rty: b({ payload: '' }),
  rrf: b({ flags: 0x2d }),
  mty: b({ type: 0x4b }),
  mde: b({ detail: 0x1a }),
  mad: b({ source: 0x35 }),
  mrt: b({ destination: 0x21 }),
  mda: b({ sourceDynamic: 0x11 }),
  tar: b({ destinationDynamic: 0xab }),
  dv4: b({ command: '0506' }),
  dv1: b({ sequence: 0x0a000162 }),
  sh2: b({ sequence: 0x0b0162 }),
  node: b({ node: '0A002' }),
}
const B = Object.keys(messages).slice(2)
const without = (...names: string[]) => B.filter(name => !names.includes(name))

describe('a filter on channel B lets A and C pass', () => {
  test.each([
    ['--pre=AA13', ['c', 'pre']], // A has one too
    ['--rrf=2D', ['a', 'c', 'rrf']],
    ['--rrf=2D,0C', ['a', 'c', 'rrf']],
    ['--rrfs=2D,2C', ['a', 'c', ...B]],
    ['--xrty=DE', ['a', 'c', ...without('rty')]],
    ['--mty=4B', ['a', 'c', 'mty']],
    ['--mde=1A', ['a', 'c', 'mde']],
    ['--mad=35', ['a', 'c', 'mad']],
    ['--mda=11', ['a', 'c', 'mda']],
    ['--dv4=0506', ['a', 'c', 'dv4']],
    ['--dv4=0506,FFFF', ['a', 'c', 'dv4']],
    ['--dv4s=0506', ['a', 'c', 'dv4']],
    ['--dvs4=0506', ['a', 'c', 'dv4']],
    ['--dv1=0A', ['a', 'c', 'dv1']],
    ['--sh2=0B', ['a', 'c', 'sh2']],
    ['--dev=0A002-03-01', ['a', 'c', 'node']],
    ['--str=35-01-00', ['a', 'c', 'mad']],
    ['--str=03-01-0a', ['a', 'c', 'dv1']],
    ['--smo=03-11', ['a', 'c', 'mda']],
    ['--ty2=76:21:03,76:14:35', ['a', 'c', 'mad', 'mrt']],
    ['--ty2s=76:21:03', ['a', 'c', 'mrt']],
    ['--hexhas=07 08', ['a', 'c', ...without('rty')]],
    ['--hexhas=01 03', ['a', 'c']],
    ['--hdrhas=0a', ['a', 'c', 'dv1']],
    ['--hdrhas=AA', ['a', 'c', ...B]],
    ['--dhas=0A', ['a', 'c', 'dv1']],
    ['--dhas=AA', ['a', 'c']],
    ['--dhas=0B', ['a', 'c', ...without('mde')]],
    ['--mty=4b --mde=1a', ['a', 'c']],
  ])('%s', async (args, names) => {
    const words = args.startsWith('--hexhas') ? [args] : args.split(' ')
    expect(await passing(messages, ...words)).toEqual(names)
    const lower = words.map(word => word.toLowerCase())
    expect(await passing(messages, ...lower), 'in lower case').toEqual(names)
    if (!/^--(str|smo)/.test(args)) {
      const next = words.flatMap(word => word.split('='))
      expect(await passing(messages, ...next), 'with the value as the next word').toEqual(names)
    }
    expect(await passing(messages, ...words, '--chan=B'), 'on channel B alone').toEqual(
      names.filter(name => name !== 'a' && name !== 'c'),
    )
  })
})

describe('a filter on more channels than one', () => {
  test.each([
    ['--rty=76', ['c', ...without('pre', 'rty')]], // another version, another CRC-8
    ['--rty=A0', ['a']],
    ['--rty=A0,DE', ['a', 'rty']],
    ['--rtys=A0,DE --rty=76', ['a', 'rty']],
    ['--typ=A0', ['a']],
    ['--typ=76:01', ['c']],
    ['--typ=76:21,A0', ['a', 'mrt']],
    ['--typs=76:21 --typ=A0', ['mrt']],
    ['--typs 76:21,76:01', ['c', 'mrt']],
    ['--mrt=21', ['a', 'mrt']],
    ['--mrt=01', ['a', 'c']],
    ['--pre=AA02', ['a', 'c']],
    ['--pre=AA03', ['c', ...without('pre')]],
    ['--len=28', ['a', 'c', ...without('rty')]],
    ['--len=20', ['a', 'rty']],
    ['--len=1', ['a']],
    ['--chan=A', ['a']],
    ['--chan=b', B],
    ['--chan=C', ['c']],
    ['--flg=004', ['a', 'c', ...B]],
    ['--flg=005', ['c', ...B]],
    ['--node=03001', without('node')],
    ['--node=0a002', ['node']],
    ['--node=0A002,31403', ['a', 'node']],
    ['--nodes=0A002,31403', ['a', 'node']],
    ['--nodes=12001 --node=0A002', ['c']],
    ['--cmd=102', []],
    ['--cmd=120', []],
  ])('%s', async (args, names) => {
    expect(await passing(messages, ...args.split(' '))).toEqual(names)
  })

  test('--len counts header, CRC and padding', async () => {
    const padded = { plain: b(), padded: b({ padding: 4 }) }
    expect(await passing(padded, '--len=32')).toEqual(['padded'])
  })

  test('--str and --smo without a value, --flg too, only add their columns', async () => {
    expect(await passing(messages, '--str', '--smo', '--flg')).toEqual(Object.keys(messages))
  })

  test('--flg tells the start commands apart', async () => {
    const sizes = { 4: 10, 5: 100, 6: 210, 7: 340 }
    const log = Object.fromEntries(Object.entries(sizes).map(([k, n]) => [k, a({ payload: new Uint8Array(n) })]))
    for (const name of Object.keys(sizes)) expect(await passing(log, `--flg=00${name}`)).toEqual([name])
  })

  test('--hexhas looks at the payload in clear, its bytes joined as the columns are', async () => {
    const log = { masked: b({ payload: '4d31' }), clear: b({ payload: '4d31', flags: 0x0c }), other: b() }
    expect(await passing(log, '--hexhas=4d 31')).toEqual(['masked', 'clear'])
    expect(await passing(log, '--hexhas=4D\t31', '--tab')).toEqual(['masked', 'clear'])
    expect(await passing(log, '--hexhas=4d')).toEqual(['masked', 'clear'])
    expect(await passing(log, '--hexhas=4d31')).toEqual(['masked', 'clear'])
    expect(await passing(log, '--hexhas=4D31', '--tab')).toEqual(['masked', 'clear'])
  })
})

describe('a filter on single frames', () => {
  const frames = {
    d: single('10603001', '41'),
    e: single('10A03130', '42'),
    x: single('10E12345', '43'),
    y: single('1FF03001', '44'),
    b: b(),
  }
  const shown = (...args: string[]) => passing(frames, '--106', '--10A', '--unk', ...args)

  test('--cmd names a command, so that messages of several commands never pass', async () => {
    expect(await shown('--cmd=106')).toEqual(['d'])
    expect(await shown('--cmd=10a')).toEqual(['e'])
    expect(await shown('--cmd=1FF')).toEqual(['y'])
    expect(await shown('--cmd=100')).toEqual([])
  })

  test('--node is asked first', async () => {
    expect(await shown('--node=03001')).toEqual(['d', 'y', 'b'])
    expect(await shown('--node=03001', '--cmd=1FF')).toEqual(['y'])
  })

  test('--chan lets pass what has no channel', async () => {
    expect(await shown('--chan=D')).toEqual(['d', 'x', 'y'])
    expect(await shown('--chan=E')).toEqual(['e', 'x', 'y'])
    expect(await shown('--chan=A')).toEqual(['x', 'y'])
  })
})

describe('with --compat', () => {
  test('a list given to --node matches nothing, one node does', async () => {
    expect(await passing(messages, '--compat', '--node=03001,31403')).toEqual([])
    expect(await passing(messages, '--compat', '--node=0A002')).toEqual(['node'])
    expect(await passing(messages, '--compat', '--nodes=0A002,31403')).toEqual(['a', 'node'])
  })
})
