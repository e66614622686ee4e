import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { ClosedPipe } from '../../src/core/errors.ts'
import { type FakeIo, fakeIo } from '../fake-io.ts'
import { LiveWorld } from '../live-world.ts'
import { block, bytesOf, DATALOG, dataFrame, INVERTER } from '../protocols/lxp/build-frame.ts'
import { echo, HELLO, obedient, refusal } from '../protocols/lxp/fake-dongle.ts'
import { until } from '../until.ts'
import { SimulatedDongle } from './simulated-dongle.ts'
import { type TcpAnswer, TcpDongle } from './tcp-dongle.ts'

const OTHER = 'DEMO000002'
const KNOWN = ['--datalog', DATALOG, '--inverter', INVERTER, '--model', '12kpv']
const hello = () => [HELLO]

function start({ clock }: LiveWorld, { address }: Pick<TcpDongle, 'address'>, args: readonly string[]) {
  const io = fakeIo(['modbus', 'write', address, ...args], { clock })
  return { io, done: main(io) }
}

async function write(world: LiveWorld, dongle: Pick<TcpDongle, 'address'>, args: readonly string[]) {
  const { io, done } = start(world, dongle, args)
  return { io, code: await world.while(done) }
}

/** Answers reads as they should be, and writes as a test wants. */
function onWrite(answer: TcpAnswer): TcpAnswer {
  return (request, self) => (request.code === 3 ? obedient(request, self) : answer(request, self))
}

const writesOf = ({ heard }: TcpDongle) => heard.filter(([code]) => code !== 3)

describe('modbus write', () => {
  test('reads, writes once, reads back, and says what was and is', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.hold.set(67, 80)
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--write', ...KNOWN])
    expect(dongle.heard).toEqual([
      [3, 67, 1],
      [6, 67, 95],
      [3, 67, 1],
    ])
    expect([code, io.stdout]).toEqual([0, 'ac_charge_soc_limit: 80 % -> 95 %, written and read back\n'])
  })

  test('writes several settings in their order, switches bit by bit', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.hold.set(21, 0x0200).set(66, 30)
    const settings = ['ac_charge_power=4.5', 'ac_charge_start_1=23:30', 'function_enable_ac_charge_enable=on']
    const { code, io } = await write(world, dongle, [...settings, '--write', ...KNOWN])
    expect(writesOf(dongle)).toEqual([
      [6, 66, 45],
      [6, 68, 0x1e17],
      [6, 21, 0x0280],
    ])
    expect([code, io.stdout.split('\n')]).toEqual([
      0,
      [
        'ac_charge_power: 3 kW -> 4.5 kW, written and read back',
        'ac_charge_start_1: 00:00 -> 23:30, written and read back',
        'function_enable_ac_charge_enable: off -> on, written and read back',
        '',
      ],
    ])
  })

  test('learns the serial numbers and the model from the dongle, and says to whom it writes', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: hello })
    dongle.registers.hold.set(19, 12) // an LXP-EU, whose power is in percent
    const { code, io } = await write(world, dongle, ['ac_charge_power=50', '--write'])
    expect(dongle.heard[0]).toEqual([3, 19, 1])
    expect(writesOf(dongle)).toEqual([[6, 66, 50]])
    expect(code).toBe(0)
    expect(io.stderr).toContain(`${dongle.address}: inverter ${INVERTER}\n`)
  })

  test('sends nothing where all is as wanted', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.hold.set(67, 95)
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--write', ...KNOWN])
    expect([code, io.stdout, writesOf(dongle)]).toEqual([
      0,
      'ac_charge_soc_limit: it is 95 % already, nothing was sent\n',
      [],
    ])
  })

  test('prints a line of JSON for each setting', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--write', '--json', ...KNOWN])
    const bytes = dataFrame(6, 67, [95, 0], { protocol: 1, address: 0 }).toString('hex') // by another encoder
    const line = {
      inverter: INVERTER,
      name: 'ac_charge_soc_limit',
      register: 67,
      unit: '%',
      before: 0,
      wanted: 95,
      bytes,
    }
    expect(JSON.parse(io.stdout)).toEqual({ ...line, outcome: 'written', after: 95 })
  })

  test('sets the clock to the time of the zone, in one write', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { code, io } = await write(world, dongle, ['clock=now', '--tz', '+02:00', '--write', ...KNOWN])
    expect([code, writesOf(dongle)]).toEqual([0, [[16, 12, 3]]])
    expect(dongle.registers.hold.get(12)).toBe(0x031a)
    expect(dongle.registers.hold.get(13)).toBe(0x0c01) // 10 o'clock in UTC
    expect(io.stdout).toMatch(/^clock: - -> 2026-03-01T12:00:0\d, written and read back\n$/)
  })

  test('warns loudly of what only --force permits, and does it', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.hold.set(21, 0x0200)
    const { code, io } = await write(world, dongle, ['function_enable_power_on=off', '--write', '--force', ...KNOWN])
    expect([code, writesOf(dongle)]).toEqual([0, [[6, 21, 0]]])
    expect(io.stderr).toMatch(/^wattzup: DANGER: .*--force: function_enable_power_on=off\n/)
  })
})

describe('modbus write --dry-run', () => {
  test('shows the exact bytes and sends requests to read, and no other', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.hold.set(67, 80)
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--dry-run', ...KNOWN])
    expect(dongle.heard).toEqual([[3, 67, 1]])
    const hex = dataFrame(6, 67, [95, 0], { protocol: 1, address: 0 })
      .toString('hex')
      .replace(/..(?=.)/g, '$& ')
    expect([code, io.stdout]).toEqual([0, `ac_charge_soc_limit: 80 % -> 95 %, not sent: ${hex}\n`])
  })

  test('wins over --write', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { code } = await write(world, dongle, ['ac_charge_soc_limit=95', '--dry-run', '--write', ...KNOWN])
    expect([code, writesOf(dongle)]).toEqual([0, []])
  })

  test('shows the bytes that would be sent after what stands before', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    dongle.registers.hold.set(21, 0x0200).set(105, 20)
    const settings = ['function_enable_ac_charge_enable=on', 'function_enable_charge_priority_enable=on']
    const caps = ['discharge_cutoff_soc=40', 'eps_discharge_cutoff_soc=35']
    const args = [...settings, ...caps, '--json', ...KNOWN]
    const dry = await write(world, dongle, [...args, '--dry-run'])
    const real = await write(world, dongle, [...args, '--write'])
    const bytes = (io: FakeIo) =>
      io.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).bytes)
    expect([dry.code, real.code, bytes(dry.io)]).toEqual([0, 0, bytes(real.io)])
    expect(dongle.registers.hold.get(21)).toBe(0x0a80)
  })
})

describe('modbus write does nothing', () => {
  test.each<[string, string[], string]>([
    [
      'without --write',
      ['ac_charge_soc_limit=95'],
      'nothing is written without --write; --dry-run shows what would be sent',
    ],
    ['without a setting', ['--write'], 'say where and what: modbus write HOST NAME=VALUE...; --list shows the names'],
    ['beyond the limits', ['ac_charge_soc_limit=102', '--write'], 'ac_charge_soc_limit may be 0% to 101%'],
    ['for what is measured', ['soc=50', '--write'], 'soc is measured, not a setting'],
    [
      'for what is dangerous',
      ['function_enable_power_on=off', '--write'],
      'function_enable_power_on (hold 21) can damage the device or cut it off; it is written only with --force',
    ],
    [
      'when one of several is wrong',
      ['ac_charge_soc_limit=95', 'quick_charge_minutes=5', '--write', '--force'],
      'quick_charge_minutes (hold 234) is not among the settings that may be written',
    ],
    ['for a name that stands twice', ['clock=now', 'clock=now', '--write'], 'clock is named twice'],
    [
      'for no NAME=VALUE',
      ['ac_charge_soc_limit', '--write'],
      'ac_charge_soc_limit: write NAME=VALUE, such as ac_charge_soc_limit=95',
    ],
  ])('%s', async (_, args, text) => {
    const io = fakeIo(['modbus', 'write', '127.0.0.1:1', ...args]) // nothing listens there: it is not even dialled
    expect([await main(io), io.stdout, io.stderr]).toEqual([2, '', `wattzup: ${text}\n`])
  })

  test('when one of several settings is not for this model', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: hello })
    dongle.registers.hold.set(19, 2092)
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', 'ac_charge_power=50', '--write'])
    expect([code, dongle.heard]).toEqual([2, [[3, 19, 1]]])
    expect(io.stdout.split('\n')).toEqual([
      'ac_charge_soc_limit: not sent: ac_charge_power may be 0 kW to 10 kW',
      'ac_charge_power: not sent: ac_charge_power may be 0 kW to 10 kW',
      '',
    ])
  })

  test('when it cannot choose between inverters', async () => {
    const world = new LiveWorld()
    const greeting = () => [HELLO, block(4, 0, [1], { inverter: OTHER })]
    await using dongle = await TcpDongle.open(world, { greeting })
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--write'])
    expect([code, dongle.heard]).toEqual([2, []])
    expect(io.stderr).toContain(`speaks of several inverters, ${INVERTER}, ${OTHER}; choose with --inverter\n`)
  })

  test('when the dongle tells no serial numbers in time', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--write', '--timeout', '30'])
    expect([code, dongle.heard]).toEqual([3, []])
    expect(io.stderr).toContain('within 30 s; say --datalog and --inverter')
  })

  test('when nothing listens, and when what is there cannot be read', async () => {
    const world = new LiveWorld()
    const absent = await TcpDongle.open(world)
    await absent[Symbol.asyncDispose]()
    const refused = await write(world, absent, ['ac_charge_soc_limit=95', '--write', ...KNOWN])
    expect([refused.code, refused.io.stderr]).toEqual([1, expect.stringContaining('connection refused')])
    await using silent = await TcpDongle.open(world, { answer: () => [] })
    const { code, io } = await write(world, silent, ['ac_charge_soc_limit=95', '--write', ...KNOWN])
    expect([code, silent.heard.length]).toEqual([3, 2])
    expect(io.stdout).toMatch(/^ac_charge_soc_limit: not sent: no answer from .* to hold 67 within 10 s\n$/)
  })
})

describe('modbus write, when something goes wrong,', () => {
  const attempt = async (answer: TcpAnswer, settings: readonly string[] = ['ac_charge_soc_limit=95']) => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { answer })
    dongle.registers.hold.set(67, 80)
    const { code, io } = await write(world, dongle, [...settings, '--write', ...KNOWN])
    return { code, io, lines: io.stdout.trim().split('\n'), writes: writesOf(dongle), dongle }
  }

  test('reads back what lost its echo, and does not send it again', async () => {
    const arrived = await attempt(
      onWrite((request, self) => {
        obedient(request, self)
        return []
      }),
    )
    expect([arrived.code, arrived.writes.length]).toEqual([0, 1])
    expect(arrived.lines).toEqual(['ac_charge_soc_limit: 80 % -> 95 %, not answered, but it reads back as wanted'])
    const lost = await attempt(onWrite(() => []))
    expect([lost.code, lost.writes.length]).toEqual([1, 1])
    expect(lost.lines).toEqual([
      'ac_charge_soc_limit: not written: no answer came, and it reads back as 80 %; it was not sent again',
    ])
  })

  test('says that the inverter refused, and leaves what comes after it alone', async () => {
    const settings = ['ac_charge_soc_limit=95', 'ac_charge_start_soc=30']
    const { code, lines, writes } = await attempt(
      onWrite(request => [refusal(request, 3)]),
      settings,
    )
    expect([code, writes]).toEqual([1, [[6, 67, 95]]])
    expect(lines).toEqual([
      `ac_charge_soc_limit: not written: ${INVERTER} refuses write of hold 67: illegal_data_value (3)`,
      'ac_charge_start_soc: not sent: one before it failed',
    ])
  })

  test('says that the echo is another one, and that it reads back otherwise', async () => {
    const wrong = await attempt(
      onWrite((request, self) => {
        obedient(request, self)
        return [dataFrame(6, request.register, [90, 0])]
      }),
    )
    expect([wrong.code, wrong.lines]).toEqual([1, [expect.stringContaining('it reads back as 95 %, or was answered')]])
    const forgotten = await attempt(onWrite(request => [echo(request)]))
    expect([forgotten.code, forgotten.lines]).toEqual([
      1,
      [expect.stringContaining('95 % was sent, but it reads back as 80 %')],
    ])
  })

  test('reads back over a new connection what was sent over one that was lost, and goes on', async () => {
    let lost = false
    const settings = ['ac_charge_soc_limit=95', 'ac_charge_start_soc=30']
    const { code, io, lines, writes, dongle } = await attempt(
      onWrite((request, self) => {
        const answer = obedient(request, self)
        if (lost) return answer
        lost = true
        self.end.reset?.()
        return []
      }),
      settings,
    )
    expect([code, dongle.connections.length]).toEqual([0, 2])
    expect(writes).toEqual([
      [6, 67, 95],
      [6, 160, 30],
    ])
    expect(lines).toEqual([
      'ac_charge_soc_limit: 80 % -> 95 %, not answered, but it reads back as wanted',
      'ac_charge_start_soc: 0 % -> 30 %, written and read back',
    ])
    expect(io.stderr).toMatch(/connection was reset; connecting again in 1 s, to read back what was sent/)
  })

  test('finds over a new connection that what was sent did not arrive, and does not send it again', async () => {
    let lost = false
    const { code, lines, writes } = await attempt(
      onWrite((request, self) => {
        if (!lost) self.end.reset?.()
        else return obedient(request, self)
        lost = true
        return []
      }),
    )
    expect([code, writes.length]).toEqual([1, 1])
    expect(lines).toEqual([expect.stringContaining('not written: no answer came, and it reads back as 80 %')])
  })

  test('gives up when the dongle does not come back, and says that it is not known', async () => {
    const world = new LiveWorld()
    const answer = onWrite((_, self) => {
      self.end.reset?.()
      void dongle[Symbol.asyncDispose]()
      return []
    })
    const dongle = await TcpDongle.open(world, { answer })
    const args = ['ac_charge_soc_limit=95', 'ac_charge_start_soc=30', '--write', ...KNOWN]
    const { code, io } = await write(world, dongle, args)
    expect([code, writesOf(dongle).length]).toEqual([1, 1])
    expect(io.stderr.match(/connecting again/g)).toHaveLength(5)
    expect(io.stdout).toMatch(
      /^ac_charge_soc_limit: 0 % -> 95 % was sent; whether it was written is not known: cannot connect/,
    )
    expect(io.stdout).toMatch(/ac_charge_start_soc: not sent: cannot connect to .*: connection refused/)
  })

  test('says when it is interrupted what is not known', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { answer: onWrite(() => []) })
    const { io, done } = start(world, dongle, ['ac_charge_soc_limit=95', 'clock=now', '--write', ...KNOWN])
    await world.while(until(() => writesOf(dongle).length === 1))
    io.abort()
    expect(await world.while(done)).toBe(1)
    expect(io.stdout).toBe(
      'ac_charge_soc_limit: 0 % -> 95 % was sent; whether it was written is not known: interrupted\n' +
        'clock: not sent: one before it failed\n',
    )
  })

  test('does all that it was told when nobody reads what it prints', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world)
    const args = [
      'modbus',
      'write',
      dongle.address,
      'ac_charge_soc_limit=95',
      'ac_charge_start_soc=30',
      '--write',
      ...KNOWN,
    ]
    const io = fakeIo(args, { clock: world.clock })
    io.out.write = () => {
      throw new ClosedPipe()
    }
    expect([await world.while(main(io)), writesOf(dongle).length]).toEqual([0, 2])
  })

  test('says that a dongle sends no frames', async () => {
    const world = new LiveWorld()
    await using dongle = await TcpDongle.open(world, { greeting: () => [Buffer.alloc(60, 0x5a)] })
    const { code, io } = await write(world, dongle, ['ac_charge_soc_limit=95', '--write', '--timeout', '5'])
    expect([code, io.stderr]).toEqual([3, expect.stringContaining('the newest dongles encrypt what they say')])
  })

  test('is not confused by what others write and are told', async () => {
    const { code, lines } = await attempt((request, self) => [
      block(3, request.register, [12], { inverter: OTHER }),
      dataFrame(0x86, request.register + 1, [3]),
      dataFrame(6, request.register, bytesOf([1]), { inverter: OTHER }),
      ...obedient(request, self),
    ])
    expect([code, lines]).toEqual([0, ['ac_charge_soc_limit: 80 % -> 95 %, written and read back']])
  })
})

describe('modbus write --list', () => {
  const list = async (...args: readonly string[]) => {
    const io = fakeIo(['modbus', 'write', '--list', ...args])
    expect(await main(io)).toBe(0)
    return io.stdout
  }

  test('shows the safe settings of a model with their limits', async () => {
    const text = await list('--model', '12kpv')
    expect(text).toMatch(/^ac_charge_power +66 {2}0 to 10 kW$/m)
    expect(text).toMatch(/^eps_discharge_cutoff_soc +125 {2}0 to 90 %, at most discharge_cutoff_soc$/m)
    expect(text).toMatch(/^function_enable_ac_charge_enable +21 {2}on, off$/m)
    expect(text).not.toMatch(/power_on|DANGEROUS|grid_volt/)
  })

  test('shows where models differ', async () => {
    const text = await list()
    expect(text).toMatch(/^ac_charge_power +66 {2}0 to 100 % +lxp$/m)
    expect(text).toMatch(/^ac_charge_power +66 {2}0 to 10 kW +hybrid, offgrid$/m)
    expect(text).toMatch(/^ac_charge_soc_limit +67 {2}0 to 101 % +all$/m)
  })

  test('shows dangerous ones with --force', async () => {
    expect(await list('--force')).toMatch(/^function_enable_power_on +21 {2}on, off +all +DANGEROUS$/m)
  })

  test('is a document with --json', async () => {
    const rows: { name: string }[] = JSON.parse(await list('--model', 'lxp', '--json'))
    expect(rows.find(({ name }) => name === 'ac_charge_end_soc')).toEqual({
      ...{ name: 'ac_charge_end_soc', label: 'AC Charge End SOC', models: ['lxp'], register: 161, count: 1 },
      ...{ unit: '%', type: 'number', min: 20, max: 100, step: 1 },
    })
  })

  test('asks no dongle', async () => {
    const io = fakeIo(['modbus', 'write', '127.0.0.1', '--list'])
    expect([await main(io), io.stderr]).toEqual([2, 'wattzup: --list asks no dongle: leave the host out\n'])
  })
})

test('what is said to be written is in the inverter, whatever its connection does', async () => {
  const world = new LiveWorld()
  const faults = 'split=0.3,glue=0.3,garbage=0.2,foreign=0.3,drop=0.1,corrupt=0.1,exception=0.05,reset=0.05'
  const dongle = await SimulatedDongle.start(world, '--faults', faults, '--seed', '11')
  const outcomes = new Set<string>()
  const set = async (limit: number, how: string) => {
    const known = ['--datalog', 'DEMODONGLE', '--inverter', 'DEMO000001', '--json']
    const { io, code } = await write(world, dongle, [`ac_charge_soc_limit=${limit}`, how, ...known])
    const result: { outcome: string; before?: number } = io.stdout === '' ? {} : JSON.parse(io.stdout)
    return { code, ...result }
  }
  for (let limit = 50; limit < 70; limit++) {
    const { code, outcome } = await set(limit, '--write')
    outcomes.add(outcome)
    expect(code === 0).toBe(['written', 'written_unanswered'].includes(outcome))
    let now = await set(limit, '--dry-run')
    while (now.before === undefined) now = await set(limit, '--dry-run')
    if (code === 0) expect(now).toMatchObject({ outcome: 'unchanged', before: limit })
    if (outcome === 'not_written' || outcome === 'not_sent') expect(now.before).not.toBe(limit)
  }
  await dongle.stop()
  expect([...outcomes]).toEqual(expect.arrayContaining(['written', 'written_unanswered', 'not_sent']))
}, 60_000)
