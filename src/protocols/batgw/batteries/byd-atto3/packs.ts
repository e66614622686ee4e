import { choice } from '../../config/forms.ts'
import type { PackFacts } from '../../pack.ts'

export type PackVariant = 'extended' | 'standard'

/** Which pack it is: 126 or 104 LFP cells. */
export const PACK = { name: 'pack', form: choice<PackVariant>(['extended', 'standard']), fallback: 'extended' as const }

/** Cell voltages that differ so much are a fault, mV. */
const CELL_SPREAD_MV = 230

/** Source: docs/protocols/byd-atto3.md; of the standard pack the capacity is not confirmed. */
export const PACKS: Readonly<Record<PackVariant, PackFacts>> = {
  extended: {
    ratedAh: 150,
    ratedDv: 4032,
    ratedWh: 60_480,
    maxDv: 4410,
    minDv: 3800,
    cells: 126,
    cellSpreadMv: CELL_SPREAD_MV,
  },
  standard: {
    ratedAh: 150,
    ratedDv: 3328,
    ratedWh: 49_920,
    maxDv: 3640,
    minDv: 3136,
    cells: 104,
    cellSpreadMv: CELL_SPREAD_MV,
  },
}
