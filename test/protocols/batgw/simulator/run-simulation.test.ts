import { describe, expect, test } from 'vitest'
import type { CanBus } from '../../../../src/core/can-bus.ts'
import { bydAtto3 } from '../../../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import { parseOptions } from '../../../../src/protocols/batgw/config/parse-options.ts'
import { runSimulation } from '../../../../src/protocols/batgw/simulator/run-simulation.ts'
import { builtInScenario } from '../../../../src/protocols/batgw/simulator/scenarios/scenarios.ts'
import { Simulation } from '../../../../src/protocols/batgw/simulator/simulation.ts'
import { Timeline } from '../../../../src/protocols/batgw/simulator/timeline.ts'
import { localNetwork } from '../../../../src/transport/local-network.ts'
import { ManualClock } from '../../../manual-clock.ts'
import { frameOf, loadStructs, textOf } from '../rig.ts'

const OPTIONS = { random: Math.random }

function simulation(clock: ManualClock): Simulation {
  return new Simulation(
    {
      kind: bydAtto3.simulator,
      options: parseOptions('', 'battery', bydAtto3.options),
      structs: loadStructs('byd-atto3'),
      timeline: new Timeline(bydAtto3.simulator, builtInScenario('normal').parts.battery),
      faults: new Map(),
      seed: 1,
      tell: () => {},
    },
    clock.monotonic(),
  )
}

describe('a pretended pack on a bus of this program', () => {
  async function running() {
    const clock = new ManualClock()
    const network = localNetwork(clock)
    const stop = new AbortController()
    const open = () => network.openCan({ kind: 'virtual', name: 'pack' }, OPTIONS, new AbortController().signal)
    const [own, other] = [await open(), await open()]
    const heard: { readonly at: number; readonly text: string }[] = []
    other.listen({ frame: frame => void heard.push({ at: clock.monotonic(), text: textOf(frame) }), event: () => {} })
    const ended = runSimulation(simulation(clock), own, clock, () => {}, stop.signal)
    return { clock, stop, own, other, heard, ended }
  }

  test('speaks in time', async () => {
    const { clock, stop, heard, ended } = await running()
    await clock.advance(10_050)
    const times = heard.filter(({ text }) => text.startsWith('345#')).map(({ at }) => at)
    expect(times).toEqual(Array.from({ length: 101 }, (_, i) => 7 + i * 100))
    stop.abort()
    expect(await ended).toBe(0)
  })

  test('answers at once', async () => {
    const { clock, stop, other, heard, ended } = await running()
    await clock.advance(1010)
    heard.length = 0
    other.send(frameOf('7E7#0322000500000000'))
    await clock.advance(0)
    expect(heard).toEqual([{ at: 1010, text: '7EF#046200053CAAAAAA' }])
    stop.abort()
    await ended
  })

  test('says and hears nothing after its end', async () => {
    const { clock, stop, other, heard, ended } = await running()
    await clock.advance(1000)
    stop.abort()
    await ended
    heard.length = 0
    other.send(frameOf('7E7#0322000500000000'))
    await clock.advance(5000)
    expect(heard).toEqual([])
    expect(clock.sleeping).toBe(0)
  })

  test('counts what a bus does not take, and goes on', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    let taken = 0
    const bus: CanBus = {
      name: 'full',
      recorded: false,
      listen: () => {},
      send: () => (clock.monotonic() >= 1000 && clock.monotonic() < 2000 ? false : ++taken > 0),
      [Symbol.asyncDispose]: async () => {},
    }
    const pack = simulation(clock)
    const ended = runSimulation(pack, bus, clock, () => {}, stop.signal)
    await clock.advance(3000)
    stop.abort()
    const refused = await ended
    expect(refused).toBeGreaterThan(40)
    expect(refused + taken).toBe(pack.sent)
    expect(taken).toBeGreaterThan(100)
  })
})
