import type { PackFacts } from '../../pack.ts'

const CELLS = 104

/** The pack of 51 kWh. Source: docs/protocols/mg4.md. */
export const MG4_FACTS: PackFacts = {
  ratedAh: 156,
  ratedDv: 3270,
  ratedWh: 51_012,
  maxDv: 3590,
  minDv: 2800,
  cells: CELLS,
  cellSpreadMv: 150,
  blind: { lowDv: (CELLS * 2700) / 100, highDv: (CELLS * 3650) / 100 },
}

/** A pack that nothing is known of but its voltage may give and take so much at most, W. */
export const BLIND_W = 5000
