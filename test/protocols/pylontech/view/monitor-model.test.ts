import { describe, expect, test } from 'vitest'
import type { Values } from '../../../../src/core/values.ts'
import { WHOLE } from '../../../../src/protocols/pylontech/view/curve.ts'
import { MonitorModel } from '../../../../src/protocols/pylontech/view/monitor-model.ts'
import { isStale } from '../../../../src/protocols/pylontech/view/stack.ts'
import { NO_ALARM, NOW, pack, snapshotOf } from './snapshots.ts'

const modelOf = (change = {}) => new MonitorModel({ source: 'test', intervalMs: 10_000, ...change })
const updated = (at: number, change: Values = {}) =>
  snapshotOf([pack(1, { updated_at: new Date(at).toISOString(), ...change })])
const staleIn = (model: MonitorModel, now: number) =>
  model.stack!.modules.map(module => isStale(module, now, model.staleAfterMs))

describe('what a monitor knows', () => {
  test('is old when three new values should have come', () => {
    const model = modelOf()
    model.take(updated(NOW), NOW)
    expect(staleIn(model, NOW + 30_000)).toEqual([false])
    expect(staleIn(model, NOW + 30_001)).toEqual([true])
  })

  test('is old later where the source itself is slower, and one outage is no pace', () => {
    const model = modelOf()
    for (const seconds of [0, 60, 120, 600, 660]) model.take(updated(NOW + seconds * 1000), NOW + seconds * 1000)
    expect(model.staleAfterMs).toBe(180_000)
  })

  test('is old when the user says so', () => {
    expect(modelOf({ staleAfterMs: 5000 }).staleAfterMs).toBe(5000)
  })

  test('remembers a value once, however often the same document is read', () => {
    const model = modelOf()
    model.take(updated(NOW, { current: 1 }), NOW)
    for (let i = 0; i < 5; i++) model.take(updated(NOW, { current: 1 }), NOW + i)
    model.take(updated(NOW + 500, { current: 4 }), NOW + 500)
    const request = { metric: 'current', window: 0, now: NOW + 500, columns: 10, holdMs: 0 } as const
    expect(model.history.curve('2', request).at(-1)).toBe(2.5) // the mean of two, not of seven
    expect(model.history.curve(WHOLE, request).at(-1)).toBe(2.5)
  })

  test('tells what begins to be wrong, once', () => {
    const model = modelOf()
    const bad = { alarm: { ...NO_ALARM, status1: 0x02, cells: [1] } }
    expect(model.take(updated(NOW), NOW)).toBe(false)
    expect(model.take(updated(NOW, bad), NOW + 1000)).toBe(true)
    expect(model.take(updated(NOW, bad), NOW + 2000)).toBe(false)
    expect(model.take(updated(NOW), NOW + 3000)).toBe(false)
    expect(model.content.changes.map(({ what, begins }) => `${begins ? '+' : '-'}${what}`)).toEqual([
      ...['+CELL_UV', '+cell 1 low', '-CELL_UV', '-cell 1 low'],
    ])
  })

  test('tells when a module is not heard any more, also when nothing comes at all', () => {
    const model = modelOf()
    model.take(updated(NOW), NOW)
    expect(model.tick(NOW + 10_000)).toBe(false)
    expect(model.tick(NOW + 60_000)).toBe(true)
    expect(model.content.changes).toMatchObject([{ what: 'no answer', begins: true, module: 1 }])
  })

  test('keeps the last hundred changes', () => {
    const model = modelOf()
    for (let i = 0; i < 300; i++) model.take(updated(NOW, { alarm: { ...NO_ALARM, status1: i % 2 } }), NOW + i)
    expect(model.content.changes).toHaveLength(100)
    expect(model.content.changes.at(-1)).toMatchObject({ at: NOW + 299, what: 'OV', begins: true })
  })

  test('is no longer in trouble when something comes', () => {
    const model = modelOf()
    model.complain('the file\u001b[2J is gone')
    expect(model.content.problem).toBe('the file?[2J is gone')
    model.take(updated(NOW), NOW)
    expect(model.content.problem).toBeUndefined()
  })
})
