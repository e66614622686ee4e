import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dbc, imported } from './imported.ts'

const SIGNAL = ' SG_ a : 0|8@1+ (1,0) [0|255] "" Vector__XXX'

describe('signals', () => {
  test('of both byte orders decode as cantools decodes them', () => {
    const { decode, problems, definition } = imported(
      dbc(
        'BO_ 496 ExampleMessage: 8 PCM1',
        ' SG_ Temperature : 0|12@0- (0.01,250) [229.52|270.47] "degK"  PCM1,FOO',
        ' SG_ AverageRadius : 6|6@0+ (0.1,0) [0|5] "m" Vector__XXX',
        ' SG_ Enable : 7|1@0+ (1,0) [0|0] "-" Vector__XXX',
        'VAL_ 496 Enable 0 "Disabled" 1 "Enabled" ;',
      ),
    )
    expect(problems).toEqual([])
    // what cantools' own tests and its example encode
    expect(decode('1F0', 'C006E00000000000')).toEqual({ Temperature: 250.55, AverageRadius: 3.2, Enable: 'Enabled' })
    expect(decode('1F0', 'C001400000000000')).toEqual({ Temperature: 250.1, AverageRadius: 3.2, Enable: 'Enabled' })
    expect(definition.messages['ExampleMessage']!.fields['Temperature']).toEqual([0, 'i12be', '0.01 degK +25000'])
  })

  test('decode bit by bit as the DBC format says', () => {
    const signal = fc.record({
      start: fc.nat(63),
      length: fc.integer({ min: 1, max: 53 }),
      isBig: fc.boolean(),
      isSigned: fc.boolean(),
      payload: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    })
    fc.assert(
      fc.property(signal, ({ start, length, isBig, isSigned, payload }) => {
        const bits = bitsOf(payload, start, length, isBig)
        fc.pre(bits !== undefined)
        const unsigned = bits!.reduce((value, bit) => value * 2 + bit, 0)
        const expected = isSigned && bits![0] === 1 ? unsigned - 2 ** length : unsigned
        const row = ` SG_ s : ${start}|${length}@${isBig ? 0 : 1}${isSigned ? '-' : '+'} (1,0) [0|0] "" X`
        const { decode } = imported(dbc('BO_ 291 M: 8 X', row))
        expect(decode('123', Buffer.from(payload).toString('hex'))).toEqual({ s: expected })
      }),
      { numRuns: 300 },
    )
  })

  test('that are floating-point numbers are read as such', () => {
    const { decode, remarks, problems } = imported(
      dbc(
        'BO_ 1024 D: 8 X',
        ' SG_ d : 0|64@1- (1,0) [0|0] "" X',
        'BO_ 1025 F: 8 X',
        ' SG_ f : 0|32@1- (1,0) [0|0] "" X',
        ' SG_ g : 39|32@0- (1,0) [0|0] "V" X',
        'BO_ 1026 B: 8 X',
        ' SG_ crooked : 4|32@1- (1,0) [0|0] "" X',
        ' SG_ short : 40|16@1- (1,0) [0|0] "" X',
        'SIG_VALTYPE_ 1024 d : 2;',
        'SIG_VALTYPE_ 1025 f : 1;',
        'SIG_VALTYPE_ 1025 g: 1;',
        'SIG_VALTYPE_ 1026 crooked : 1;',
        'SIG_VALTYPE_ 1026 short : 1;',
      ),
    )
    // 129.5 and 1234500.5 in IEEE 754: 43018000, 4996B224
    expect(decode('400', doubleHex(129.448))).toEqual({ d: 129.448 })
    expect(decode('401', '008001434996B224')).toEqual({ f: 129.5, g: 1_234_500.5 })
    expect(remarks).toEqual([
      '19: short: its 16 bits are no IEEE 754 number',
      '13: B.crooked is left out: a floating-point number must begin with a byte',
    ])
    expect(problems).toEqual([])
  })

  test.each([
    ['(0.1,0)', '"V"', [0, 'u16', '0.1 V'], 2410, 241],
    ['(1,-40)', '"°C"', [0, 'u16', '°C -40'], 65, 25],
    ['(0.5,-40)', '"deg C"', [0, 'u16', '0.5 °C -80'], 130, 25],
    ['(1,-128)', '""', [0, 'u16', '1 -128'], 130, 2],
    ['(2E-2,0)', '"A"', [0, 'u16', '0.02 A'], 5, 0.1],
    ['(.25,1E1)', '"A"', [0, 'u16', '0.25 A +40'], 1, 10.25],
    ['(-0.1,0)', '"kW"', [0, 'u16', '-0.1 kW'], 15, -1.5],
    ['(10,1000)', '"1/min"', [0, 'u16', '10 rpm +100'], 5, 1050],
    ['(1.0,0.0)', '"-"', [0, 'u16'], 7, 7],
    ['(0.39215686275,0)', '"%"', [0, 'u16', '0.392156863 %'], 255, 100.000_000_065],
  ])('with factor and offset %s and unit %s are %j', (scaling, unit, row, raw, value) => {
    const { definition, decode, problems, remarks } = imported(
      dbc('BO_ 291 M: 8 X', ` SG_ s : 0|16@1+ ${scaling} [0|0] ${unit} X`),
    )
    expect(definition.messages['M']!.fields['s']).toEqual(row)
    const hex = Buffer.from(Uint16Array.of(raw).buffer).toString('hex')
    expect(decode('123', hex)).toEqual({ s: value })
    expect([problems, remarks]).toEqual([[], []])
  })

  test.each(['(0.5,0.25)', '(0.0000152587890625,0)', '(1,0.5)', '(0,5)', '(1E-30,0)', '(1E99,0)'])(
    'with factor and offset %s stay raw numbers, and a note says so',
    scaling => {
      const { definition, decode, remarks, problems } = imported(
        dbc('BO_ 291 M: 8 X', ` SG_ s : 0|16@1+ ${scaling} [0|0] "V" X`),
      )
      const [factor, offset] = scaling.slice(1, -1).split(',')
      expect(definition.messages['M']!.fields['s']![2]).toEqual({
        note: `the raw number; the value is raw * ${factor} + ${offset} V`,
      })
      expect(decode('123', '0700')).toEqual({ s: 7 })
      expect(remarks).toEqual([`8: M.s stays a raw number: definitions have no scale for ${factor} and ${offset}`])
      expect(problems).toEqual([])
    },
  )

  test('keep their comments, quotes, line ends and all', () => {
    const { definition, problems } = imported(
      dbc(
        'BO_ 291 M: 8 X',
        SIGNAL,
        'CM_ BO_ 291 "The message.";',
        'CM_ SG_ 291 a "A; \\"signal\\"\nin two lines";',
        'CM_ "The bus";',
      ),
    )
    expect(definition.messages['M']!.fields['a']).toEqual([0, 'u8', { note: 'A; "signal" in two lines' }])
    expect(definition.messages['M']!.note).toBe('The message. From car.dbc; no capture yet.')
    expect(definition.title).toBe('The bus')
    expect(problems).toEqual([])
  })

  test('of the same bits say that they mean it', () => {
    const { definition, problems } = imported(
      dbc('BO_ 291 M: 8 X', SIGNAL, SIGNAL.replace(' a ', ' b ').replace('0|8', '4|8')),
    )
    expect(definition.messages['M']!.fields['b']).toEqual([4, 'u8', { overlap: true }])
    expect(problems).toEqual([])
  })
})

describe('values', () => {
  const withValues = (signal: string, values: string) =>
    imported(dbc('BO_ 291 M: 8 X', ` SG_ s : ${signal} X`, `VAL_ 291 s ${values} ;`))

  test('have texts', () => {
    const { decode, definition } = withValues('0|8@1- (1,0) [0|0] ""', '1 "on" 0 "off" -1 "broken" 2 ""')
    expect(['00', '01', 'FF', '02'].map(hex => decode('123', hex)['s'])).toEqual(['off', 'on', 'broken', 2])
    expect(definition.messages['M']!.fields['s']![2]).toEqual({ enum: { 0: 'off', 1: 'on', '-1': 'broken' } })
  })

  test('may come from a table', () => {
    const { decode } = imported(
      dbc('VAL_TABLE_ OnOff 1 "on" 0 "off" ;', 'BO_ 291 M: 8 X', SIGNAL, 'VAL_ 291 a OnOff ;'),
    )
    expect(decode('123', '01')).toEqual({ a: 'on' })
  })

  test('of a number with a unit are what it is when it is none', () => {
    const { decode, definition } = withValues('0|8@1+ (0.5,0) [0|0] "V"', '255 "SNA" 254 "Error"')
    expect([decode('123', 'FF'), decode('123', '10')]).toEqual([{ s: null }, { s: 8 }])
    expect(definition.messages['M']!.fields['s']).toEqual([0, 'u8', '0.5 V', { note: 'raw 254: Error', na: [255] }])
  })

  test('that cannot occur are left out', () => {
    const { definition, remarks, problems } = withValues('0|2@1+ (1,0) [0|0] ""', '3 "c" 4 "d" -1 "e"')
    expect(definition.messages['M']!.fields['s']![2]).toEqual({ enum: { 3: 'c' } })
    expect(remarks).toEqual(['8: M.s: texts of values that it cannot have are left out'])
    expect(problems).toEqual([])
  })

  test('of signed signals may be written without sign', () => {
    expect(withValues('0|8@1- (1,0) [0|0] ""', '255 "none"').decode('123', 'FF')).toEqual({ s: 'none' })
  })
})

describe('multiplexing', () => {
  test('shows what is there for the value of the multiplexer', () => {
    const { decode, problems } = imported(
      dbc(
        'BO_ 291 M: 8 X',
        ' SG_ b m1 : 8|8@1+ (1,0) [0|0] "" X',
        ' SG_ a m0 : 8|8@1+ (1,0) [0|0] "" X',
        ' SG_ mux M : 0|8@1+ (1,0) [0|0] "" X',
        ' SG_ always : 16|8@1+ (1,0) [0|0] "" X',
      ),
    )
    expect(problems).toEqual([])
    expect(decode('123', '000511')).toEqual({ mux: 0, a: 5, always: 17 })
    expect(decode('123', '010511')).toEqual({ mux: 1, b: 5, always: 17 })
    expect(decode('123', '020511')).toEqual({ mux: 2, always: 17 })
  })

  test('may go on below, from one multiplexer to the next', () => {
    const { decode, problems } = imported(
      dbc(
        'BO_ 2147483649 cascaded: 8 X',
        ' SG_ b1 m1 : 24|8@1+ (1,0) [0|0] "" X',
        ' SG_ b0 m0 : 16|8@1+ (1,0) [0|0] "" X',
        ' SG_ a2 m2M : 8|8@1+ (1,0) [0|0] "" X',
        ' SG_ a1 m1 : 8|8@1+ (1,0) [0|0] "" X',
        ' SG_ a M : 0|8@1+ (1,0) [0|0] "" X',
        'SG_MUL_VAL_ 2147483649 a1 a 1-1;',
        'SG_MUL_VAL_ 2147483649 a2 a 2-2;',
        'SG_MUL_VAL_ 2147483649 b0 a2 0-0;',
        'SG_MUL_VAL_ 2147483649 b1 a2 1-1;',
      ),
    )
    expect(problems).toEqual([])
    expect(decode('00000001', '01000708')).toEqual({ a: 1, a1: 0 }) // a2 is not there, so nothing of it is
    expect(decode('00000001', '02000708')).toEqual({ a: 2, a2: 0, b0: 7 })
    expect(decode('00000001', '02010708')).toEqual({ a: 2, a2: 1, b1: 8 })
  })

  test('may have several multiplexers, and several values of one', () => {
    const ranges = [
      [0, 0],
      [3, 5],
      [9, 9],
    ] as const
    const text = ranges.map(([least, most]) => `${least}-${most}`).join(', ')
    const { decode, problems } = imported(
      dbc(
        'BO_ 291 M: 8 X',
        ' SG_ s m0 : 16|8@1+ (1,0) [0|0] "" X',
        ' SG_ t m0 : 24|8@1+ (1,0) [0|0] "" X',
        ' SG_ x M : 0|4@1+ (1,0) [0|0] "" X',
        ' SG_ y M : 8|8@1- (1,0) [0|0] "" X',
        `SG_MUL_VAL_ 291 s x ${text};`,
        'SG_MUL_VAL_ 291 t y 100-200;',
      ),
    )
    expect(problems).toEqual([])
    for (let x = 0; x < 16; x++) {
      const isThere = ranges.some(([least, most]) => x >= least && x <= most)
      expect(decode('123', `0${x.toString(16)}00AA`)['s'], `x ${x}`).toBe(isThere ? 0xaa : undefined)
    }
    for (const y of [0, 99, 100, 127, 128, 200, 201, 255]) {
      const hex = `0100AABB`.replace('00AA', `${y.toString(16).padStart(2, '0')}AA`)
      expect(decode('123', hex)['t'], `y ${y}`).toBe(y >= 100 && y <= 200 ? 0xbb : undefined)
    }
  })

  test('that makes no sense is told, and what depends on it is left out', () => {
    const { definition, remarks, problems } = imported(
      dbc(
        'BO_ 291 none: 8 X',
        ' SG_ a m1 : 0|8@1+ (1,0) [0|0] "" X',
        SIGNAL.replace(' a ', ' ok '),
        'BO_ 292 two: 8 X',
        ' SG_ x M : 0|8@1+ (1,0) [0|0] "" X',
        ' SG_ y M : 8|8@1+ (1,0) [0|0] "" X',
        ' SG_ a m1 : 16|8@1+ (1,0) [0|0] "" X',
        'BO_ 293 circle: 8 X',
        ' SG_ p m1M : 0|8@1+ (1,0) [0|0] "" X',
        ' SG_ q m1M : 8|8@1+ (1,0) [0|0] "" X',
        SIGNAL.replace('0|8', '16|8'),
        'SG_MUL_VAL_ 293 p q 1-1;',
        'SG_MUL_VAL_ 293 q p 1-1;',
      ),
    )
    expect(remarks).toEqual([
      '8: none.a is left out: the message has no multiplexer (M)',
      '13: two.a is left out: the message has several multiplexers, and no SG_MUL_VAL_ says which one decides',
      '16: circle.q is left out: its multiplexer p is not there', // it is in the making
      '15: circle.p is left out: its multiplexer q is not there',
    ])
    expect(Object.keys(definition.messages['circle']!.fields)).toEqual(['a'])
    expect(problems).toEqual([])
  })
})

describe('messages', () => {
  test('have their IDs as candump writes them', () => {
    const { definition, remarks } = imported(
      dbc(
        ...['BO_ 291 std: 8 X', SIGNAL, 'BO_ 2147483939 ext: 8 X', SIGNAL, 'BO_ 2566844926 j1939: 8 X', SIGNAL],
        ...['BO_ 2048 unmarked: 8 X', SIGNAL],
      ),
    )
    expect(Object.values(definition.messages).map(({ match }) => match)).toEqual([
      ...['123', '00000123', '18FEF1FE', '00000800'],
    ])
    expect(remarks).toEqual(['13: unmarked: the ID 2048 is taken for extended'])
  })

  test('without signals, and signals of no message, are left alone', () => {
    const { definition, problems } = imported(
      dbc(
        'BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX',
        ' SG_ orphan : 0|8@0+ (1,0) [0|0] "" Vector__XXX',
        'CM_ SG_ 3221225472 orphan "nobody";',
        'BO_ 1 empty: 8 X',
        'BO_ 2 full: 8 X',
        SIGNAL,
      ),
    )
    expect([Object.keys(definition.messages), problems]).toEqual([['full'], []])
  })

  test('and signals have their long names, and know the short ones', () => {
    const { definition } = imported(
      dbc(
        'BO_ 5 SS123456789012345678901234567890: 8 X',
        ' SG_ SS1234567890123456789012345_0000 : 0|8@1+ (1,0) [0|0] "" X',
        'BA_ "SystemMessageLongSymbol" BO_ 5 "SS12345678901234567890123456789012";',
        'BA_ "SystemSignalLongSymbol" SG_ 5 SS1234567890123456789012345_0000 "SS12345678901234567890123456789012332";',
        'BA_ "GenMsgCycleTime" BO_ 5 100;',
      ),
    )
    const message = definition.messages['SS12345678901234567890123456789012']!
    expect(message.fields).toEqual({
      SS12345678901234567890123456789012332: [0, 'u8', { path: 'SS1234567890123456789012345_0000' }],
    })
    expect(message.note).toBe('Every 100 ms. From car.dbc; no capture yet.')
  })

  test('that stand twice, and signals that do, are told apart', () => {
    const { definition, remarks, problems } = imported(
      dbc(
        ...['BO_ 1 M: 8 X', SIGNAL, SIGNAL, ' SG__a : 0|8@1+ (1,0) [0|0] "" X'.replace('SG__a', 'SG_ _a')],
        ...['BO_ 2 M: 8 X', SIGNAL, 'BO_ 1 other: 8 X', SIGNAL],
      ),
    )
    expect(Object.keys(definition.messages)).toEqual(['M', 'M_002'])
    expect(Object.keys(definition.messages['M']!.fields)).toEqual(['a', 'a_2', 'a_3'])
    expect(remarks).toEqual([
      '13: other: the number 1 stands twice',
      '9: M: there is another signal a; this one is called a_2',
      '10: M: there is another signal a; this one is called a_3',
      '13: other is left out: M (line 7) has the ID 001 too',
    ])
    expect(problems).toEqual([])
  })
})

describe('files of many tools', () => {
  test('may lack blanks, semicolons and sections, and have comments and any line ends', () => {
    const lines = [
      '// made by hand',
      'VERSION "" // the first',
      'BU_: A B',
      '  C',
      'BO_ 291 M : 8 Vector__XXX',
      'SG_ a:0|8@1+(1,0)[0|+127]"V"A,B',
      ' SG_ b : 8|8@1- (1,0) [0|1.5E+3] ""',
      'CM_ SG_ 291 a "no semicolon"',
      'VAL_ 291 b 1 "x" ;',
    ]
    for (const end of ['\n', '\r\n']) {
      const { decode, broken, problems } = imported(lines.join(end))
      expect([broken, problems]).toEqual([[], []])
      expect(decode('123', '0501')).toEqual({ a: 5, b: 'x' })
    }
  })

  test('may hold much that says nothing about frames', () => {
    const { broken, remarks, decode } = imported(
      dbc(
        'EV_ E1: 0 [0|0] "" 0 1 DUMMY_NODE_VECTOR0 Vector__XXX;',
        'BO_ 291 M: 8 X',
        SIGNAL,
        'BO_TX_BU_ 291 : FOO,BAR;',
        'BA_DEF_ SG_  "GenSigSendType" ENUM  "Cyclic","OnWrite";',
        'BA_DEF_DEF_  "GenSigSendType" "Cyclic";',
        'BA_DEF_REL_ BU_SG_REL_  "GenSigTimeoutTime" INT 0 65535;',
        'BA_REL_ "GenSigTimeoutTime" BU_SG_REL_ FOO SG_ 291 a 200;',
        'BA_ "DBName" "x; y";',
        'BA_ "BAR" BU_ FIE "FUM";',
        'SIG_GROUP_ 291 Group 1 : a;',
        'VAL_ E1 1 "on" 0 "off" ;',
        'CM_ BU_ FIE "a node";',
        'CM_ EV_ E1 "a variable";',
        'SIGTYPE_VALTYPE_ x : 1;',
      ),
    )
    expect([broken, remarks, decode('123', '07')]).toEqual([[], [], { a: 7 }])
  })

  test.each([
    ['BO_ x M: 8 X', '7: expected the number of a message, found "x"'],
    ['BO_ 291 M 8 X', '7: expected ":", found "8"'],
    ['BO_ 291 M: 99999 X', '7: expected a length of up to 4096 bytes, found "99999"'],
    ['BO_ 4294967296 M: 8 X', '7: expected the number of a message, found "4294967296"'],
    ['BO_ 1610612736 M: 8 X', '7: 1610612736 is no arbitration ID'],
    ['BO_ 1 M: 8 X\n SG_ s : 0|65@1+ (1,0) [0|0] "" X', '8: expected a length of 1 to 64 bits, found "65"'],
    ['BO_ 1 M: 8 X\n SG_ s : 0|0@1+ (1,0) [0|0] "" X', '8: expected a length of 1 to 64 bits, found "0"'],
    ['BO_ 1 M: 8 X\n SG_ s : 0|8@2+ (1,0) [0|0] "" X', '8: expected the byte order, 0 or 1, found "2"'],
    ['BO_ 1 M: 8 X\n SG_ s : 0|8@1 (1,0) [0|0] "" X', '8: expected "-", found "("'],
    ['BO_ 1 M: 8 X\n SG_ s : 0|8@1+ (x,0) [0|0] "" X', '8: expected a factor, found "x"'],
    ['BO_ 1 M: 8 X\n SG_ s : 0|8@1+ (1,0) [0|0] V X', '8: expected a unit in quotes, found "V"'],
    [
      'BO_ 1 M: 8 X\n SG_ s m : 0|8@1+ (1,0) [0|0] "" X',
      '8: expected ":", M or a value of the multiplexer such as m1, found "m"',
    ],
    ['CM_ "never ends', '7: a text has no closing quote'],
    ['NONSENSE 5;', '7: "NONSENSE" begins no statement of a DBC file'],
    ['VAL_TABLE_ t 1 2;', '7: expected a text for 1, found "2"'],
    ['SG_MUL_VAL_ 1 a b 5-3;', '7: 5-3 is no range'],
    ['BO_ 1 \u00a7: 8 X', '7: "\u00a7" has no meaning here'],
  ])('%j is told with its line, and what follows is read', (lines, message) => {
    const rest = lines.startsWith('CM_') ? [] : ['BO_ 291 after: 8 X', SIGNAL]
    const { broken, definition, problems } = imported(dbc(...lines.split('\n'), ...rest))
    expect(broken[0]).toBe(message)
    if (rest.length > 0) expect(Object.keys(definition.messages)).toContain('after')
    expect(problems).toEqual([])
  })

  test('whatever they hold nothing is thrown, and what is made of them is a definition', () => {
    const good = dbc(
      ...['VAL_TABLE_ t 1 "on" 0 "off" ;', 'BO_ 291 M: 8 X', ' SG_ mux M : 0|8@1+ (1,0) [0|0] "" X', SIGNAL],
      ...[
        ' SG_ s m1 : 8|32@1- (0.1,-40) [0|0] "°C" X',
        ' SG_ f m2 : 8|32@1- (1,0) [0|0] "" X',
        'SIG_VALTYPE_ 291 f : 1;',
      ],
      ...['SG_MUL_VAL_ 291 s mux 1-1, 3-9;', 'VAL_ 291 a 1 "x" 0 "y" ;', 'CM_ SG_ 291 a "text";'],
      ...['BA_ "SystemSignalLongSymbol" SG_ 291 a "__proto__";'],
    )
    const tokens = good.split(/(?<=[\s:|@(),;"])/)
    const edits = fc.array(fc.tuple(fc.nat(tokens.length - 1), fc.nat(tokens.length - 1), fc.nat(3)), { maxLength: 8 })
    fc.assert(
      fc.property(edits, changes => {
        const changed = [...tokens]
        for (const [at, from, kind] of changes) {
          if (kind === 0) changed[at] = tokens[from]!
          else if (kind === 1) changed[at] = ''
          else if (kind === 2) changed[at] = `${changed[at]}${tokens[from]}`
          else changed[at] = '99999999999 '
        }
        expect(imported(changed.join('')).problems).toEqual([])
      }),
      { numRuns: 500 },
    )
    fc.assert(fc.property(fc.string({ maxLength: 300 }), text => void expect(imported(text).problems).toEqual([])))
  })
})

/** The bits of a signal, the most significant first, by the definition of DBC bit numbers; undefined beyond the payload. */
function bitsOf(payload: Uint8Array, start: number, length: number, isBig: boolean): number[] | undefined {
  const bits: number[] = []
  for (let i = 0, at = start; i < length; i++) {
    if (at < 0 || at > 63) return undefined
    bits.push((payload[Math.floor(at / 8)]! >> (at % 8)) & 1)
    // Intel counts up from the least significant bit; Motorola down within a byte, then to bit 7 of the next
    if (!isBig) at++
    else at = at % 8 === 0 ? at + 15 : at - 1
  }
  return isBig ? bits : bits.reverse()
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes.toString('hex')
}
