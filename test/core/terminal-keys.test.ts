import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeyReader } from '../../src/core/terminal-keys.ts'

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
