import type { Decoded } from './battery-driver.ts'

/** The two buses of a gateway. */
export type Side = 'battery' | 'inverter'

/** What a gateway tells whoever watches it; each state once, when it changes. Watching must not take time. */
export type GatewayEvent =
  /** Why nothing may flow, why nothing may flow in one direction; empty when there is no reason any more. */
  | { readonly type: 'unsafe' | 'charge-blocked' | 'discharge-blocked'; readonly reason: string }
  /** What the gateway does with the contactors, in words. */
  | { readonly type: 'contactors'; readonly state: string }
  /** An inverter was greeted, or is gone. */
  | { readonly type: 'inverter'; readonly greeted: boolean }
  /** What may flow, 0.1 A. */
  | { readonly type: 'limits'; readonly chargeDa: number; readonly dischargeDa: number }
  /** A message was understood. */
  | ({ readonly type: 'message'; readonly side: Side; readonly at: number } & Decoded)
  /** A person should look at it. */
  | { readonly type: 'warning'; readonly text: string }

export type Observe = (event: GatewayEvent) => void
