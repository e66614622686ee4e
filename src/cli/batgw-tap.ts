import type { CanFrame } from '../core/can.ts'
import type { CanBus } from '../core/can-bus.ts'

/** The bus, each of whose frames `heard` sees before the listener does. */
export function tapped(bus: CanBus, heard: (frame: CanFrame) => void): CanBus {
  return {
    name: bus.name,
    recorded: bus.recorded,
    listen: listener =>
      bus.listen({
        frame: frame => {
          heard(frame)
          listener.frame(frame)
        },
        event: event => listener.event(event),
      }),
    send: frame => bus.send(frame),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
