import { describe, expect, test } from 'vitest'
import { endpointText, parseEndpoint } from '../../src/core/endpoint.ts'
import { UsageError } from '../../src/core/errors.ts'

describe('an address', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7', 8000],
    ['192.0.2.7:4346', '192.0.2.7', 4346],
    ['inverter.lan:1', 'inverter.lan', 1],
    ['[2001:db8::7]:65535', '2001:db8::7', 65_535],
    ['[2001:db8::7]', '2001:db8::7', 8000],
    ['2001:db8::7', '2001:db8::7', 8000],
  ])('%s is host %s and port %i', (text, host, port) => {
    expect(parseEndpoint(text, 8000)).toEqual({ host, port })
    expect(parseEndpoint(endpointText({ host, port }), 1)).toEqual({ host, port })
  })

  test.each(['', ':8000', 'a b', 'host:', 'host:0', 'host:65536', 'host:x', '[]:80', '[::1'])(
    '%j is refused',
    text => void expect(() => parseEndpoint(text, 8000)).toThrow(UsageError),
  )
})
