import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BATTERIES } from '../../../../src/protocols/batgw/batteries/batteries.ts'
import { bydAtto3 } from '../../../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import { bydHvs } from '../../../../src/protocols/batgw/inverters/byd-hvs/byd-hvs.ts'
import { INVERTERS } from '../../../../src/protocols/batgw/inverters/inverters.ts'
import type { FrameFault } from '../../../../src/protocols/batgw/simulator/faults.ts'
import type { Setting } from '../../../../src/protocols/batgw/simulator/setting.ts'
import { withChecksum } from '../pack.ts'
import { frameOf } from '../rig.ts'
import { type Play, Stage } from './stage.ts'

const CLOSED = { contactors: 'stay closed' }

function pack(play: Play = {}): Stage {
  return new Stage(bydAtto3, { set: CLOSED, ...play })
}

/** IDs of what was sent from one second to another. */
function ids(stage: Stage, from: number, to: number): Set<string> {
  const frames = stage.sent.filter(({ at }) => at >= 5000 + from * 1000 && at < 5000 + to * 1000)
  return new Set(frames.map(({ text }) => text.slice(0, 3)))
}

function isIntact(text: string): boolean {
  return text === withChecksum(text.slice(0, 3), [...frameOf(text).data.subarray(0, 7)])
}

describe('a scenario on a bus', () => {
  test('silences all messages, or those that are named, for its time', () => {
    const events = [
      { at: 10, silent: true, for: 5 },
      { at: 20, silent: ['cell_extremes', 'cells'], for: 5 },
    ]
    const stage = pack({ part: { events } }).advance(30_000)
    const all = ids(stage, 0, 10)
    expect(all.size).toBe(11)
    expect(ids(stage, 10.1, 15)).toEqual(new Set())
    expect(ids(stage, 15.2, 20)).toEqual(all)
    expect(ids(stage, 20.1, 25)).toEqual(new Set([...all].filter(id => id !== '446' && id !== '43D')))
    expect(ids(stage, 26, 30)).toEqual(all)
  })

  test('silences the answers to questions, too', () => {
    const stage = pack({ part: { events: [{ at: 1, silent: ['answers'] }] } })
    stage.hear('7E7#0322000500000000')
    expect(stage.last('7EF')).toBe('7EF#046200055FAAAAAA')
    stage.advance(2000)
    stage.take()
    stage.hear('7E7#0322000500000000')
    expect(stage.last('7EF')).toBeUndefined()
  })

  test('damages messages so that their checksum tells', () => {
    const stage = pack({ part: { events: [{ at: 2, corrupt: ['pack_status'], for: 3 }] } }).advance(10_000)
    for (const { at, text } of stage.sent) {
      const isDamaged = text.startsWith('444#') && at >= 7100 && at < 10_000
      if (at >= 7100 || at < 7000) expect(isIntact(text), `${at} ${text}`).toBe(!isDamaged)
    }
  })

  test('switches a device off, in which it says and hears nothing, and on again as at first', () => {
    const stage = new Stage(bydHvs, { part: { events: [{ at: 10, restart: 5 }] } })
    stage.hear('250#03290066025C0209')
    stage.advance(10_500)
    expect(stage.told.at(-1)).toBe('switched off')
    stage.take()
    stage.advance(4000, () => stage.hear('250#03290066025C0209', '110#11260EEC00EC00EC'))
    expect(stage.take()).toEqual([])
    stage.advance(1000)
    expect(stage.take().slice(0, 2)).toEqual(['151#00474F4F44574500', '151#0100000000000000'])
    expect(stage.simulation.flowing(stage.at)).toBe(0)
  })

  test('goes on silencing a device that was restarted meanwhile', () => {
    const events = [
      { at: 5, silent: true, for: 20 },
      { at: 10, restart: 2 },
    ]
    const stage = pack({ part: { events } }).advance(30_000)
    expect(ids(stage, 5.1, 25)).toEqual(new Set())
    expect(ids(stage, 25.2, 30).size).toBe(11)
  })

  test('looks at its timers ten times a second, however far the next event is', () => {
    const stage = pack({
      part: {
        events: [
          { at: 0, silent: true },
          { at: 1e9, restart: 1e9 },
        ],
      },
    })
    expect(stage.simulation.due - stage.at).toBeLessThanOrEqual(100)
    const off = pack({ part: { events: [{ at: 0, restart: 1e9 }] } })
    expect(off.simulation.due - off.at).toBeLessThanOrEqual(100)
    expect(off.advance(5000).sent).toEqual([])
  })

  test('leaves the current to the other side where that decides it', () => {
    let amperes = 7.5
    const stage = pack({ set: { ...CLOSED, current: -30 }, flowing: () => amperes }).advance(500)
    const current = () => (Buffer.from(stage.last('444')!.slice(4), 'hex').readUInt16LE(2) - 5000) / 10
    expect(current()).toBe(-7.5)
    amperes = -20
    stage.advance(500)
    expect(current()).toBe(20)
  })
})

describe('faults', () => {
  const frames = (faults: Play['faults'], seed = 1, ms = 20_000) => pack({ faults: faults ?? {}, seed }).advance(ms)

  test('are the same with the same seed, and others with another one', () => {
    const faults = { drop: 0.1, corrupt: 0.1, noise: 0.1, short: 0.1, repeat: 0.1 }
    expect(frames(faults).take()).toEqual(frames(faults).take())
    expect(frames(faults, 2).take()).not.toEqual(frames(faults).take())
    expect(frames({}).take()).toEqual(frames({}, 2).take())
  })

  test('have the share that was asked for', () => {
    const without = frames({}, 1, 60_000).sent.length
    const shareOf = (fault: FrameFault, share: number) => {
      const stage = frames({ [fault]: share }, 1, 60_000)
      expect(stage.simulation.sent).toBe(stage.sent.length)
      return { stage, made: stage.simulation.made.counts.get(fault)! }
    }
    for (const share of [0.05, 0.3]) {
      for (const fault of ['drop', 'corrupt', 'noise', 'short', 'repeat'] as const) {
        const { made } = shareOf(fault, share)
        const deviation = Math.sqrt(without * share * (1 - share))
        expect(Math.abs(made - without * share), fault).toBeLessThan(5 * deviation)
      }
    }
    expect(shareOf('drop', 0.3).stage.sent.length).toBe(without - shareOf('drop', 0.3).made)
    expect(shareOf('repeat', 0.3).stage.sent.length).toBe(without + shareOf('repeat', 0.3).made)
    expect(frames({ drop: 1 }).sent).toEqual([])
  })

  test('do what they say', () => {
    const clean = frames({}).take()
    for (const [i, text] of frames({ corrupt: 1 }).take().entries()) {
      expect(text.slice(0, -2)).toBe(clean[i]!.slice(0, -2))
      expect(isIntact(text)).toBe(false)
    }
    for (const [i, text] of frames({ noise: 1 }).take().entries()) {
      const [a, b] = [frameOf(text).data, frameOf(clean[i]!).data]
      const bits = [...a].map((byte, at) => (byte ^ b[at]!).toString(2).replaceAll('0', '').length)
      expect(bits.reduce((sum, count) => sum + count)).toBe(1)
    }
    for (const [i, text] of frames({ short: 1 }).take().entries()) expect(text).toBe(clean[i]!.slice(0, -2))
    const twice = frames({ repeat: 1 }).take()
    for (const [i, text] of clean.entries()) expect(twice.slice(2 * i, 2 * i + 2)).toEqual([text, text])
  })
})

describe('whatever is set and heard', () => {
  const KINDS = [
    ...BATTERIES.map(kind => [kind.name, kind, ''] as const),
    ['standard byd', bydAtto3, 'pack "standard"'] as const,
    ...INVERTERS.map(kind => [`inverter ${kind.name}`, kind, ''] as const),
    ...['dialect "legacy"', 'dialect "low-voltage"', 'current offset off address 1'].map(
      options => [options, INVERTERS.find(({ name }) => name === 'pylon')!, options] as const,
    ),
  ]

  const fitting = (setting: Setting) => {
    if (setting.type === 'number') return fc.double({ min: setting.low, max: setting.high, noNaN: true })
    return setting.type === 'choice'
      ? fc.constantFrom(...setting.choices)
      : fc.string({ unit: 'grapheme-ascii', maxLength: setting.most })
  }

  test.each(KINDS)('%s never fails, and sends frames that fit the bus', (_, kind, options) => {
    const set = fc.record(
      Object.fromEntries(Object.entries(kind.simulator.settings).map(([name, setting]) => [name, fitting(setting)])),
    )
    const known =
      '12D 441 7E7 4F3 047 110 150 1D0 250 351 35C 355 356 35E 00004210 00004220 00004280 00007320 00004221 00004281'.split(
        ' ',
      )
    const id = fc.oneof(
      fc.constantFrom(...known),
      fc.stringMatching(/^[0-7][0-9A-F]{2}$/),
      fc.stringMatching(/^[01][0-9A-F]{7}$/),
    )
    const frame = fc
      .tuple(id, fc.uint8Array({ maxLength: 8 }))
      .map(([key, data]) => `${key}#${Buffer.from(data).toString('hex')}`)
    fc.assert(
      fc.property(set, set, fc.array(frame, { maxLength: 60 }), (first, later, heard) => {
        const part = {
          state: first,
          events: [
            { at: 1, over: 3, set: later },
            { at: 5, set: first },
          ],
        }
        const stage = new Stage(kind, { options, part })
        stage.hear('4F3#F3104800FFFF0011', '047#B402457D7FFFFFFE')
        for (const text of heard) {
          stage.advance(150)
          stage.hear(text)
        }
        stage.advance(2000)
        for (const { text } of stage.sent)
          expect(text).toMatch(/^([0-7][0-9A-F]{2}|[01][0-9A-F]{7})#([0-9A-F]{2}){0,8}$/)
        expect(Number.isFinite(stage.simulation.flowing(stage.at))).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})
