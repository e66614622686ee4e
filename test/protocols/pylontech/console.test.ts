import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { consoleAnswer, parseBat, parsePairs, parsePwr } from '../../../src/protocols/pylontech/console/answers.ts'
import { CAPTURES, needsCaptures, pylonCapture } from './decoding.ts'

/* Made-up consoles in the three kinds of header; figures all differ. */
const OLDEST = `pwr\r\r\n@\r\r
Power Volt   Curr   Tempr  Tlow   Thigh  Vlow   Vhigh  Base.St  Volt.St  Curr.St  Temp.St  Coulomb  Time                 B.V.St   B.T.St
1     49812  -3121  21500  19100  20300  3319   3324   Dischg   Normal   High     Low      64%      2026-03-01 10:00:01  Normal   Alarm
2     -      -      -      -      -      -      -      Absent   -        -        -        -        -                    -        -
Command completed successfully\r
$$
pylon>`

const NEWEST = `\xff\0pwr
@
Power Volt   Curr   Tempr  Tlow   Tlow.Id  Thigh  Thigh.Id Vlow   Vlow.Id  Vhigh  Vhigh.Id Base.St  Volt.St  Curr.St  Temp.St  Coulomb  Time                 B.V.St   B.T.St  MosTempr M.T.St   SysAlarm.St
1     49093  2358   16800  15100  12       16100  0        3272   13       3275   4        Charge   Normal   Normal   Normal   52%      2026-03-01 10:00:02  Normal   Normal  -        -        Normal
2     -      -      -      -      -      -      -      Absent   -        -        -        -        -                    -        -
Command completed successfully
$$`

describe('pwr', () => {
  test('is read by its header', () => {
    expect(parsePwr(OLDEST)).toEqual([
      {
        pack: 1,
        voltage: 49.812,
        current: -3.121,
        temperature: 21.5,
        temp_min: 19.1,
        temp_max: 20.3,
        cell_min: 3.319,
        cell_max: 3.324,
        base_state: 'Dischg',
        voltage_state: 'Normal',
        current_state: 'High',
        temp_state: 'Low',
        soc: 64,
        time: '2026-03-01 10:00:01',
        cell_voltage_state: 'Normal',
        cell_temp_state: 'Alarm',
      },
    ])
    const [pack, ...others] = parsePwr(NEWEST)
    expect(others).toEqual([])
    expect(pack).toMatchObject({ temp_min_at: 13, cell_min_at: 14, cell_max_at: 5, cell_max: 3.275, soc: 52 })
    expect(pack).toMatchObject({ time: '2026-03-01 10:00:02', alarm_state: 'Normal' })
    expect(pack).not.toHaveProperty('mosfet_temp')
  })

  test('of another family is nothing', () => {
    expect(parsePwr('pwr\n@\nIndex Volt\n1 2\n$$\n')).toEqual([])
    expect(parsePwr("Unknown command 'pwr' - try 'help'\n$$\n")).toEqual([])
  })
})

test('bat is read by the places of its titles, cells from 1', () => {
  const header =
    'Battery  Volt     Curr     Tempr    Base State   Volt. State  Curr. State  Temp. State  SOC          Coulomb'
  const row =
    '4        3337     -250     18300    Idle         Normal       High         Low          98%          71234 mAH'
  const cell = {
    cell: 5,
    voltage: 3.337,
    current: -0.25,
    temperature: 18.3,
    base_state: 'Idle',
    voltage_state: 'Normal',
    current_state: 'High',
    temp_state: 'Low',
    soc: 98,
    remaining_ah: 71.234,
  }
  expect(parseBat(`bat 1\n@\n${header}\n${row}\n$$\n`)).toEqual([cell])
  expect(parseBat(`bat 1\n@\n${header}      BAL\n${row}      Y\n$$\n`)).toEqual([{ ...cell, balancing: true }])
})

test('info and stat are pairs', () => {
  const text =
    'stat 2\r@\rDevice address   2\rSoft  version   : B66.6\rCYCLE Times     :       31\rPower: \rno pair\r$$\r'
  expect(parsePairs(text)).toEqual({ 'Device address': '2', 'Soft version': 'B66.6', 'CYCLE Times': '31', Power: '' })
})

test('an answer is complete when it says so', () => {
  expect(consoleAnswer(OLDEST).complete).toBe(true)
  expect(consoleAnswer(OLDEST.slice(0, -12)).complete).toBe(false)
  expect(consoleAnswer('x\n@\nInvalid command or fail to excute.\n$$\n').complete).toBe(false)
})

test.skipIf(CAPTURES === undefined)(`real consoles are read${needsCaptures}`, () => {
  const console = (name: string) => readFileSync(pylonCapture(`console/${name}`), 'latin1')
  // the values of the sample row in the protocol page
  expect(parsePwr(console('us3000c-pwr.txt'))[0]).toMatchObject({
    ...{ voltage: 49.939, current: -1.187, temperature: 22, temp_min: 19.7, temp_max: 20.2, cell_min: 3.328 },
    ...{ cell_max: 3.33, base_state: 'Dischg', soc: 91, mosfet_temp: 20.7, time: '2023-09-21 17:59:01' },
  })
  expect(parsePwr(console('us3000c-pwr.txt'))).toHaveLength(3)
  expect(parsePwr(console('us5000-pwr-newfw.txt')).map(pack => [pack['soc'], pack['cell_min_at']])).toEqual([
    [52, 14],
    [51, 1],
    [53, 1],
  ])
  const cells = parseBat(console('us3000-bat-1-balancing.txt'))
  expect(cells.map(cell => cell['balancing'])).toEqual([true, false, true, false, true, true, false, true, false])
  expect(parseBat(console('us3000c-bat-1.txt'))).toHaveLength(15)
})
