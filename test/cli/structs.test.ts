import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { fakeIo, STRUCTS, type World } from '../fake-io.ts'

async function run(args: string, world: World = {}) {
  const io = fakeIo(args.split(' '), world)
  const code = await main(io)
  return { code, out: io.stdout, err: io.stderr }
}

const good = JSON.stringify({
  family: 'x',
  messages: { m: { fields: { v: [0, 'u8', '0.1 V'] }, examples: [{ hex: '64', expect: { v: 10 } }] } },
})
const bad = JSON.stringify({
  family: 'x',
  messages: {
    m: { note: '-', fields: { vbat: [0, 'u16', '0.1 V'], pv1_voltage: [1, 'u16', '0.1 V'], a: [4, 'u17x'] } },
  },
})
const files = { 'good.json': good, 'bad.json': bad }

describe('structs check', () => {
  test('is silent about good files but for a line on standard error', async () => {
    expect(await run('structs check good.json', { files })).toEqual({
      code: 0,
      out: '',
      err: 'checked 1 file: no problems\n',
    })
  })

  test('prints every problem on a line of its own and exits 1', async () => {
    expect(await run('structs check good.json bad.json', { files })).toEqual({
      code: 1,
      out:
        'bad.json: m.a: unknown type "u17x"; did you mean "u16"?\n' +
        'bad.json: m.pv1_voltage: at 1 overlaps vbat; vbat takes bytes 0 to 1; say "overlap": true if both are meant\n',
      err: 'checked 2 files: 2 problems in 1 of them\n',
    })
  })

  test('says the same in JSON', async () => {
    const { code, out } = await run('structs check bad.json --json', { files })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({
      files: 1,
      problems: [
        { file: 'bad.json', place: 'm.a', text: 'unknown type "u17x"', suggestion: 'did you mean "u16"?' },
        {
          file: 'bad.json',
          place: 'm.pv1_voltage',
          text: 'at 1 overlaps vbat',
          suggestion: 'vbat takes bytes 0 to 1; say "overlap": true if both are meant',
        },
      ],
    })
    expect(JSON.parse((await run('structs check good.json --json', { files })).out)).toEqual({ files: 1, problems: [] })
  })

  test('reads standard input for -', async () => {
    expect((await run('structs check -', { stdin: good })).code).toBe(0)
    expect((await run('structs check -', { stdin: '{' })).out).toBe(
      '-: line 1, column 2: the file ends where a name in double quotes should be\n',
    )
  })

  test('goes on behind a file that cannot be read', async () => {
    const world = {
      files: { ...files, 'latin.json': Uint8Array.of(0x7b, 0xb0, 0x7d), 'big.json': new Uint8Array(17e6) },
    }
    const { code, out, err } = await run(`structs check missing.json ${STRUCTS} latin.json big.json good.json`, world)
    expect(code).toBe(1)
    const [missing, ...others] = out.split('\n')
    expect(missing).toMatch(/^missing.json: cannot open missing.json: no such file/)
    expect(others).toEqual([
      `${STRUCTS}: cannot read ${STRUCTS}: it is a directory`,
      'latin.json: latin.json is not text in UTF-8',
      'big.json: big.json is larger than 16 MB',
      '',
    ])
    expect(err).toBe('checked 5 files: 4 problems in 4 of them\n')
  })

  test('passes over the schema, which structs/*.json names too', async () => {
    expect((await run(`structs check ${STRUCTS}/struct.schema.json ${STRUCTS}/ecoflow.json`)).err).toBe(
      'checked 1 file: no problems\n',
    )
  })

  test('needs a file', async () => {
    const { code, err } = await run('structs check')
    expect(code).toBe(2)
    expect(err).toContain("missing required argument 'file'")
  })
})

describe('structs list', () => {
  test('names the definitions, with their sizes', async () => {
    const { code, out, err } = await run('structs list')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^NAME +TITLE +MESSAGES +FIELDS\n/)
    expect(out).toMatch(/\necoflow +EcoFlow CAN bus by message identity +\d+ +\d+\n/)
  })

  test('has those of a folder of the user too', async () => {
    const { out } = await run(`structs list --json --structs ${import.meta.dirname}/structs`)
    expect(JSON.parse(out)).toContainEqual({ name: 'mine', title: 'A charger', messages: 1, fields: 5 })
  })

  test('says when there is no such folder', async () => {
    expect(await run('structs list --structs nowhere')).toEqual({
      code: 1,
      out: '',
      err: 'wattzup: cannot read the folder nowhere\n',
    })
  })
})

describe('structs show', () => {
  const folder = `${import.meta.dirname}/structs`

  test('shows every column of a message and of the types it uses', async () => {
    const { code, out } = await run(`structs show mine --structs ${folder}`)
    expect(code).toBe(0)
    expect(out).toBe(`mine  A charger
  made for tests

status  State, every second
  matches 0x01
  no capture yet
  PLACE  TYPE              QUANTITY  NAME    LABEL    CONFIDENCE  NOTE
      0  u16               0.1 V     vbat    Battery  documented
      2  u8                          mode             observed    0 idle, 1 charging
      3  u16                         faults           documented  read twice; bit 0 comm, bit 9 fan
      5  u8                          _n               documented
      +  @cell x (_n - 1)            cells            documented  when mode == 1
      +  u8                °C -40    temp             guess       not available: 255; only big
         derived           W         power   Power    documented

@cell
  PLACE  TYPE  QUANTITY  NAME  CONFIDENCE
      0  u16   0.001 V   v     documented
`)
  })

  test('shows one message, by its name or by a key of it', async () => {
    const { out } = await run('structs show ecoflow cell_report')
    expect(out.split('\n').slice(3, 8)).toEqual([
      'cell_report  Battery cell report',
      '  matches 03:03:01',
      '  payload 120 or 124 bytes',
      '  PLACE  TYPE      QUANTITY  NAME          LABEL                       CONFIDENCE  NOTE',
      '      3  u8        %         soc           State of charge             observed',
    ])
    expect((await run('structs show ecoflow 03:03:01')).out).toBe(out)
  })

  test('says the same in JSON', async () => {
    const shown = JSON.parse((await run(`structs show mine status --json --structs ${folder}`)).out)
    expect(shown).toMatchObject({
      name: 'mine',
      family: 'mine',
      title: 'A charger',
      messages: [
        { name: 'status', unit: 'byte', keys: ['0x01'], derived: [{ name: 'power', quantity: 'W', label: 'Power' }] },
      ],
      types: { cell: [{ name: 'v', place: 0, type: 'u16', quantity: '0.001 V' }] },
    })
    expect(shown.messages[0].fields[0]).toEqual({
      name: 'vbat',
      place: 0,
      type: 'u16',
      quantity: '0.1 V',
      label: 'Battery',
    })
  })

  test('colours a terminal and nothing else', async () => {
    const colour = /\u001b\[/
    expect((await run('structs show ecoflow ping')).out).not.toMatch(colour)
    expect((await run('structs show ecoflow ping', { columns: 80 })).out).toMatch(colour)
    expect((await run('structs show ecoflow ping', { columns: 80, env: { NO_COLOR: '1' } })).out).not.toMatch(colour)
    expect((await run('structs show ecoflow ping --color never', { columns: 80 })).out).not.toMatch(colour)
    expect((await run('structs show ecoflow ping --color always', { env: { NO_COLOR: '1' } })).out).toMatch(colour)
    expect((await run('structs show ecoflow ping', { env: { FORCE_COLOR: '1' } })).out).toMatch(colour)
  })

  test('suggests what was probably meant', async () => {
    expect((await run('structs show ecoflow cell_reprot')).err).toBe(
      'wattzup: ecoflow has no message "cell_reprot"; did you mean "cell_report"?\n',
    )
    expect((await run('structs show ecoflw')).err).toBe(
      'wattzup: there are no definitions called ecoflw; see: wattzup structs list\n',
    )
  })
})

describe('help', () => {
  test.each(['structs', 'structs list', 'structs show', 'structs check'])(
    'of %s has a purpose and three examples',
    async command => {
      const { code, out } = await run(`${command} --help`)
      expect(code).toBe(0)
      expect(out).toMatch(/^Usage: wattzup structs/)
      expect(out.match(/^ {2}\$ wattzup structs /gm)).toHaveLength(3)
    },
  )

  test('comes for structs alone, as wrong usage', async () => {
    const { code, out, err } = await run('structs')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('Usage: wattzup structs')
  })
})
