import type { CanBus } from '../../core/can-bus.ts'

/** The bus, to be listened to only: nothing is sent on it. */
export function muted(bus: CanBus): CanBus {
  return {
    name: bus.name,
    recorded: bus.recorded,
    listen: listener => bus.listen(listener),
    send: () => false,
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
