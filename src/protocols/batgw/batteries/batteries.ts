import type { BatteryKind } from '../battery-driver.ts'
import { bydAtto3 } from './byd-atto3/byd-atto3.ts'
import { mg4 } from './mg4/mg4.ts'

/** Every kind of battery; a new one is added here. */
export const BATTERIES: readonly BatteryKind[] = [bydAtto3, mg4]
