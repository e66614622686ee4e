import { expect, test } from 'vitest'
import { CAN } from '../../../src/core/can.ts'
import type { CanBus, CanListener } from '../../../src/core/can-bus.ts'
import { NO_FILTERS, parseFilters } from '../../../src/core/can-filter.ts'
import { TransportError } from '../../../src/core/errors.ts'
import { CanDelivery } from '../../../src/transport/can/delivery.ts'
import { liveFrame } from '../../../src/transport/can/live-origin.ts'
import { BusWatch } from './bus-watch.ts'

/** A delivery, and what its listener hears. */
function heard(filters = NO_FILTERS) {
  const delivery = new CanDelivery('can0', liveFrame('can0'), filters)
  const bus = { listen: (listener: CanListener) => delivery.listen(listener) } as CanBus
  const watch = new BusWatch(bus)
  const comes = (id: number, flags: number, hex = '') => {
    const { frame } = delivery
    const data = Buffer.from(hex, 'hex')
    frame.id = id
    frame.flags = flags
    frame.length = data.length
    frame.dlc = data.length
    frame.data.set(data)
    delivery.deliver()
  }
  return { delivery, comes, heard: watch.heard }
}

test('what an error frame means is told, whether or not the frame is wanted', () => {
  const all = heard()
  all.comes(0x204, CAN.error, '0008000000002000')
  expect(all.heard).toEqual([
    '20000204#0008000000002000',
    'error: controller (transmit warning), 32 errors sending, 0 receiving',
  ])
  const none = heard(parseFilters(['123:7FF']))
  none.comes(0x204, CAN.error, '0008000000002000')
  none.comes(0x004, CAN.error, '0001000000000000')
  expect(none.heard).toEqual(['error: controller (transmit warning), 32 errors sending, 0 receiving', 'overrun'])
})

test('bus-off is down until the controller is restarted, or until a frame comes', () => {
  const { comes, heard: said } = heard(parseFilters(['123:7FF']))
  comes(0x040, CAN.error)
  comes(0x040, CAN.error)
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(/^down: lost can0: its controller is off the bus: .*restart-ms/)
  comes(0x100, CAN.error)
  expect(said.slice(1)).toEqual(['up'])
  comes(0x040, CAN.error)
  comes(0x456, 0)
  expect(said.slice(2).map(text => text.slice(0, 4))).toEqual(['down', 'up'])
})

test('a bus that is off and then gone is down once, and up once', () => {
  const { delivery, comes, heard: said } = heard()
  comes(0x040, CAN.error)
  delivery.down(new TransportError('lost can0: it is gone'))
  delivery.up()
  comes(0x123, 0)
  expect(said.map(text => text.slice(0, 4))).toEqual(['2000', 'down', 'up', '123#'])
})
