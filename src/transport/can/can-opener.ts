import { canUrl, interfaceOf, type LiveCanAddress } from '../../core/can-address.ts'
import type { CanBus } from '../../core/can-bus.ts'
import { NO_FILTERS } from '../../core/can-filter.ts'
import type { Clock } from '../../core/clock.ts'
import type { CanOptions, Network } from '../../core/network.ts'
import { CanDelivery } from './delivery.ts'
import { type CanLink, openKeptBus } from './kept-bus.ts'
import { liveFrame } from './live-origin.ts'
import { muted } from './muted-bus.ts'
import { VirtualBuses } from './virtual-bus.ts'

/** Connections to adapters and servers on the network are made within, ms. */
const CONNECT_MS = 5000
const BIT_RATE = 500_000

type RealAddress = Exclude<LiveCanAddress, { readonly kind: 'virtual' }>

/** Opens CAN buses of all kinds, and has those that exist in this program only. */
export class CanOpener {
  readonly #ways: Pick<Network, 'connect' | 'serial'>
  readonly #clock: Clock
  readonly #virtual: VirtualBuses

  /** `ways`: how adapters and servers are reached. */
  constructor(ways: Pick<Network, 'connect' | 'serial'>, clock: Clock) {
    this.#ways = ways
    this.#clock = clock
    this.#virtual = new VirtualBuses(clock)
  }

  /** Opens a bus; see `Network`. */
  async open(address: LiveCanAddress, options: CanOptions, signal: AbortSignal): Promise<CanBus> {
    const { filters = NO_FILTERS, listenOnly = false } = options
    const bus =
      address.kind === 'virtual'
        ? this.#virtual.open(address.name, filters)
        : await this.#real(address, options, signal)
    return listenOnly ? muted(bus) : bus
  }

  #real(address: RealAddress, options: CanOptions, signal: AbortSignal): Promise<CanBus> {
    const { filters = NO_FILTERS, random } = options
    const name = canUrl(address)
    const delivery = new CanDelivery(name, liveFrame(interfaceOf(address)), filters)
    const open = (opening: AbortSignal) => this.#link(address, name, options, opening)
    return openKeptBus({ name, delivery, open, random }, this.#clock, signal)
  }

  async #link(
    address: RealAddress,
    name: string,
    { filters = NO_FILTERS, bitRate = BIT_RATE, listenOnly = false }: CanOptions,
    signal: AbortSignal,
  ): Promise<CanLink> {
    const { connect, serial } = this.#ways
    if (address.kind === 'socketcan') {
      const { openSocketcan } = await import('./socketcan.ts')
      return openSocketcan(address.iface, { filters }, this.#clock)
    }
    if (address.kind === 'socketcand') {
      const { openSocketcand } = await import('./socketcand.ts')
      const reach = () => connect(address.endpoint, CONNECT_MS, signal)
      return openSocketcand(reach, address.iface, name, this.#clock, signal)
    }
    const { port } = address
    const { openSlcan } = await import('./slcan.ts')
    const reach = () => ('path' in port ? serial(port, signal) : connect(port.endpoint, CONNECT_MS, signal))
    return openSlcan(reach, { name, bitRate, listenOnly }, this.#clock, signal)
  }
}
