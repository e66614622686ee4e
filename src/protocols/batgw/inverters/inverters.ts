import type { InverterKind } from '../inverter-driver.ts'
import { bydHvs } from './byd-hvs/byd-hvs.ts'
import { pylon } from './pylon/pylon.ts'

/** Every kind of inverter; a new one is added here. */
export const INVERTERS: readonly InverterKind[] = [bydHvs, pylon]
