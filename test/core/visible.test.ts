import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visible } from '../../src/core/visible.ts'

describe('text from elsewhere', () => {
  test('cannot move anything on the screen', () => {
    expect(visible('\u001b[2Jok\u0007\r\n', 40)).toBe('?[2Jok???')
    expect(visible('é°ñ Ж', 40)).toBe('é°ñ Ж')
    expect(visible('世界 👍 e\u0301 \u202e', 40)).toBe('?? ? e? ?')
    expect(visible('x'.repeat(100), 40)).toHaveLength(40)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, longest) => {
        const shown = visible(text, longest)
        return shown.length <= longest && !/[\p{C}\p{M}\p{Zl}\p{Zp}]/u.test(shown)
      }),
    )
  })
})
