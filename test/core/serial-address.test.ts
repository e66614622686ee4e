import { expect, test } from 'vitest'
import { UsageError } from '../../src/core/errors.ts'
import { parsePort, portText } from '../../src/core/serial-address.ts'

test('a port is a device with or without a speed, or a bridge', () => {
  expect(parsePort('/dev/ttyUSB0', 115_200)).toEqual({ path: '/dev/ttyUSB0', baudRate: 115_200 })
  expect(parsePort('/dev/ttyUSB0@9600', 115_200)).toEqual({ path: '/dev/ttyUSB0', baudRate: 9600 })
  expect(parsePort('COM3', 1200)).toEqual({ path: 'COM3', baudRate: 1200 })
  expect(parsePort('/dev/serial/by-id/usb-FTDI_FT232R@x-if00', 9600)).toEqual({
    path: '/dev/serial/by-id/usb-FTDI_FT232R@x-if00',
    baudRate: 9600,
  })
  expect(parsePort('tcp://bridge.lan:4196', 115_200)).toEqual({ endpoint: { host: 'bridge.lan', port: 4196 } })
  expect(parsePort('tcp://[::1]:4196@1200', 115_200)).toEqual({
    endpoint: { host: '::1', port: 4196 },
    baudRate: 1200,
  })
})

test.each([
  '',
  '@9600',
  'tcp://bridge',
  'tcp://:4196',
  'tcp://bridge:70000',
  '/dev/ttyUSB0@0',
  '/dev/ttyUSB0@99999999',
])('%j is wrong usage', text => expect(() => parsePort(text, 9600)).toThrow(UsageError))

test.each(['/dev/ttyUSB0@9600', 'tcp://[::1]:4196@1200', 'tcp://bridge.lan:4196'])(
  '%s is written as it is read',
  text => expect(portText(parsePort(text, 9600))).toBe(text),
)
