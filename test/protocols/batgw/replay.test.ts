import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { invertedSum8 } from '../../../src/core/checksum.ts'
import { frameOf, Rig } from './rig.ts'

// A recording of another gateway's start, both buses, played through ours: what it had heard is what we hear, what it had
// sent is left out and compared with what we send.

const CAPTURES = process.env['WATTZUP_CAPTURES']

interface Logged {
  /** ms since the beginning. */
  readonly at: number
  readonly bus: string
  readonly text: string
}

/** IDs that the recorded gateway had sent. */
const OF_GATEWAY = new Set('12D 441 7E7 250 290 2D0 3D0 110 150 1D0 210 190'.split(' '))

function log(): Logged[] {
  const lines = readFileSync(join(CAPTURES!, 'batgw/normal-start.candump.log'), 'utf8').trim().split('\n')
  const frames = lines.map(line => /^\((\d+)\.(\d+)\) (\w+) (.*)$/.exec(line)!)
  const start = Number(frames[0]![1]) * 1e6 + Number(frames[0]![2])
  return frames.map(([, seconds, micros, bus, text]) => ({
    at: (Number(seconds) * 1e6 + Number(micros) - start) / 1000,
    bus: bus!,
    text: text!,
  }))
}

function play(frames: readonly Logged[]): Rig {
  const rig = new Rig({ recorded: true }, 0)
  for (const { at, bus, text } of frames) {
    rig.advanceTo(at)
    if (bus === 'can0') rig.battery(text)
    else rig.inverter(text)
  }
  return rig
}

describe.skipIf(CAPTURES === undefined)('the recorded normal start', () => {
  const frames = CAPTURES === undefined ? [] : log()
  const rig = CAPTURES === undefined ? new Rig() : play(frames)
  const sent = (id: string) => rig.sent.filter(({ text }) => text.startsWith(id))
  const recorded = (id: string) => frames.filter(({ text }) => text.startsWith(id))

  test('transmits nothing within the first second', () => {
    expect(Math.min(...rig.sent.map(({ at }) => at))).toBe(1000)
    expect(rig.gateway.refusal).toBeUndefined()
  })

  test('greets at the first frame of the inverter, and again at its hello', () => {
    const first = frames.find(({ bus, text }) => bus === 'can1' && !OF_GATEWAY.has(text.slice(0, 3)))!
    const hello = frames.find(({ text }) => text === '151#0100000000000000')!
    expect(first.text).toBe('091#1082000001020000')
    expect(sent('250').map(({ at }) => at)).toEqual([first.at, hello.at])
    expect(hello.at).toBeCloseTo(5119.67, 1)
  })

  test('says 0 A until everything has been known and safe for 2 s, then what the recorded gateway said', () => {
    const [at0, at1, ...others] = sent('110')
    expect([at0!.text, at1!.text]).toEqual(['110#11260EEC00000000', '110#11260EEC00EC00EC'])
    expect(at1!.at - at0!.at).toBeCloseTo(2000, 0)
    expect(new Set(others.map(({ text }) => text))).toEqual(new Set(recorded('110').map(({ text }) => text)))
  })

  test('from the hello on sends the recorded frames, with the capacities and the health mended', () => {
    const from = recorded('250')[0]!.at
    const mended = (text: string) => (text === '150#251C26AC008E0096' ? '150#251C2710059105DC' : text)
    const theirs = frames.filter(
      ({ at, bus, text }) => bus === 'can1' && at >= from && OF_GATEWAY.has(text.slice(0, 3)),
    )
    const ours = rig.sent.filter(({ at, side }) => side === 'inverter' && at > 5000)
    for (const id of ['250', '290', '2D0', '3D0', '110', '150', '1D0', '210', '190']) {
      const byId = (list: readonly { text: string }[]) =>
        list.map(({ text }) => text).filter(text => text.startsWith(id))
      expect(byId(ours), id).toEqual(byId(theirs).map(mended))
    }
  })

  test('keeps its times to the millisecond, where the recorded gateway drifts', () => {
    const hello = frames.find(({ text }) => text === '151#0100000000000000')!.at
    const after = (id: string) =>
      sent(id)
        .filter(({ at }) => at > hello)
        .map(({ at }) => Math.round((at - hello) * 1000) / 1000)
    expect(after('110')).toEqual(Array.from({ length: 13 }, (_, n) => (n + 1) * 2000))
    expect(after('1D0')).toEqual([10_000, 20_000])
  })

  test('asks the same questions in the same order', () => {
    const theirs = recorded('7E7').map(({ text }) => text)
    expect(sent('7E7').map(({ text }) => text)).toEqual(theirs.slice(0, 156))
    expect(sent('7E7').map(({ at }) => at)).toEqual(Array.from({ length: 156 }, (_, n) => 1000 + n * 200))
  })

  test('counts 12D up with right checksums, and is ready to drive when the contactors are closed', () => {
    const states = sent('12D')
    expect(states).toHaveLength(623) // until 32.1 s
    states.forEach(({ at, text }, n) => {
      const bytes = frameOf(text).data
      expect(at).toBe(1000 + n * 50)
      expect(bytes[6]).toBe(((n % 16) << 4) | 15)
      expect(bytes[7]).toBe(invertedSum8(bytes, 0, 7))
    })
    expect(states.findIndex(({ text }) => text.startsWith('12D#A02800220C31'))).toBe(23) // 1.15 s
    expect(states.slice(23).every(({ text }) => text.startsWith('12D#A02800220C31'))).toBe(true)
  })

  test('repeats the voltage that the recorded gateway repeats', () => {
    expect(new Set(sent('441').map(({ text }) => text))).toEqual(new Set(recorded('441').map(({ text }) => text)))
    expect(sent('441').at(-1)!.text).toBe('441#983A8813A601FFEC')
  })

  test('tells of no trouble', () => {
    expect(rig.warnings).toEqual([])
    expect([...rig.gateway.tally.counts.keys()].sort()).toEqual([
      'battery: of a recorded gateway',
      'inverter: of a recorded gateway',
    ])
    expect(rig.reasons['unsafe']).toBe('')
  })
})
