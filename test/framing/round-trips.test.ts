import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WritableFormat } from '../../src/framing/writers/formats.ts'
import { readLogFrames } from './read-frames.ts'
import { writeLog } from './write-log.ts'

/** A frame as the test knows it: nothing of the program's. */
interface Model {
  /** Nanoseconds since the frame before. */
  readonly gap: number
  readonly bus: number
  readonly id: number
  readonly kind: 'standard' | 'extended' | 'error'
  readonly form: 'data' | 'remote' | 'fd'
  readonly rateSwitch: boolean
  readonly errorState: boolean
  /** Data length code above 8 of a classic frame. */
  readonly code: number
  readonly data: readonly number[]
  readonly direction: '' | 'R' | 'T'
}

/** The same with its time, as a format gives it back. */
interface Held extends Model {
  readonly at: bigint
}

const FD_LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]
const START = 1_700_000_000n * 1_000_000_000n

const hex = (data: readonly number[]) => Buffer.from(data).toString('hex').toUpperCase()
const codeOf = (length: number) => FD_LENGTHS.findIndex(legal => legal >= length)

/** Any frame; gaps are in microseconds unless `nanos`. */
const model = (nanos: boolean): fc.Arbitrary<Model> =>
  fc
    .record({
      gap: fc.nat(3_000_000).map(gap => gap * (nanos ? 1 : 1000)),
      bus: fc.nat(4),
      id: fc.nat(0x1fffffff),
      kind: fc.constantFrom('standard', 'standard', 'extended', 'extended', 'error'),
      form: fc.constantFrom('data', 'data', 'remote', 'fd'),
      rateSwitch: fc.boolean(),
      errorState: fc.boolean(),
      code: fc.constantFrom(0, 0, 0, 9, 12, 15),
      data: fc.uint8Array({ maxLength: 64 }).map(data => Array.from(data)),
      direction: fc.constantFrom('', 'R', 'T'),
    })
    .map(frame => tidy(frame as Model))

/** Takes away what such a frame cannot have. */
function tidy(frame: Model): Model {
  const form = frame.kind === 'error' ? 'data' : frame.form
  const id = frame.kind === 'standard' ? frame.id & 0x7ff : frame.id
  const data = form === 'remote' ? [] : form === 'fd' ? frame.data : frame.data.slice(0, 8)
  const full = form === 'remote' || (form === 'data' && frame.kind !== 'error' && data.length === 8)
  const code = full && frame.code > 0 ? frame.code : form === 'remote' ? frame.data.length % 9 : 0
  const isFd = form === 'fd'
  return { ...frame, form, id, data, code, rateSwitch: isFd && frame.rateSwitch, errorState: isFd && frame.errorState }
}

function timed(frames: readonly Model[]): Held[] {
  let at = START
  return frames.map(frame => {
    at += BigInt(frame.gap)
    return { ...frame, at }
  })
}

/** The frame as a line of candump. */
function line(
  { at, bus, id, kind, form, rateSwitch, errorState, code, data, direction }: Held,
  nanos: boolean,
): string {
  const fraction = String(at % 1_000_000_000n)
    .padStart(9, '0')
    .slice(0, nanos ? 9 : 6)
  const word = kind === 'error' ? id + 0x20000000 : id
  const name = word
    .toString(16)
    .toUpperCase()
    .padStart(kind === 'standard' ? 3 : 8, '0')
  const remote = `R${code > 8 ? `8_${code.toString(16).toUpperCase()}` : code || ''}`
  const classic = hex(data) + (code > 8 ? `_${code.toString(16).toUpperCase()}` : '')
  const fd = `#${(rateSwitch ? 1 : 0) + (errorState ? 2 : 0)}${hex(data)}`
  const content = form === 'remote' ? remote : form === 'fd' ? fd : classic
  return `(${at / 1_000_000_000n}.${fraction}) can${bus} ${name}#${content}${direction && ` ${direction}`}\n`
}

/** The frame as `readFrames` describes it. */
function described({ at, bus, id, kind, form, rateSwitch, errorState, code, data, direction }: Held): string {
  const time = `${at / 1_000_000_000n}.${String(at % 1_000_000_000n).padStart(9, '0')}`
  const properties = [
    kind === 'extended' && 'extended',
    form === 'remote' && 'remote',
    kind === 'error' && 'error',
    form === 'fd' && 'fd',
    rateSwitch && 'bitRateSwitch',
    errorState && 'errorState',
    direction === 'T' && 'tx',
    direction === 'R' && 'rx',
  ].filter(Boolean)
  const dlc = form === 'fd' ? codeOf(data.length) : code || data.length
  const name = id
    .toString(16)
    .toUpperCase()
    .padStart(kind === 'standard' ? 3 : 8, '0')
  return [time, `can${bus}`, name, ...properties, `dlc${dlc}`, hex(data)].join(' ').trimEnd()
}

const micros = (frame: Held): Held => ({ ...frame, at: frame.at - (frame.at % 1000n) })
const received = (frame: Held): Held => ({ ...frame, direction: frame.direction || 'R' })
const undirected = (frame: Held): Held => ({ ...frame, direction: '' })
const noCodes = (frame: Held): Held => ({ ...frame, code: frame.form === 'remote' ? frame.code : 0 })
const noFlags = (frame: Held): Held => ({ ...frame, rateSwitch: false, errorState: false })
const noBus = (frame: Held): Held => ({ ...frame, bus: 0 })

/** What each format holds of a frame, as docs/protocols/log-formats.md says; nothing where it is none of it. */
const HOLDS: Readonly<Record<WritableFormat, (frame: Held, first: Held) => Held | undefined>> = {
  candump: frame => frame,
  ndjson: frame => frame,
  pcapng: frame => frame,
  'candump-screen': frame => (frame.direction === '' ? noFlags(frame) : frame),
  pcap: frame => noBus(undirected(frame)),
  'gvret-csv': frame =>
    frame.form === 'data' && frame.kind !== 'error' ? micros(received(noCodes(frame))) : undefined,
  'battery-emulator': (frame, first) => {
    if (frame.form === 'remote' || frame.kind === 'error') return undefined
    const since = frame.at - (first.at - (first.at % 1_000_000_000n))
    return { ...received(noCodes(noFlags(frame))), at: since - (since % 1_000_000n) }
  },
  asc: frame =>
    frame.kind === 'error'
      ? micros(undirected({ ...frame, id: 0x80, data: Array(8).fill(0) }))
      : micros(received(frame)),
  trc: frame => {
    if (frame.kind === 'error') return undefined
    const length = frame.form === 'fd' ? FD_LENGTHS[codeOf(frame.data.length)]! : frame.data.length
    const padding = Array<number>(length - frame.data.length).fill(0)
    return micros(received({ ...frame, data: [...frame.data, ...padding] }))
  },
  'python-can-csv': frame => {
    const isLost = frame.form === 'fd' && frame.data.length <= 8
    return noBus(undirected(noFlags(isLost ? { ...frame, form: 'data' } : frame)))
  },
}

/** A classic frame: with it a Battery-Emulator log is known to be of current firmware. */
const CLASSIC: Model = {
  ...{ gap: 0, bus: 0, id: 1, kind: 'standard', form: 'data', rateSwitch: false, errorState: false },
  ...{ code: 0, data: [], direction: 'R' },
}

describe.each(Object.keys(HOLDS) as WritableFormat[])('from candump to %s and back', format => {
  test.each([
    ['microseconds', false],
    ['nanoseconds', true],
  ])('frames are what the format holds of them, with %s', (_, nanos) => {
    fc.assert(
      fc.property(fc.array(model(nanos), { maxLength: 30 }), models => {
        const frames = timed([{ ...CLASSIC, gap: nanos ? 1 : 1000 }, ...models])
        const { bytes, report, frames: count } = writeLog(frames.map(frame => line(frame, nanos)).join(''), format)
        const held = frames.map(frame => HOLDS[format](frame, frames[0]!))
        const expected = held.flatMap(frame => (frame === undefined ? [] : [described(frame)]))
        const back = readLogFrames(bytes, { head: bytes })
        expect(back.frames).toEqual(expected)
        expect(back.reader.format).toBe(format)
        expect(back.reader.tally.rejects).toEqual({})
        expect(count).toBe(expected.length)
        // silence means that nothing was lost
        const isWhole = held.every((frame, i) => frame !== undefined && described(frame) === described(frames[i]!))
        expect(report.length === 0, report.join()).toBe(isWhole)
      }),
      { numRuns: 200 },
    )
  })

  test('a log that is cut off anywhere gives frames up to there, and no others', () => {
    fc.assert(
      fc.property(fc.array(model(false), { minLength: 3, maxLength: 12 }), fc.nat(1000), (models, cut) => {
        const frames = timed([CLASSIC, ...models])
        const { bytes } = writeLog(frames.map(frame => line(frame, false)).join(''), format)
        const end = bytes.length - 1 - Math.floor((cut / 1000) * (bytes.length * 0.7))
        const whole = readLogFrames(bytes).frames
        const part = bytes.subarray(0, Math.max(end, 100))
        const { frames: some, reader } = readLogFrames(part)
        const isText = reader.kind === 'text'
        // the last line of a text may be a shorter frame by itself
        const sure = isText ? some.slice(0, -1) : some
        expect(sure).toEqual(whole.slice(0, sure.length))
        expect(some.length).toBeLessThanOrEqual(whole.length)
      }),
      { numRuns: 100 },
    )
  })
})
