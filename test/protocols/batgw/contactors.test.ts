import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManagedContactors } from '../../../src/protocols/batgw/batteries/byd-atto3/managed-contactors.ts'
import { broadcastList, broadcasts, PACK, type PackState, withChecksum } from './pack.ts'
import { Rig } from './rig.ts'

const STEP_MS = 50

/** What is known at one step; times are in steps of 50 ms. */
interface Moment {
  readonly mayClose: boolean
  readonly closed: boolean | undefined
  readonly da: number | undefined
  readonly steps: number
}

const moment: fc.Arbitrary<Moment> = fc.record({
  mayClose: fc.boolean(),
  closed: fc.constantFrom(true, false, undefined),
  da: fc.option(fc.integer({ min: -300, max: 300 }), { nil: undefined }),
  steps: fc.integer({ min: 1, max: 400 }),
})

interface Trace {
  readonly at: number
  readonly moment: Moment
  readonly state: string
  readonly says: string | undefined
  readonly permits: boolean
}

/** The machine over a history, one entry for each step. */
function traced(history: readonly Moment[]): Trace[] {
  const machine = new ManagedContactors()
  const trace: Trace[] = []
  let at = 0
  machine.start(at)
  for (const now of history) {
    for (let i = 0; i < now.steps; i++) {
      const current = now.da === undefined ? undefined : { value: now.da, at }
      const says = machine.step({ mayClose: now.mayClose, closed: now.closed, current }, at)
      trace.push({ at, moment: now, state: machine.state, says, permits: machine.permits })
      at += STEP_MS
    }
  }
  return trace
}

const histories = fc.array(moment, { minLength: 1, maxLength: 12 })

describe('managed contactors, whatever the pack says', () => {
  test('are told to close only while nothing speaks against it', () => {
    fc.assert(
      fc.property(histories, history => {
        for (const { says, moment: now } of traced(history)) if (says === 'close') expect(now.mayClose).toBe(true)
      }),
    )
  })

  test('that are known to be open are not told to drive: a pack that has opened by itself would close again', () => {
    fc.assert(
      fc.property(histories, history => {
        for (const { says, moment: now } of traced(history))
          if (says === 'drive_ready') expect(now.closed).not.toBe(false)
      }),
    )
  })

  test('let current flow only when they are known to be closed and nothing speaks against it', () => {
    fc.assert(
      fc.property(histories, history => {
        for (const { permits, moment: now } of traced(history)) {
          if (permits) expect({ mayClose: now.mayClose, closed: now.closed }).toEqual({ mayClose: true, closed: true })
        }
      }),
    )
  })

  test('are opened at the earliest 5 s after the limits went to 0, with a small current read since, or after 10 s', () => {
    fc.assert(
      fc.property(histories, history => {
        const trace = traced(history)
        for (const [i, now] of trace.entries()) {
          const before = trace[i - 1]
          if (now.says !== 'shutdown' || before === undefined || before.says === 'shutdown') continue
          if (before.says === 'close') continue // nothing was allowed to flow yet
          const since = trace.slice(0, i).findLastIndex(({ state }) => state !== 'draining')
          const waited = now.at - trace[since + 1]!.at
          expect(waited).toBeGreaterThanOrEqual(5000)
          if (waited < 10_000) expect(Math.abs(now.moment.da!)).toBeLessThan(25)
        }
      }),
    )
  })

  test('say standby only from the start, after a failed closing, or 2.5 s after the pack said that they are open', () => {
    fc.assert(
      fc.property(histories, history => {
        const trace = traced(history)
        for (const [i, now] of trace.entries()) {
          const before = trace[i - 1]
          if (now.says !== 'standby' || before?.says === undefined || before.says === 'standby') continue
          if (before.says === 'close') expect(now.state).toBe('failed')
          else expect(trace.slice(i - 50, i).every(({ moment: was }) => was.closed === false)).toBe(true)
        }
      }),
    )
  })

  test('that the pack opens are open again at the latest 22 s after something began to speak against them', () => {
    const obedient = (history: readonly Moment[]) => {
      const trace = traced([...history, { mayClose: false, closed: undefined, da: undefined, steps: 320 }])
      expect(trace.at(-1)!.permits).toBe(false)
      const opened = traced([...history, { mayClose: false, closed: false, da: undefined, steps: 440 }]).at(-1)!
      expect(['open', 'failed']).toContain(opened.state)
    }
    fc.assert(fc.property(histories, obedient))
  })
})

/** A pack that does what 12D tells it, and a gateway that manages its contactors. */
class World {
  readonly rig = new Rig({
    config: 'battery { protocol byd contactors managed interface can0 }\ninverter { protocol byd interface can1 }\n',
  })
  state: Partial<PackState> = { closed: false, amps: 0 }
  /** Says nothing at all. */
  silent = false
  /** Does not obey. */
  stuck = false

  run(ms: number): this {
    this.rig.advance(ms, () => {
      const told = this.rig.sent.findLast(({ text }) => text.startsWith('12D'))?.text.slice(4, 16)
      if (!this.stuck && told === 'A02802A00C71') this.state = { ...this.state, closed: true }
      if (!this.stuck && told === 'A02802600431') this.state = { ...this.state, closed: false }
      if (!this.silent) this.rig.battery(...broadcastList(this.state))
    })
    return this
  }

  /** The states of 12D one after the other, with how long each lasted, ms. */
  get told(): (readonly [state: string, ms: number])[] {
    const frames = this.rig.sent.filter(({ text }) => text.startsWith('12D'))
    const turns = frames.filter(({ text }, i) => text.slice(4, 16) !== frames[i - 1]?.text.slice(4, 16))
    return turns.map(({ at, text }, i) => [
      NAMES[text.slice(4, 16)] ?? text,
      Math.round((turns[i + 1]?.at ?? this.rig.at) - at),
    ])
  }

  get limits(): string {
    return this.rig.sent.findLast(({ text }) => text.startsWith('110'))!.text.slice(-8)
  }
}

const NAMES: Readonly<Record<string, string>> = {
  '501402100431': 'standby',
  '501802200431': 'active-ack',
  A02802A00C71: 'close',
  A02800220C31: 'drive ready',
  A02802600431: 'shutdown',
}

/** Closed, and the inverter greeted. */
function closed(): World {
  const world = new World()
  world.rig.inverter('151#0100000000000000')
  return world.run(8000)
}

describe('a managed pack', () => {
  test('is closed when everything has been safe for 2 s, and current flows 2 s after it says that it is closed', () => {
    const world = closed()
    const [[first, waited], [second, closing], [third]] = world.told as [
      [string, number],
      [string, number],
      [string, number],
    ]
    expect([first, second, third]).toEqual(['standby', 'close', 'drive ready'])
    expect(waited).toBe(1000) // the first second of all was for listening
    expect(closing).toBe(1150)
    const open = world.rig.sent.find(({ text }) => text === '110#11260EEC00EC00EC')!
    const ready = world.rig.sent.find(({ text }) => text.startsWith('12D#A02800220C31'))!
    expect(open.at - ready.at).toBeGreaterThanOrEqual(2000)
  })

  test('gets no current and is opened in the order of a car when something is wrong', () => {
    const world = closed()
    world.rig.take('battery')
    world.state = { ...world.state, maxC: 51, minC: 50 }
    world.run(100)
    expect(world.limits).toBe('00000000')
    world.run(20_000)
    const told = world.told.map(([state]) => state)
    expect(told).toEqual(['drive ready', 'shutdown', 'active-ack', 'standby'])
    const [[, drained], [, shut], [, settled]] = world.told as [[string, number], [string, number], [string, number]]
    expect(drained).toBeGreaterThanOrEqual(5000)
    expect(drained).toBeLessThanOrEqual(5200)
    expect(shut).toBe(1500)
    expect(settled).toBeGreaterThanOrEqual(2500)
    expect(world.rig.sent.findLast(({ text }) => text.startsWith('441'))!.text).toBe('441#983A88130C00FF87')
  })

  test('that has opened by itself is left open, with no current, and closed again after a minute', () => {
    const world = closed()
    world.state = { ...world.state, closed: false }
    const before = world.told.length
    world.run(20_000)
    expect(world.limits).toBe('00000000')
    expect(world.told.slice(before).map(([state]) => state)).toEqual(['active-ack', 'standby'])
    world.run(60_000)
    expect(world.told.at(-1)![0]).toBe('drive ready')
  })

  test('is opened by force after 10 s when the current does not go', () => {
    const world = closed()
    world.rig.take('battery')
    world.state = { ...world.state, maxC: 51, minC: 50, amps: 10 }
    world.run(20_000)
    expect(world.told[0]![1]).toBeGreaterThanOrEqual(9900)
    expect(world.told[0]![1]).toBeLessThanOrEqual(10_200)
    expect(world.rig.warnings).toContain('the contactors were opened though the current had not gone')
  })

  test('that has fallen silent is opened by force, and the gateway waits for it to say that it is open', () => {
    const world = closed()
    world.silent = true
    world.run(45_000)
    expect(world.told.map(([state]) => state).slice(-3)).toEqual(['drive ready', 'shutdown', 'active-ack'])
    expect(world.rig.warnings).toContain('the battery does not open its contactors')
    world.silent = false
    world.run(3000)
    expect(world.told.at(-1)![0]).toBe('standby')
  })

  test('that does not confirm within 15 s is left open until the program is started again', () => {
    const world = new World()
    world.stuck = true
    world.run(120_000)
    expect(world.told.map(([state]) => state)).toEqual(['standby', 'close', 'standby'])
    expect(world.told[1]![1]).toBe(15_000)
    expect(world.rig.warnings.join()).toContain('does not confirm')
  })

  test('is closed again a minute after it was opened, but only so often', () => {
    const world = closed()
    for (let i = 0; i < 6; i++) {
      world.state = { ...world.state, maxC: 51, minC: 50 }
      world.run(20_000)
      world.state = { ...world.state, maxC: 23, minC: 22 }
      world.run(80_000)
    }
    expect(world.told.filter(([state]) => state === 'close')).toHaveLength(4)
    expect(world.rig.warnings.join()).toContain('opened 4 times')
  })

  test('that is closed when the program starts is not opened under load', () => {
    const world = new World()
    world.state = { closed: true, amps: 20 }
    world.run(8000)
    expect(world.told.map(([state]) => state)).toEqual(['drive ready'])
  })

  test('is left alone until it has said what its contactors are, for 3 s at most', () => {
    const rig = new Rig({
      config: 'battery { protocol byd contactors managed interface can0 }\ninverter { protocol byd interface can1 }\n',
    })
    const from = rig.at
    rig.advance(10_000, () => rig.battery(broadcasts()['438']!))
    const first = rig.sent.find(({ text }) => text.startsWith('12D'))!
    expect(first.at - from).toBeGreaterThanOrEqual(4000)
    expect(first.text.startsWith('12D#501402100431')).toBe(true)
  })

  test('is opened before the program stops', () => {
    const world = closed()
    world.rig.take('battery')
    world.rig.gateway.stop(world.rig.at)
    expect(world.limits).toBe('00000000')
    expect(world.rig.gateway.finished(world.rig.at)).toBe(false)
    world.run(9500)
    expect(world.rig.gateway.finished(world.rig.at)).toBe(true)
    expect(world.told.map(([state]) => state)).toEqual(['drive ready', 'shutdown', 'active-ack', 'standby'])
  })

  test('holds up a stop for 30 s at most', () => {
    const world = closed()
    world.stuck = true
    world.rig.gateway.stop(world.rig.at)
    world.run(29_000)
    expect(world.rig.gateway.finished(world.rig.at)).toBe(false)
    world.run(1000)
    expect(world.rig.gateway.finished(world.rig.at)).toBe(true)
  })

  test('in charge mode, which does not obey, is warned about', () => {
    const world = closed()
    world.stuck = true
    world.state = { ...world.state, maxC: 51, minC: 50 }
    world.run(20_000)
    expect(world.rig.warnings).toContain('the battery does not open its contactors')
    expect(withChecksum('344', [0x81, 0, 0, 0, 0, 0, 0])).toBe('344#810000000000007E')
    expect(PACK.closed).toBe(true)
  })
})
