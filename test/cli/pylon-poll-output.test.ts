import { expect, test } from 'vitest'
import { deviceInfo, forBroker, PollOutput } from '../../src/cli/pylon-poll-output.ts'
import { EMPTY_STACK, withFailure, withReply } from '../../src/protocols/pylontech/stack-state.ts'
import { structs } from '../protocols/pylontech/decoding.ts'
import { ListSink } from '../readings.ts'

const TIME = Date.UTC(2026, 2, 1, 10)
const pack = {
  cell_count: 1,
  cell_voltages: [49.5],
  current: 1,
  voltage: 49.5,
  remaining_ah: 25,
  total_ah: 50,
  cycles: 3,
}
const stack = withReply(
  withReply(EMPTY_STACK, { message: 'analog_all', values: { adr: 2, packs: [pack, pack] }, time: TIME }),
  { message: 'serial', values: { adr: 2, serial: 'DEMO1' }, time: TIME },
)

function outputOf(options: { readonly compat?: boolean; readonly redact?: boolean; readonly parts?: boolean }) {
  const notes: string[] = []
  const sink = new ListSink()
  const all = { compat: false, redact: false, parts: false, ...options }
  return { sink, notes, output: new PollOutput(structs, { ...all, note: line => void notes.push(line) }) }
}

test('a broker gets totals and modules, everybody else the snapshot', async () => {
  const { sink, output } = outputOf({ parts: true })
  await output.publish(0, stack, TIME, sink)
  expect(sink.readings.map(reading => [reading.device, reading.message, forBroker(reading)])).toEqual([
    ['stack0', 'stack', false],
    ['stack0', 'totals', true],
    ['0/2', 'module', true],
    ['0/3', 'module', true],
  ])
  expect(sink.readings.map(deviceInfo)).toMatchObject([
    { name: 'Pylontech stack0' },
    { name: 'Pylontech stack0' },
    { name: 'Pylontech module 0/2', serial: 'DEMO1', viaDevice: 'stack0' },
    { name: 'Pylontech module 0/3' },
  ])
  expect(deviceInfo(sink.readings[3]!)).not.toHaveProperty('serial')
})

test('documents and lines have the same layout, and serial numbers only where they may', async () => {
  const { sink, output } = outputOf({ compat: true })
  expect(output.document()).toBeUndefined()
  await output.publish(0, stack, TIME, sink)
  expect(sink.values).toEqual([output.document()])
  expect(output.document()).toMatchObject({ analog: [{ pack_voltage: 49.5 }, { mah_total: 50_000 }] })
  const masked = outputOf({ redact: true })
  await masked.output.publish(0, stack, TIME, masked.sink)
  expect(JSON.stringify(masked.output.document())).not.toContain('DEMO')
})

test('the user is told when a module begins to fail, fails otherwise, and answers again', async () => {
  const { sink, output, notes } = outputOf({})
  const failing = ['timeout', 'timeout', 'checksum'].map(reason => withFailure(stack, 3, reason))
  for (const state of [stack, ...failing, stack, stack]) await output.publish(0, state, TIME, sink)
  expect(notes).toEqual(['module 0/3: timeout', 'module 0/3: checksum', 'module 0/3 answers again'])
})
