import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TransportError } from '../../src/core/errors.ts'
import type { ByteInput } from '../../src/core/input.ts'
import { gunzipped } from '../../src/transport/gzip.ts'

/** An input that gives at most so many bytes at a time. */
function inputOf(bytes: Uint8Array, most: number): ByteInput {
  let at = 0
  return {
    name: 'packed',
    size: bytes.length,
    live: false,
    read: (into, from) => {
      const part = bytes.subarray(at, at + Math.min(most, into.length - from))
      into.set(part, from)
      at += part.length
      return part.length
    },
    close: () => {},
  }
}

/** All that can be read, and why no more can. */
async function unpacked(bytes: Uint8Array, most = 1000): Promise<{ text: string; error: unknown }> {
  const input = gunzipped(inputOf(bytes, most))
  const into = new Uint8Array(777)
  let text = ''
  try {
    for (;;) {
      const count = await input.read(into, 7)
      if (count === 0) return { text, error: undefined }
      text += Buffer.from(into.subarray(7, 7 + count)).toString('latin1')
    }
  } catch (error) {
    return { text, error }
  } finally {
    input.close()
  }
}

const LINES = Array.from({ length: 20_000 }, (_, i) => `(${i}.000000) can0 123#${(i * 7919).toString(16)}\n`).join('')

describe('a packed input', () => {
  test('gives what was packed, also of several members', async () => {
    const packed = Buffer.concat([gzipSync(LINES), gzipSync('end\n')])
    expect(await unpacked(packed)).toEqual({ text: `${LINES}end\n`, error: undefined })
    expect(await unpacked(gzipSync(''))).toEqual({ text: '', error: undefined })
  })

  test('is read whole though zeros fill it up', async () => {
    const packed = Buffer.concat([gzipSync(LINES), Buffer.alloc(9000)])
    expect(await unpacked(packed)).toEqual({ text: LINES, error: undefined })
  })

  test('with something else behind it is damaged there', async () => {
    const packed = Buffer.concat([gzipSync(LINES), Buffer.from('trailing text\n'.repeat(900))])
    const { text, error } = await unpacked(packed)
    expect(LINES.startsWith(text)).toBe(true)
    expect(text.length).toBeGreaterThan(LINES.length * 0.9)
    expect(error).toBeInstanceOf(TransportError)
  })

  test('that was cut loses only what stood behind the cut', async () => {
    const packed = gzipSync(LINES)
    const share = 0.6
    const { text, error } = await unpacked(packed.subarray(0, packed.length * share))
    expect(LINES.startsWith(text)).toBe(true)
    expect(text.length).toBeGreaterThan(LINES.length * (share - 0.1))
    expect(error).toBeInstanceOf(TransportError)
    expect((error as Error).message).toMatch(/^cannot unpack packed: /)
  })

  test('that is damaged anywhere gives the beginning and then an error, or all of it', async () => {
    const packed = gzipSync(LINES.slice(0, 60_000))
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Uint8Array.from(packed)
        damaged[at]! ^= change
        const { error } = await unpacked(damaged)
        expect(error === undefined || error instanceof TransportError).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})
