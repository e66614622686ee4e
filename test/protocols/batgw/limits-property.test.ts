import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answer, broadcasts, type PackState, withChecksum } from './pack.ts'
import { Rig } from './rig.ts'

// No sequence of battery frames, however random, yields limits above the configured ceiling or the battery's own allowance.
// What the battery allows is worked out here from the frames that were sent, without anything of the gateway's.

/** Mostly as it should be. */
function mostly<T>(normal: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: normal }, other)
}

const within = (min: number, max: number) => fc.integer({ min, max })
const watts = within(0, 3000).map(n => n * 100)

const state: fc.Arbitrary<Partial<PackState>> = fc.record({
  volts: mostly(within(3700, 4500), within(0, 20_000)).map(dv => dv / 10),
  minMv: mostly(within(3200, 3330), within(0, 4095)),
  maxMv: mostly(within(3328, 3420), within(0, 4095)),
  minC: mostly(fc.constant(22), within(-40, 110)),
  maxC: mostly(fc.constant(23), within(-40, 110)),
  soc: mostly(fc.constant(50), within(0, 110)),
  chargeW: watts,
  dischargeW: watts,
  closed: mostly(fc.constant(true), fc.constant(false)),
})

const random: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('344', '345', '438', '43D', '444', '446', '447', '7EF', '244'),
      fc.integer({ min: 0, max: 0x7ff }).map(id => id.toString(16).toUpperCase().padStart(3, '0')),
    ),
    fc.uint8Array({ minLength: 0, maxLength: 8 }),
    fc.boolean(),
  )
  .map(([id, bytes, right]) =>
    right && bytes.length === 8
      ? withChecksum(id, [...bytes.subarray(0, 7)])
      : `${id}#${Buffer.from(bytes).toString('hex').toUpperCase()}`,
  )

const did = fc
  .tuple(fc.constantFrom(0x0008, 0x000a, 0x000e, 0x002b, 0x002d), fc.integer({ min: 0, max: 5000 }))
  .map(([id, value]) => answer(id, value, 2))

/** What happens next: a pack that talks so for a while, or a single frame of any kind. */
const turn = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ change: state, ms: fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.constant(11_000)) }),
  },
  fc.record({ frame: fc.oneof(random, did), ms: fc.integer({ min: 0, max: 300 }) }),
  fc.record({ watts: fc.integer({ min: -10, max: 11_000 }), ms: fc.constant(0) }),
)

/** The last valid word of each source, as a reader of the protocol page would note it down. */
class Notes {
  #heard = new Map<string, { value: number; at: number }>()

  note(text: string, at: number): void {
    const [id, hex = ''] = text.split('#')
    const bytes = [...Buffer.from(hex, 'hex')]
    if (bytes.length !== 8) return
    const word = (i: number) => bytes[i]! + bytes[i + 1]! * 256
    const valid = bytes.reduce((sum, byte) => sum + byte, 0) % 256 === 255
    const put = (name: string, value: number, low: number, high: number) => {
      if (value >= low && value <= high) this.#heard.set(name, { value, at })
    }
    if (id === '345' && valid) {
      put('charge 345', word(2) * 100, 0, 200_000)
      put('discharge 345', word(0) * 100, 0, 200_000)
    }
    if (id === '438' && valid) put('volts 1', word(5), 1000, 10_000)
    if (id === '444' && valid) put('volts 2', (word(0) & 0xfff) * 10, 1000, 10_000)
    if (id === '7EF' && bytes[0] === 5 && bytes[1] === 0x62 && bytes[2] === 0) {
      if (bytes[3] === 0x08) put('volts 3', word(4) * 10, 1000, 10_000)
      if (bytes[3] === 0x0a) put('charge 000A', word(4) * 100, 0, 200_000)
      if (bytes[3] === 0x0e) put('discharge 000E', word(4) * 100, 0, 200_000)
    }
  }

  #fresh(kind: string, at: number): number[] {
    return [...this.#heard].flatMap(([name, { value, at: heard }]) =>
      name.startsWith(kind) && at - heard < 10_000 ? [value] : [],
    )
  }

  /** The most that may be told at `at`, 0.1 A. */
  most(kind: 'charge' | 'discharge', userW: number, at: number): number {
    const [dv] = [...this.#heard.keys()]
      .filter(name => name.startsWith('volts'))
      .sort()
      .flatMap(name => this.#fresh(name, at))
    const powers = this.#fresh(kind, at)
    if (dv === undefined || powers.length === 0) return 0
    return Math.min(200, Math.floor((Math.min(...powers) * 100) / dv), Math.floor((userW * 100) / dv))
  }
}

test('no sequence of battery frames yields limits above the ceiling or the allowance of the battery', () => {
  let flowed = 0
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 15 }), turns => {
      const rig = new Rig({
        config:
          'battery { protocol byd interface can0 charge limit 6000 max 8000 charge current 20 discharge current 20 }\ninverter { protocol byd interface can1 }\n',
      })
      const notes = new Notes()
      let userW = 6000
      let checked = 0
      const hear = (text: string) => {
        notes.note(text, rig.at)
        rig.battery(text)
        check()
      }
      const check = () => {
        for (; checked < rig.sent.length; checked++) {
          const { at, text } = rig.sent[checked]!
          if (!text.startsWith('110#')) continue
          const charge = Number.parseInt(text.slice(-4), 16)
          const discharge = Number.parseInt(text.slice(-8, -4), 16)
          if (charge > 0) flowed++
          expect(charge).toBeLessThanOrEqual(notes.most('charge', userW, at))
          expect(discharge).toBeLessThanOrEqual(notes.most('discharge', 10_000, at))
        }
      }
      rig.inverter('151#0100000000000000')
      rig.advance(4000, () => Object.values(broadcasts()).forEach(hear))
      for (const next of turns) {
        if ('watts' in next) {
          if (rig.gateway.limit('charge', next.watts, rig.at)) userW = next.watts
          check()
          continue
        }
        if ('frame' in next) hear(next.frame)
        const frames = 'change' in next ? Object.values(broadcasts(next.change)) : []
        rig.advance(next.ms, () => {
          for (const text of frames) hear(text)
          rig.inverter('091#1082FFFE01020000')
        })
        check()
      }
    }),
    { numRuns: 60 },
  )
  expect(flowed).toBeGreaterThan(50) // else it says nothing
}, 60_000)

test('random bytes on both buses never throw, and are counted in a bounded number of ways', () => {
  fc.assert(
    fc.property(fc.array(random, { maxLength: 200 }), frames => {
      const rig = new Rig()
      rig.advance(1000)
      for (const text of frames) {
        rig.battery(text)
        rig.inverter(text)
        rig.advance(10)
      }
      expect(rig.gateway.tally.counts.size).toBeLessThan(20)
    }),
    { numRuns: 30 },
  )
})
