import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isWattzupError } from '../../../src/core/errors.ts'
import { brokerText, parseBrokerUrl, parseCredentials } from '../../../src/sinks/mqtt/broker-address.ts'

describe('the URL of a broker', () => {
  test.each([
    ['mqtt://host', 'mqtt', 'host', 1883, ''],
    ['mqtts://Host.example/', 'mqtts', 'Host.example', 8883, ''],
    ['ws://host', 'ws', 'host', 80, '/'],
    ['wss://host/mqtt?token=1', 'wss', 'host', 443, '/mqtt?token=1'],
    ['mqtt://192.0.2.7:11883', 'mqtt', '192.0.2.7', 11883, ''],
    ['mqtt://[2001:db8::1]:1884', 'mqtt', '2001:db8::1', 1884, ''],
    ['ws://[::1]:9001/mqtt', 'ws', '::1', 9001, '/mqtt'],
  ])('%s', (text, protocol, host, port, path) => {
    expect(parseBrokerUrl(text)).toEqual({ protocol, host, port, path })
  })

  test('has user and password percent-decoded', () => {
    expect(parseBrokerUrl('mqtt://so%20lar:p%40ss%3A%2F%25@host').credentials).toEqual({
      username: 'so lar',
      password: 'p@ss:/%',
    })
    expect(parseBrokerUrl('mqtt://solar@host').credentials).toEqual({ username: 'solar' })
  })

  test('is shown without credentials and without path', () => {
    expect(brokerText(parseBrokerUrl('wss://solar:secret@host/mqtt?token=secret'))).toBe('wss://host:443')
    expect(brokerText(parseBrokerUrl('mqtt://[::1]'))).toBe('mqtt://[::1]:1883')
  })

  test('that is anything else is refused in a line that does not quote it', () => {
    const text = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.string().map(rest => `mqtt://${rest}`),
    )
    fc.assert(
      fc.property(text, url => {
        try {
          parseBrokerUrl(url)
        } catch (error) {
          expect(isWattzupError(error)).toBe(true)
          expect((error as Error).message).toMatch(/^--mqtt: [^\n]+$/)
        }
      }),
    )
  })
})

test('a password survives a file whatever is in it', () => {
  const word = fc.stringMatching(/^[^\r\n]{1,20}$/)
  fc.assert(
    fc.property(word, word, (username, password) => {
      expect(parseCredentials(`${username}\n${password}\n`, 'file')).toEqual({ username, password })
      if (!username.includes(':')) {
        expect(parseCredentials(`${username}:${password}`, 'file')).toEqual({ username, password })
      }
    }),
  )
})
