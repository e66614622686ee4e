import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyReader } from '../../src/view/keys.ts'
import { readStack } from '../../src/view/read-stack.ts'
import { INITIAL, pressed, type ViewState } from '../../src/view/view-state.ts'
import { NOW, snapshotOf } from './snapshots.ts'

const keysOf = (...parts: readonly string[]) => {
  const reader = new KeyReader()
  return parts.flatMap(part => reader.push(part))
}

describe('keys', () => {
  test.each([
    ['q', ['q']],
    ['\u001b[A\u001b[B\u001b[C\u001b[D', ['up', 'down', 'right', 'left']],
    ['\u001bOA\u001bOB', ['up', 'down']], // a terminal in application mode
    ['\u001b[5~\u001b[6~\u001b[H\u001b[F\u001b[1~\u001b[4~', ['pageup', 'pagedown', 'home', 'end', 'home', 'end']],
    ['\u001b[1;5A', ['up']], // with Ctrl held
    ['\u0003\u000c\u001a\r', ['ctrl-c', 'ctrl-l', 'ctrl-z', 'enter']],
    ['\u001b', ['escape']],
    ['\u001bq', ['q']], // with Alt held
    ['\u001b[200~', []],
  ])('%j are %j', (text, keys) => {
    expect(keysOf(text)).toEqual(keys)
  })

  test('that come in parts over a slow line mean nothing else', () => {
    expect(keysOf('\u001b', '[', '5', '~', 'q').filter(key => key !== 'escape')).toEqual(['pageup', 'q'])
    expect(keysOf('\u001b', '[A')).toEqual(['escape', 'up'])
  })

  test('of any kind never pile up', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), parts => {
        const reader = new KeyReader()
        for (const part of parts) reader.push(part)
        reader.push('x'.repeat(40))
        return reader.push('q').join() === 'q'
      }),
    )
  })
})

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
