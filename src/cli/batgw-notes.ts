import type { GatewayEvent } from '../protocols/batgw/gateway-event.ts'
import type { FewLines } from './few-lines.ts'

const BLOCKED = {
  unsafe: { on: 'no current may flow', off: 'current may flow again' },
  'charge-blocked': { on: 'no charging', off: 'charging may go on' },
  'discharge-blocked': { on: 'no discharging', off: 'discharging may go on' },
} as const

/** Says what changes at a gateway, a line each, with the reason. */
export class GatewayNotes {
  readonly #lines: FewLines
  readonly #hasLimits: boolean
  readonly #blocked = new Set<keyof typeof BLOCKED>()
  #hadInverter = false

  /** `hasLimits`: says the currents, too. */
  constructor(lines: FewLines, hasLimits: boolean) {
    this.#lines = lines
    this.#hasLimits = hasLimits
  }

  take(event: GatewayEvent): void {
    const text = this.#textOf(event)
    if (text !== undefined) this.#lines.add(text)
  }

  #textOf(event: GatewayEvent): string | undefined {
    switch (event.type) {
      case 'unsafe':
      case 'charge-blocked':
      case 'discharge-blocked':
        return this.#blockedText(event.type, event.reason)
      case 'contactors':
        return `contactors: ${event.state}`
      case 'inverter':
        return this.#inverterText(event.greeted)
      case 'limits':
        if (!this.#hasLimits) return undefined
        return `limits: ${amperes(event.chargeDa)} A to charge, ${amperes(event.dischargeDa)} A to discharge`
      case 'warning':
        return event.text
      case 'message':
        return undefined
    }
  }

  /** What was never blocked is not told to be free. */
  #blockedText(type: keyof typeof BLOCKED, reason: string): string | undefined {
    const { on, off } = BLOCKED[type]
    if (reason === '') return this.#blocked.delete(type) ? off : undefined
    this.#blocked.add(type)
    return `${on}: ${reason}`
  }

  #inverterText(greeted: boolean): string | undefined {
    if (!greeted && !this.#hadInverter) return undefined
    this.#hadInverter = true
    return greeted ? 'the inverter is there' : 'the inverter is gone'
  }
}

function amperes(da: number): string {
  return (da / 10).toFixed(1)
}
