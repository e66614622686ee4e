import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CAN } from '../../../src/core/can.ts'
import type { CanMessage } from '../../../src/core/can-bus.ts'
import type { Definition } from '../../../src/decode/definition.ts'
import { StructSet } from '../../../src/decode/struct-set.ts'
import { BATTERIES } from '../../../src/protocols/batgw/batteries/batteries.ts'
import { buildGateway } from '../../../src/protocols/batgw/build-gateway.ts'
import { type GatewayConfig, readConfig } from '../../../src/protocols/batgw/config/config.ts'
import type { Gateway } from '../../../src/protocols/batgw/gateway.ts'
import type { GatewayEvent, Side } from '../../../src/protocols/batgw/gateway-event.ts'
import { INVERTERS } from '../../../src/protocols/batgw/inverters/inverters.ts'
import { STRUCTS } from '../../fake-io.ts'

export const KINDS = { batteries: BATTERIES, inverters: INVERTERS }

/** A definition that comes with the program. */
export function loadStructs(name: string): StructSet {
  return new StructSet(name, JSON.parse(readFileSync(join(STRUCTS, `${name}.json`), 'utf8')) as Definition)
}

/** A frame from how candump writes it: `438#555501D6476810BF`, eight digits of ID for 29 bits. */
export function frameOf(text: string): CanMessage {
  const [id = '', hex = ''] = text.split('#')
  const data = Uint8Array.from(Buffer.from(hex, 'hex'))
  return { id: Number.parseInt(id, 16), flags: id.length === 8 ? CAN.extended : 0, length: data.length, data }
}

/** The other way round. */
export function textOf({ id, flags, length, data }: CanMessage): string {
  const digits = id
    .toString(16)
    .toUpperCase()
    .padStart((flags & CAN.extended) === 0 ? 3 : 8, '0')
  return `${digits}#${Buffer.from(data.subarray(0, length)).toString('hex').toUpperCase()}`
}

export function configOf(text: string): GatewayConfig {
  const source = { name: 'test.conf', text, read: () => ({ name: '', text: '' }), macros: new Map<string, string>() }
  const { config, problems } = readConfig(source, KINDS)
  if (config === undefined) throw new Error(problems.join('\n'))
  return config
}

export const BYD_CONFIG = 'battery { protocol byd interface can0 }\ninverter { protocol byd interface can1 }\n'

export interface Sent {
  readonly at: number
  readonly side: Side
  /** As candump writes it. */
  readonly text: string
}

export interface RigOptions {
  readonly config?: string
  readonly recorded?: boolean
  readonly enabled?: boolean
}

/** A gateway between two buses that a test plays, on a time that stands still until the test moves it. */
export class Rig {
  readonly gateway: Gateway
  readonly sent: Sent[] = []
  /** What a bus did not take of late. */
  refused: Sent[] = []
  readonly events: GatewayEvent[] = []
  /** A bus that takes nothing. */
  readonly blocked = new Set<Side>()
  at: number

  constructor({ config = BYD_CONFIG, recorded = false, enabled = true }: RigOptions = {}, at = 5000.25) {
    this.at = at
    const around = {
      load: loadStructs,
      enabled,
      recorded: { battery: recorded, inverter: recorded },
      transmit: (side: Side, frame: CanMessage) => {
        const sent = { at: this.at, side, text: textOf(frame) }
        if (this.blocked.has(side)) this.refused = [...this.refused.slice(-9), sent]
        else this.sent.push(sent)
        return !this.blocked.has(side)
      },
      observe: (event: GatewayEvent) => void this.events.push(event),
    }
    this.gateway = buildGateway(configOf(config), around, at)
  }

  battery(...texts: readonly string[]): void {
    for (const text of texts) this.gateway.heard('battery', frameOf(text), this.at)
  }

  inverter(...texts: readonly string[]): void {
    for (const text of texts) this.gateway.heard('inverter', frameOf(text), this.at)
  }

  /** Lets time pass; `every` is called each 100 ms before the gateway's turn, for a battery that goes on talking. */
  advance(ms: number, every: () => void = () => {}): void {
    this.advanceTo(this.at + ms, every)
  }

  advanceTo(end: number, every: () => void = () => {}): void {
    let next = this.at
    for (;;) {
      const due = Math.min(Math.max(this.gateway.due, this.at), next)
      if (due > end) break
      this.at = due
      if (due >= next) {
        every()
        next += 100
      }
      if (this.gateway.due > this.at) continue
      this.gateway.tick(this.at)
      if (this.gateway.due <= this.at) throw new Error(`due at ${this.gateway.due} again`)
    }
    this.at = end
  }

  /** What went to one bus since the last question. */
  take(side: Side): Sent[] {
    const taken = this.sent.filter(frame => frame.side === side)
    this.sent.splice(0, this.sent.length, ...this.sent.filter(frame => frame.side !== side))
    return taken
  }

  /** The last reasons that were told, by kind. */
  get reasons(): Record<string, string> {
    const reasons: Record<string, string> = {}
    for (const event of this.events) if ('reason' in event) reasons[event.type] = event.reason
    return reasons
  }

  get warnings(): string[] {
    return this.events.flatMap(event => (event.type === 'warning' ? [event.text] : []))
  }
}
