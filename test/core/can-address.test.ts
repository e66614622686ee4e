import { describe, expect, test } from 'vitest'
import { canUrl, interfaceOf, parseCanUrl } from '../../src/core/can-address.ts'

describe('the URL of a CAN bus', () => {
  test.each([
    ['can0', { kind: 'socketcan', iface: 'can0' }, 'can0'],
    ['socketcan:vcan1', { kind: 'socketcan', iface: 'vcan1' }, 'vcan1'],
    ['slcan:/dev/ttyACM0', { kind: 'slcan', port: { path: '/dev/ttyACM0', baudRate: 115_200 } }, 'slcan:/dev/ttyACM0'],
    ['slcan:COM3@921600', { kind: 'slcan', port: { path: 'COM3', baudRate: 921_600 } }, 'slcan:COM3@921600'],
    [
      'slcan:tcp://adapter.lan:3333',
      { kind: 'slcan', port: { endpoint: { host: 'adapter.lan', port: 3333 } } },
      'slcan:tcp://adapter.lan:3333',
    ],
    [
      'socketcand://192.0.2.7/can0',
      { kind: 'socketcand', endpoint: { host: '192.0.2.7', port: 29_536 }, iface: 'can0' },
      'socketcand://192.0.2.7/can0',
    ],
    [
      'socketcand://[2001:db8::1]:29537/vcan0',
      { kind: 'socketcand', endpoint: { host: '2001:db8::1', port: 29_537 }, iface: 'vcan0' },
      'socketcand://[2001:db8::1]:29537/vcan0',
    ],
    ['virtual:demo', { kind: 'virtual', name: 'demo' }, 'virtual:demo'],
    ['file:drive.log', { kind: 'file', path: 'drive.log' }, 'file:drive.log'],
    ['file:logs/drive.log@can1', { kind: 'file', path: 'logs/drive.log', iface: 'can1' }, 'file:logs/drive.log@can1'],
    ['file:C:\\logs\\a.asc@1', { kind: 'file', path: 'C:\\logs\\a.asc', iface: '1' }, 'file:C:\\logs\\a.asc@1'],
    ['file:me@home.log', { kind: 'file', path: 'me@home.log' }, 'file:me@home.log'],
    ['file:me@home.log@can0', { kind: 'file', path: 'me@home.log', iface: 'can0' }, 'file:me@home.log@can0'],
    ['file:/srv/me@work/drive', { kind: 'file', path: '/srv/me@work/drive' }, 'file:/srv/me@work/drive'],
  ])('%s', (text, address, shortest) => {
    expect(parseCanUrl(text)).toEqual(address)
    expect(canUrl(parseCanUrl(text))).toBe(shortest)
    expect(parseCanUrl(shortest)).toEqual(address)
  })

  test.each([
    ...['', 'can 0', 'a/b', 'an-interface-with-a-long-name', 'http://host/can0', 'file:', 'virtual:', 'virtual:a b'],
    ...['slcan:', 'socketcan:', 'socketcand://host', 'socketcand://host/', 'socketcand://host/can0/x', 'Slcan:x'],
  ])('%j is none', text => {
    expect(() => parseCanUrl(text)).toThrow(/CAN bus|names no bus|is no port/)
  })

  test('a bad address in it is told as such', () => {
    expect(() => parseCanUrl('socketcand://host:99999/can0')).toThrow('a port is a number from 1 to 65535')
    expect(() => parseCanUrl('slcan:/dev/ttyACM0@1')).toThrow('a speed is a number')
  })
})

test('logs know a bus by one word', () => {
  const names = ['can0', 'slcan:/dev/serial/by-id/usb-CANable', 'slcan:tcp://h:1', 'socketcand://h/vcan0', 'virtual:x']
  expect(names.map(url => interfaceOf(parseCanUrl(url) as Parameters<typeof interfaceOf>[0]))).toEqual([
    ...['can0', 'usb-CANable', 'h:1', 'vcan0', 'x'],
  ])
})
