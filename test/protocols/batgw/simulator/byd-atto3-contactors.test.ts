import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bydAtto3 } from '../../../../src/protocols/batgw/batteries/byd-atto3/byd-atto3.ts'
import { withChecksum } from '../pack.ts'
import { type Play, Stage } from './stage.ts'

const CAPTURES = process.env['WATTZUP_CAPTURES']

/** What a car says in 12D, from the protocol page. */
const STATES = {
  standby: [0x50, 0x14, 0x02, 0x10, 0x04, 0x31],
  ack: [0x50, 0x18, 0x02, 0x20, 0x04, 0x31],
  close: [0xa0, 0x28, 0x02, 0xa0, 0x0c, 0x71],
  ready: [0xa0, 0x28, 0x00, 0x22, 0x0c, 0x31],
  shutdown: [0xa0, 0x28, 0x02, 0x60, 0x04, 0x31],
  between: [0xa0, 0x28, 0x00, 0x60, 0x04, 0x31],
}

const say = (state: keyof typeof STATES) => withChecksum('12D', [...STATES[state], 0xcf])
const link = (volts: number) => withChecksum('441', [0x98, 0x3a, 0x88, 0x13, volts & 0xff, volts >> 8, 0xff])

/** A flag whose bit 0 is another one: the checksum is wrong. */
const spoilt = (text: string) =>
  text.slice(0, -1) + (Number.parseInt(text.slice(-1), 16) ^ 1).toString(16).toUpperCase()

/** The first bytes of 344 in their order, each once until it changes. */
function feedback(stage: Stage): string[] {
  const bytes = stage.sent.filter(({ text }) => text.startsWith('344#')).map(({ text }) => text.slice(4, 6))
  return bytes.filter((byte, i) => byte !== bytes[i - 1])
}

function pack(play: Play = {}): Stage {
  return new Stage(bydAtto3, play)
}

/** A car says that for a while. */
function drive(stage: Stage, state: keyof typeof STATES, ms: number, volts = 422): Stage {
  return stage.advance(ms, () => stage.hear(say(state), link(volts)), 50)
}

describe('contactors of a pretended Atto 3 pack', () => {
  test('are open, precharge, close, and go into drive mode, as 344 says', () => {
    const stage = drive(pack().advance(500), 'close', 1150)
    drive(stage, 'ready', 500)
    expect(feedback(stage)).toEqual(['00', '42', '82', '86'])
    expect(stage.told).toEqual(['contactors precharging', 'contactors closed'])
  })

  test('stay in precharge while no voltage is behind them', () => {
    const stage = drive(pack(), 'close', 5000, 300)
    expect(feedback(stage).at(-1)).toBe('42')
    drive(stage, 'close', 300, 381) // 90 % of 422 V is 379.8 V
    expect(feedback(stage).at(-1)).toBe('82')
  })

  test('open a while after the car shuts down, also under the sequence of a car, and say so', () => {
    const stage = drive(drive(pack(), 'close', 1150), 'ready', 5000)
    drive(stage, 'shutdown', 1500)
    expect(feedback(stage).at(-1)).toBe('84')
    drive(stage, 'ack', 500)
    expect(feedback(stage).at(-1)).toBe('00')
    expect(stage.told.at(-1)).toBe('contactors open')
  })

  test('stay as they are in states that command nothing', () => {
    const stage = drive(drive(pack(), 'close', 1150), 'ready', 1000)
    drive(stage, 'ack', 5000) // as while a car charges
    drive(stage, 'between', 200)
    expect(feedback(stage)).toEqual(['00', '42', '82', '86', '84'])
    expect(stage.told.at(-1)).toBe('contactors closed')
  })

  test('change their mind when the command is taken back', () => {
    const stage = drive(drive(pack(), 'close', 1150), 'ready', 1000)
    drive(drive(stage, 'shutdown', 500), 'ready', 5000)
    expect(stage.told).toEqual(['contactors precharging', 'contactors closed'])
  })

  test('open when nobody commands them any more', () => {
    const stage = drive(drive(pack(), 'close', 1150), 'ready', 1000)
    stage.advance(10_000)
    expect(stage.told.at(-1)).toBe('contactors open')
  })

  test('heed no frame whose checksum is wrong, and none that is too short', () => {
    const close = pack().advance(3000, () => undefined)
    close.advance(3000, () => close.hear(spoilt(say('close')), say('close').slice(0, -2), link(422)), 50)
    expect(close.told).toEqual([])
    const linked = pack()
    linked.advance(3000, () => linked.hear(say('close'), spoilt(link(422))), 50)
    expect(linked.told).toEqual(['contactors precharging'])
    const open = drive(drive(pack(), 'close', 1150), 'ready', 1000)
    open.advance(3000, () => open.hear(say('ready'), spoilt(say('shutdown'))), 50)
    expect(open.told.at(-1)).toBe('contactors closed')
  })

  test('do what the scenario says of them instead', () => {
    const open = drive(pack({ set: { contactors: 'stay open' } }), 'close', 3000)
    expect(new Set(feedback(open).map(byte => Number.parseInt(byte, 16) & 0x80))).toEqual(new Set([0]))
    const closed = drive(pack({ set: { contactors: 'stay closed' } }), 'standby', 3000)
    expect(feedback(closed)).toEqual(['84'])
  })

  test('are open after a restart', () => {
    const stage = pack({ part: { events: [{ at: 5, restart: 2 }] } })
    drive(drive(stage, 'close', 1150), 'ready', 3500)
    expect(feedback(stage).at(-1)).toBe('86')
    stage.take()
    stage.advance(4000)
    expect(feedback(stage)).toEqual(['86', '00'])
    expect(stage.told.slice(-2)).toEqual(['switched off', 'switched on'])
  })

  test.skipIf(CAPTURES === undefined)(
    'follow a recording of a gateway that closed and opened those of a real pack',
    () => {
      const lines = readFileSync(join(CAPTURES!, 'batgw/atto3-close-run-15s.csv'), 'utf8').trim().split('\n').slice(1)
      const stage = pack({ set: { voltage: 415 } })
      const begin = stage.at
      for (const line of lines) {
        const [micros, id, , , , , ...bytes] = line.trim().split(',')
        const due = begin + Number(micros) / 1000 - 1000 // the first frame is at 1 s
        stage.advance(due - stage.at)
        stage.hear(`${id!.slice(-3)}#${bytes.join('')}`)
      }
      expect(stage.told).toEqual(['contactors precharging', 'contactors closed', 'contactors open'])
      const first = (byte: string) => stage.sent.find(({ text }) => text.startsWith(`344#${byte}`))!.at - begin
      const last = (byte: string) => stage.sent.findLast(({ text }) => text.startsWith(`344#${byte}`))!.at - begin
      // 441 shows what the real pack did: its voltage was there 0.85 s after the command, and fell 14.5 s after it
      expect(first('42')).toBeLessThanOrEqual(200)
      expect(first('82')).toBeGreaterThan(first('42'))
      expect(first('82')).toBeLessThan(1160) // the car went on to drive mode then
      expect(first('86')).toBeGreaterThan(1159)
      expect(last('84')).toBeGreaterThan(14_400)
      expect(last('84')).toBeLessThan(14_700)
      expect(feedback(stage).at(-1)).toBe('00')
    },
  )
})
