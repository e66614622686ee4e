import { describe, expect, test } from 'vitest'
import { buildFrame } from '../../../src/protocols/lxp/build-frame.ts'
import {
  type DeviceRequest,
  decodeRequest,
  encodeRequest,
  exceptionReply,
  isAnswer,
  requestText,
} from '../../../src/protocols/lxp/request.ts'
import { parseSerial, SerialBook } from '../../../src/protocols/lxp/serial-book.ts'
import { block, DATALOG, dataFrame, heartbeat, INVERTER } from './build-frame.ts'
import { framesOf, hasCaptures, protocolFile } from './captures.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const plain = (text: string) => text.replaceAll(' ', '')

const SERIALS = { datalog: '2222222222', inverter: '5555555555' }

describe('a request is built as on the protocol page, which has it from other projects', () => {
  test.each<[string, DeviceRequest, string]>([
    [
      'read hold 12-14',
      { type: 'hold', register: 12, count: 3 },
      'a11a0100200001c2 32323232323232323232 1200 00 03 35353535353535353535 0c00 0300 7026',
    ],
    [
      'read input 0-39',
      { type: 'input', register: 0, count: 40 },
      'a11a0100200001c2 32323232323232323232 1200 00 04 35353535353535353535 0000 2800 2a84',
    ],
    [
      'write hold 66',
      { type: 'write_single', register: 66, value: 100 },
      'a11a0100200001c2 32323232323232323232 1200 00 06 35353535353535353535 4200 6400 883d',
    ],
    [
      'write the clock',
      { type: 'write_multi', register: 12, values: [0x0616, 0x1413, 0x2117] },
      'a11a0200270001c2 32323232323232323232 1900 00 10 35353535353535353535 0c00 0300 06 160613141721 7347',
    ],
  ])('%s', (_, request, expected) => {
    expect(hex(encodeRequest(SERIALS, request))).toBe(plain(expected))
  })

  test('an exception, byte for byte the captured one', () => {
    const serials = { datalog: 'DG99999999', inverter: '99999T9999' }
    const request = { ...serials, deviceFunction: 6, register: 234 }
    expect(hex(exceptionReply(request, 3, 5))).toBe(
      plain('a11a05001f0001c2 44473939393939393939 1100 00 86 39393939395439393939 ea00 03 a148'),
    )
  })
})

interface Expected {
  readonly protocol: number
  readonly tcp_function: number
  readonly tcp_function_name: string
  readonly datalog: string
  readonly device_function_name?: 'read_hold' | 'read_input' | 'write_single' | 'write_multi'
  readonly inverter?: string
  readonly register?: number
  readonly count?: number
  readonly registers?: Readonly<Record<string, number>>
  readonly payload?: string
}

interface Vector {
  readonly name: string
  readonly hex: string
  readonly direction: string
  readonly expected: Expected
}

const vectors = (hasCaptures ? (JSON.parse(protocolFile('lxp-vectors.json')) as Vector[]) : []).filter(
  ({ direction }) => direction === 'request',
)

/** The request that a vector describes. */
function requestOf({ device_function_name: name, register = 0, count = 0, registers = {} }: Expected): DeviceRequest {
  const values = Object.values(registers)
  if (name === 'write_single') return { type: name, register, value: values[0]! }
  if (name === 'write_multi') return { type: name, register, values }
  return { type: name === 'read_input' ? 'input' : 'hold', register, count }
}

describe.skipIf(!hasCaptures)('request vectors (skipped without the folder WATTZUP_CAPTURES)', () => {
  test('there are twelve', () => expect(vectors).toHaveLength(12))

  test.each(vectors.filter(({ expected }) => expected.inverter !== undefined))('$name', vector => {
    const { expected } = vector
    const request = requestOf(expected)
    expect(hex(encodeRequest({ datalog: expected.datalog, inverter: expected.inverter! }, request))).toBe(vector.hex)
    const { frames } = framesOf(Buffer.from(vector.hex, 'hex'), 'request')
    expect(frames.map(decodeRequest)).toEqual([request])
  })

  test.each(vectors.filter(({ expected }) => expected.inverter === undefined))('$name has its outer frame', vector => {
    const { protocol, tcp_function: tcpFunction, datalog, register, payload = '' } = vector.expected
    const place = register === undefined ? '' : register.toString(16).padStart(2, '0').concat('00')
    const body = Buffer.from(place + payload, 'hex')
    expect(hex(buildFrame({ protocol, tcpFunction, datalog }, body))).toBe(vector.hex)
    const { frames } = framesOf(Buffer.from(vector.hex, 'hex'), 'request')
    expect(frames.map(decodeRequest)).toEqual([undefined])
  })
})

describe('an answer', () => {
  const [input40, hold21, write66, clock]: readonly DeviceRequest[] = [
    { type: 'input', register: 40, count: 40 },
    { type: 'hold', register: 21, count: 1 },
    { type: 'write_single', register: 66, value: 100 },
    { type: 'write_multi', register: 12, values: [1, 2, 3] },
  ]
  const words = Array.from({ length: 127 }, (_, i) => i)
  const frameOf = (bytes: Uint8Array) => framesOf(bytes).frames[0]!

  test.each<[string, DeviceRequest, Uint8Array, boolean]>([
    ['with all registers', input40!, block(4, 40, words.slice(0, 40)), true],
    ['with fewer registers', input40!, block(4, 40, words.slice(0, 7)), true],
    ['with more registers', input40!, block(4, 40, words), false],
    ['from another register', input40!, block(4, 80, words.slice(0, 40)), false],
    ['of the other kind', input40!, block(3, 40, words.slice(0, 40)), false],
    ['of another inverter', input40!, block(4, 40, words.slice(0, 40), { inverter: 'DEMO000002' }), false],
    ['of one word in protocol 1', hold21!, dataFrame(3, 21, [1, 2], { protocol: 1 }), true],
    ['that refuses', hold21!, dataFrame(0x83, 21, [2]), true],
    ['that refuses something else', hold21!, dataFrame(0x84, 21, [2]), false],
    ['that echoes a write', write66!, dataFrame(6, 66, [100, 0]), true],
    ['that echoes the write of another register', write66!, dataFrame(6, 67, [100, 0]), false],
    ['that confirms three registers', clock!, dataFrame(16, 12, [3, 0]), true],
    ['that confirms two registers', clock!, dataFrame(16, 12, [2, 0]), false],
    ['that is a heartbeat', hold21!, heartbeat(), false],
  ])('%s', (_, request, bytes, expected) => {
    expect(isAnswer(frameOf(bytes), INVERTER, request)).toBe(expected)
  })

  test('and requests are named by their registers', () => {
    expect([input40!, hold21!, write66!, clock!].map(requestText)).toEqual([
      ...['input 40-79', 'hold 21', 'write of hold 66', 'write of hold 12-14'],
    ])
  })
})

describe('serial numbers', () => {
  const frameOf = (bytes: Uint8Array) => framesOf(bytes).frames[0]!

  test('are learned from what the dongle sends, of several inverters too', async () => {
    const book = new SerialBook()
    let isKnown = false
    const known = book.whenKnown(new AbortController().signal).then(() => {
      isKnown = true
    })
    book.learn(frameOf(heartbeat()))
    await Promise.resolve()
    expect([book.datalog, book.inverters, isKnown]).toEqual([DATALOG, [], false])
    for (const inverter of ['DEMO000001', 'DEMO000002', 'DEMO000001']) {
      book.learn(frameOf(block(4, 0, [1], { inverter, protocol: 2 })))
    }
    await known
    expect([book.inverters, book.protocol]).toEqual([['DEMO000001', 'DEMO000002'], 2])
  })

  test('that the user gives win over what comes, and a contradiction is told', () => {
    const book = new SerialBook({ datalog: 'XX00000001', inverter: 'XX00000002' })
    expect([book.datalog, book.inverters, book.contradiction]).toEqual(['XX00000001', ['XX00000002'], ''])
    book.learn(frameOf(block(4, 0, [1])))
    expect([book.datalog, book.inverters]).toEqual(['XX00000001', ['XX00000002']])
    expect(book.contradiction).toBe('; the dongle calls itself DEMODONGLE, not XX00000001')
  })

  test('of ever new inverters do not pile up', () => {
    const book = new SerialBook()
    for (let i = 0; i < 1000; i++) book.learn(frameOf(block(4, 0, [1], { inverter: `X${1e8 + i}` })))
    expect(book.inverters.length).toBe(16)
  })

  test('are ten letters and digits', () => {
    expect(parseSerial('BJ00000001')).toBe('BJ00000001')
    for (const text of ['', 'BJ0000001', 'BJ000000011', 'BJ000 0001']) expect(() => parseSerial(text)).toThrow(/serial/)
  })

  test('are waited for no longer than the run lasts', async () => {
    const stop = new AbortController()
    const waiting = new SerialBook().whenKnown(stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(new SerialBook().whenKnown(stop.signal)).rejects.toThrow('enough')
  })
})
