import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { fakeIo } from '../fake-io.ts'
import { ManualClock } from '../manual-clock.ts'
import { BusWatch } from '../transport/can/bus-watch.ts'

/** Sends frames on a bus of this program; what is heard on it. */
async function send(...args: readonly string[]) {
  const clock = new ManualClock()
  const network = localNetwork(clock)
  const io = fakeIo(['can', 'send', 'virtual:x', ...args], { clock, network })
  await using bus = await network.openCan({ kind: 'virtual', name: 'x' }, { random: () => 0.5 }, io.signal)
  const { heard } = new BusWatch(bus)
  const code = await main(io)
  await clock.advance(0)
  return { heard, code, io }
}

describe('can send', () => {
  test('takes every notation of cansend', async () => {
    const { heard, code, io } = await send(
      ...['123#DEADBEEF', '123#', '123#11.22.33', '18FF50E5#a1b2c3', '00000123#01', '123#R', '123#R4', '123#r8'],
      ...['456##0AA', '456##1000102030405060708090A0B', '456##3112233445566778899'],
    )
    expect(heard).toEqual([
      ...['123#DEADBEEF', '123#', '123#112233', '18FF50E5#A1B2C3', '00000123#01', '123#R', '123#R4', '123#R8'],
      // the last one is filled up to 12 bytes, the next length that CAN FD has
      ...['456##0AA', '456##1000102030405060708090A0B', '456##3112233445566778899000000'],
    ])
    expect([code, io.stdout, io.stderr]).toEqual([0, '', ''])
  })

  test('prints what it would send and transmits nothing with --dry-run, on buses that do not exist too', async () => {
    const { heard, code, io } = await send('123#dead', '456##1A1', '--dry-run')
    expect([heard, code, io.stdout]).toEqual([[], 0, 'x 123#DEAD\nx 456##1A1\n'])
    const other = fakeIo(['can', 'send', 'can0', '123#R', '--dry-run'])
    expect([await main(other), other.stdout]).toEqual([0, 'can0 123#R\n'])
  })

  test.each([
    ...['123', '12#00', '800#00', '123#0', '123#001122334455667788', '123#0G', '123##', '123##g00', '20000000#00'],
    ...['123#00 11', '123#R16', `123##0${'00'.repeat(65)}`, ''],
  ])('%j is no frame', async text => {
    const { heard, code, io } = await send('123#00', text)
    expect([heard, code]).toEqual([[], 2])
    expect(io.stderr).toMatch(/is no frame; write 123#DEADBEEF|is an error frame/)
  })

  test('error frames are for nobody to send', async () => {
    const { code, io } = await send('20000088#0000')
    expect(code).toBe(2)
    expect(io.stderr).toContain('is an error frame: nobody sends those')
  })

  test('nothing can be sent to a recording', async () => {
    const io = fakeIo(['can', 'send', 'file:a.log', '123#00'])
    expect([await main(io), io.stderr]).toEqual([
      ...[2, 'wattzup: file:a.log is a recording: nothing can be sent there\n'],
    ])
  })

  test('says why an interface cannot be opened', async () => {
    const io = fakeIo(['can', 'send', 'nocan7', '123#00'])
    expect(await main(io)).toBe(1)
    expect(io.stderr).toMatch(/^wattzup: cannot open nocan7: .+\n$/)
  })
})
