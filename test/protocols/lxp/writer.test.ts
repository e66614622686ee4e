import { describe, expect, test } from 'vitest'
import { TimeoutError, TransportError, UsageError } from '../../../src/core/errors.ts'
import { LxpException } from '../../../src/protocols/lxp/exception.ts'
import { isSuccess, SettingWriter, type WriteResult, type WriterOptions } from '../../../src/protocols/lxp/writer.ts'
import { block, DATALOG, dataFrame, INVERTER } from './build-frame.ts'
import { lxpStructs } from './captures.ts'
import { type Answer, echo, obedient, read, refusal } from './fake-dongle.ts'
import { linked, watched } from './linked.ts'

const LIMIT = 'ac_charge_soc_limit=95'
const SWITCH = 'function_enable_ac_charge_enable=on'

/** A writer, the dongle that it talks to, and what the dongle heard: function, register and word. */
function writing(answer?: Answer, options: Partial<WriterOptions> = {}) {
  const world = linked(answer)
  const { link, clock, dongle, signal } = world
  const all = { inverter: INVERTER, structs: lxpStructs, force: false, zone: 0, ...options }
  const writer = new SettingWriter(link, all, clock)
  dongle.hold.set(19, 2092)
  return {
    ...world,
    writer,
    heard: () => dongle.received.map(({ code, register, word }) => [code, register, word]),
    /** Plans and executes; the clock runs as long as it takes. */
    write: async (text: string): Promise<WriteResult> => {
      const done = watched(writer.plan(text, signal).then(plan => writer.execute(plan, signal)))
      for (let i = 0; i < 200 && !done.done; i++) await clock.advance(500)
      if (done.error !== undefined) throw done.error
      return done.value!
    },
  }
}

/** Answers reads as they should be, and writes as a test wants. */
function onWrite(answer: Answer): Answer {
  return (request, dongle) => (request.code === 3 ? obedient(request, dongle) : answer(request, dongle))
}

describe('a change', () => {
  test('is read fresh, written, echoed and read back', async () => {
    const { write, heard, dongle } = writing()
    dongle.hold.set(67, 80)
    const result = await write(LIMIT)
    expect(result).toMatchObject({ outcome: 'written', after: 95, plan: { before: 80, wanted: 95 } })
    expect(heard()).toEqual([
      [3, 19, 1],
      [3, 67, 1],
      [6, 67, 95],
      [3, 67, 1],
    ])
    // by another encoder: the builder of frames for tests
    const expected = dataFrame(6, 67, [95, 0], { protocol: 1, address: 0, datalog: DATALOG })
    expect(dongle.received[2]!.hex).toBe(expected.toString('hex'))
    expect(Buffer.from(result.plan.bytes!).toString('hex')).toBe(expected.toString('hex'))
  })

  test('that is so already is not sent', async () => {
    const { write, heard, dongle } = writing(undefined, { model: 'hybrid' })
    dongle.hold.set(67, 95)
    dongle.hold.set(21, 0xffff)
    expect(await write(LIMIT)).toMatchObject({ outcome: 'unchanged' })
    expect(await write(SWITCH)).toMatchObject({ outcome: 'unchanged', plan: { before: true } })
    expect(heard()).toEqual([
      [3, 67, 1],
      [3, 21, 1],
    ])
  })

  test('of a switch changes one bit of what is there now', async () => {
    const { write, dongle } = writing(undefined, { model: 'hybrid' })
    dongle.hold.set(21, 0xf355)
    expect(await write(SWITCH)).toMatchObject({ outcome: 'written', after: true })
    expect(dongle.hold.get(21)).toBe(0xf3d5)
    dongle.hold.set(21, 0x0280) // somebody else changed the others meanwhile
    expect(await write('function_enable_forced_discharge_enable=on')).toMatchObject({ outcome: 'written' })
    expect(dongle.hold.get(21)).toBe(0x0680)
  })

  test('is planned with its bytes, and nothing is sent but reads', async () => {
    const { writer, clock, heard, dongle, signal } = writing()
    dongle.hold.set(21, 0xf355)
    const planned = watched(writer.plan(SWITCH, signal))
    await clock.advance(5000)
    expect(planned.value).toMatchObject({ request: { type: 'write_single', register: 21, value: 0xf3d5 } })
    expect(heard().filter(([code]) => code !== 3)).toEqual([])
  })

  test('is planned upon what others before it will have written', async () => {
    const { writer, clock, dongle, signal } = writing(undefined, { model: 'hybrid' })
    dongle.hold.set(21, 0x0200).set(105, 20)
    const assumed = new Map([
      [21, 0x0280],
      [105, 40],
    ])
    const charge = watched(writer.plan('function_enable_charge_priority_enable=on', signal, assumed))
    await clock.advance(5000)
    expect(charge.value?.request).toMatchObject({ register: 21, value: 0x0a80 })
    const capped = watched(writer.plan('eps_discharge_cutoff_soc=35', signal, assumed))
    await clock.advance(5000)
    expect(capped.value?.request).toMatchObject({ register: 125, value: 35 })
  })

  test('is in the unit of the model that the inverter says it is', async () => {
    const { write, dongle } = writing()
    await write('ac_charge_power=5')
    expect(dongle.hold.get(66)).toBe(50) // tenths of a kilowatt on a 12kPV
    const lxp = writing()
    lxp.dongle.hold.set(19, 12)
    await lxp.write('ac_charge_power=5')
    expect(lxp.dongle.hold.get(66)).toBe(5) // percent on an LXP-EU
  })

  test('of a device that is not known is refused, unless the user names its model', async () => {
    const { write, dongle, heard } = writing()
    dongle.hold.set(19, 50)
    await expect(write(LIMIT)).rejects.toThrow(new RegExp(`^${INVERTER} is of device type 50, .* say --model$`))
    expect(heard()).toEqual([[3, 19, 1]])
    const named = writing(undefined, { model: 'hybrid' })
    expect(await named.write(LIMIT)).toMatchObject({ outcome: 'written' })
  })

  test('of the cut-off off grid is held against the one on grid, as it is now', async () => {
    const { write, dongle, heard } = writing(undefined, { model: 'hybrid' })
    dongle.hold.set(105, 20)
    await expect(write('eps_discharge_cutoff_soc=21')).rejects.toThrow(UsageError)
    expect(heard()).toEqual([
      [3, 105, 1],
      [3, 125, 1],
    ])
    expect(await write('eps_discharge_cutoff_soc=20')).toMatchObject({ outcome: 'written' })
  })

  test('of the clock is one write of three registers', async () => {
    const { write, dongle, clock } = writing()
    const { outcome, plan } = await write('clock=now')
    expect([outcome, plan.before]).toEqual(['written', null])
    const request = dongle.received.find(({ code }) => code === 16)!
    expect(request.hex.slice(0, 16)).toBe('a11a0200270001c2')
    expect([dongle.hold.get(12), dongle.hold.get(13)]).toEqual([0x031a, 0x0a01])
    expect(clock.now()).toBeGreaterThan(Date.UTC(2026, 2, 1, 10, 0, 0))
    expect(await write('clock=now')).toMatchObject({ outcome: 'unchanged' })
  })

  test('that is a command is echoed and not read back', async () => {
    const { write, heard } = writing(undefined, { model: 'hybrid', force: true })
    expect(await write('reset_setting=128')).toMatchObject({ outcome: 'accepted' })
    expect(heard()).toEqual([
      [3, 11, 1],
      [6, 11, 128],
    ])
  })
})

describe('nothing is written', () => {
  test('when the value cannot be read before', async () => {
    const { write, heard } = writing(request => [refusal(request, 4)], { model: 'hybrid' })
    await expect(write(SWITCH)).rejects.toBeInstanceOf(LxpException)
    expect(heard()).toEqual([[3, 21, 1]])
  })

  test('when reading it is not answered, twice', async () => {
    const { write, heard } = writing(() => [], { model: 'hybrid' })
    await expect(write(SWITCH)).rejects.toBeInstanceOf(TimeoutError)
    expect(heard()).toEqual([
      [3, 21, 1],
      [3, 21, 1],
    ])
  })

  test('when reading it brings no register', async () => {
    const { write, heard } = writing((request, dongle) => [read(request, dongle, 0)], { model: 'hybrid' })
    await expect(write(SWITCH)).rejects.toThrow('dongle answers for hold 21 with too few registers')
    expect(heard()).toEqual([[3, 21, 1]])
  })

  test.each([
    'grid_volt_conn_low=200',
    'serial=AB00000001',
    'import_start_discharge=50',
    'ac_charge_soc_limit=102',
    'nonsense=1',
  ])('for %s', async text => {
    const { write, heard } = writing(undefined, { model: 'hybrid' })
    await expect(write(text)).rejects.toBeInstanceOf(UsageError)
    expect(heard()).toEqual([])
  })
})

describe('a write that', () => {
  const writes = (heard: number[][]) => heard.filter(([code]) => code !== 3).length

  test('is refused says why', async () => {
    const { write, heard, dongle } = writing(onWrite(request => [refusal(request, 3)]))
    const { outcome, error } = await write(LIMIT)
    expect([outcome, (error as LxpException).codeName]).toEqual(['refused', 'illegal_data_value'])
    expect([writes(heard()), dongle.hold.get(67)]).toEqual([1, undefined])
  })

  test('loses its echo is read back, not repeated: it has arrived', async () => {
    const lost: Answer = onWrite((request, dongle) => {
      obedient(request, dongle)
      return []
    })
    const { write, heard } = writing(lost)
    const { outcome, after, error } = await write(LIMIT)
    expect([outcome, after, isSuccess(outcome)]).toEqual(['written_unanswered', 95, true])
    expect(error).toBeInstanceOf(TimeoutError)
    expect(writes(heard())).toBe(1)
  })

  test('loses its echo is read back, not repeated: it has not arrived', async () => {
    const { write, heard } = writing(onWrite(() => []))
    const { outcome, after } = await write(LIMIT)
    expect([outcome, after, isSuccess(outcome)]).toEqual(['not_written', 0, false])
    expect(writes(heard())).toBe(1)
  })

  test('loses its echo and its connection may have arrived', async () => {
    const { write, heard, dongle } = writing(
      onWrite((_, self) => {
        self.end.lose()
        return []
      }),
    )
    const { outcome, error } = await write(LIMIT)
    expect([outcome, error]).toEqual(['unknown', expect.any(TransportError)])
    expect([writes(heard()), dongle.hold.get(67)]).toEqual([1, undefined])
  })

  test('is read back on another connection tells what became of it', async () => {
    const first = writing(
      onWrite((request, self) => {
        obedient(request, self)
        self.end.lose()
        return []
      }),
    )
    const { plan, outcome } = await first.write(LIMIT)
    expect(outcome).toBe('unknown')
    const second = writing()
    second.dongle.hold.set(67, first.dongle.hold.get(67)!)
    const verified = watched(second.writer.verify(plan, second.signal))
    await second.clock.advance(1000)
    expect(verified.value).toMatchObject({ outcome: 'written', after: 95 })
    expect(writes(second.heard())).toBe(0)
  })

  test('is echoed with another value is no success, whatever reads back', async () => {
    const other: Answer = onWrite((request, dongle) => {
      obedient(request, dongle)
      return [dataFrame(6, request.register, [90, 0])]
    })
    const { write } = writing(other)
    expect(await write(LIMIT)).toMatchObject({ outcome: 'contradicted', after: 95 })
  })

  test('is echoed but reads back as before is no success', async () => {
    const { write, heard } = writing(onWrite(request => [echo(request)]))
    expect(await write(LIMIT)).toMatchObject({ outcome: 'contradicted', after: 0 })
    expect(writes(heard())).toBe(1)
  })

  test('cannot be read back is not known', async () => {
    let written = false
    const { write } = writing((request, dongle) => {
      const frames = written ? [] : obedient(request, dongle)
      written ||= request.code === 6
      return frames
    })
    expect(await write(LIMIT)).toMatchObject({ outcome: 'unknown', error: expect.any(TimeoutError) })
  })

  test('is interrupted may have arrived', async () => {
    const { writer, clock, signal, stop } = writing(onWrite(() => []))
    const done = watched(writer.plan(LIMIT, signal).then(plan => writer.execute(plan, signal)))
    await clock.advance(3000)
    stop.abort(new Error('SIGINT'))
    await clock.advance(0)
    expect(done.value).toMatchObject({ outcome: 'unknown', error: { message: 'interrupted' } })
  })

  test('meets foreign traffic is judged by its own answers', async () => {
    const busy: Answer = (request, dongle) => [
      block(4, 0, [1, 2, 3]),
      block(3, request.register, [1234], { inverter: 'DEMO000002' }),
      dataFrame(0x86, request.register + 1, [3]),
      dataFrame(6, request.register, [1, 2], { inverter: 'DEMO000002' }),
      ...obedient(request, dongle),
    ]
    const { write } = writing(busy)
    expect(await write(LIMIT)).toMatchObject({ outcome: 'written', after: 95 })
  })
})
