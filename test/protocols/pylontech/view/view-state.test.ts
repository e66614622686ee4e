import { describe, expect, test } from 'vitest'
import { readStack } from '../../../../src/protocols/pylontech/view/read-stack.ts'
import { INITIAL, pressed, type ViewState } from '../../../../src/protocols/pylontech/view/view-state.ts'
import { NOW, snapshotOf } from './snapshots.ts'

describe('the view', () => {
  const { modules } = readStack(snapshotOf(12), NOW)
  const seen = { modules, scrollMax: 8, page: 4 }
  const viewAfter = (...keys: readonly string[]) =>
    keys.reduce<ViewState>((state, key) => pressed(state, key, seen) as ViewState, INITIAL)

  test.each([
    ['q', 'quit'],
    ['ctrl-c', 'quit'],
    ['r', 'repaint'],
    ['ctrl-l', 'repaint'],
    ['ctrl-z', 'suspend'],
  ])('%s asks to %s', (key, action) => {
    expect(pressed(INITIAL, key, seen)).toBe(action)
  })

  test('changes with its keys, and back', () => {
    expect(viewAfter('p').paused).toBe(true)
    expect(viewAfter('p', 'p').paused).toBe(false)
    expect([viewAfter('?').pane, viewAfter('h').pane, viewAfter('?', '?').pane, viewAfter('l').pane]).toEqual([
      'help',
      'help',
      'stack',
      'changes',
    ])
    expect(viewAfter('a').alarmsOnly).toBe(true)
    expect([viewAfter('s').order, viewAfter('s', 's', 's', 's').order]).toEqual(['SOC', 'address'])
    expect([viewAfter('m').metric, viewAfter('M').metric, viewAfter('m', 'M').metric]).toEqual([
      'current',
      'temperature',
      'power',
    ])
    expect([viewAfter('w').window, viewAfter('w', 'w', 'w').window]).toEqual([1, 0])
    expect(viewAfter('t').summary).toBe(false)
  })

  test('scrolls within what there is', () => {
    expect(viewAfter('up').scroll).toBe(0)
    expect(viewAfter('down', 'j', 'k').scroll).toBe(1)
    expect(viewAfter('pagedown', 'pagedown', 'pagedown').scroll).toBe(8)
    expect(viewAfter('end', 'pageup').scroll).toBe(4)
    expect(viewAfter('end', 'home').scroll).toBe(0)
  })

  test('zooms to a module by its number, and goes round from it', () => {
    expect(viewAfter('3')).toMatchObject({ pane: 'module', zoomed: '4' }) // by its address
    expect(viewAfter('1', 'left').zoomed).toBe('13')
    expect(viewAfter('9', 'right', 'right', 'right', 'right').zoomed).toBe('2')
    expect(viewAfter('3', 'escape').pane).toBe('stack')
    expect(pressed(INITIAL, '9', { ...seen, modules: modules.slice(0, 2) })).toBe(INITIAL)
  })

  test('stays as it is at keys that mean nothing', () => {
    for (const key of ['x', 'é', 'enter']) expect(pressed(INITIAL, key, seen)).toEqual(INITIAL)
  })
})
