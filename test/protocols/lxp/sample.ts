import { block, dataFrame, heartbeat } from './build-frame.ts'

/*
 * Makes the files of samples/lxp: invented values of an invented inverter, put into registers by hand.
 * The test beside compares them; it writes them anew under WATTZUP_WRITE_SAMPLES=1.
 */

const FOLDER = 'samples/lxp'
const STAMP = '2026-0301-100000.192_0_2_7'
/** Registers of a protocol 5 block. */
const BLOCK = 127

/** Input registers of a sunny morning: 4.1 kW from the roof, 2.5 kW into the battery, the rest into house and grid. */
const INPUT: Readonly<Record<number, number>> = {
  ...{ 0: 12, 1: 3412, 2: 3388, 4: 532, 5: (98 << 8) | 64, 7: 2110, 8: 1990 },
  ...{ 10: 2504, 12: 2412, 15: 5999, 16: 1522, 18: 634, 19: 998, 20: 2411, 23: 5999, 24: 640, 25: 655 },
  ...{ 26: 310, 28: 41, 29: 38, 31: 27, 33: 46, 34: 12, 36: 5, 37: 21, 38: 3905, 39: 3121 },
  ...{ 40: 0x86a0, 41: 1, 42: 0x7530, 43: 1, 50: 40_000, 52: 31_000, 56: 900, 58: 52_000 },
  ...{ 62: 0, 63: 1, 64: 38, 65: 44, 66: 41, 67: 23, 69: 0x4240, 70: 0xf, 80: 2, 81: 2000, 82: 2000 },
  ...{ 83: 560, 84: 450, 95: 3, 96: 1, 97: 280, 98: 471, 101: 3331, 102: 3318, 103: 231, 104: 222, 106: 217, 107: 532 },
  ...{ 115: 0x4544, 116: 0x4f4d, 117: 0x3030, 118: 0x3030, 119: 0x3130, 120: 1950 },
}

/** The next block: output legs and loads. */
const REST: Readonly<Record<number, number>> = {
  ...{ 127: 1206, 128: 1205, 129: 330, 130: 310, 133: 8, 134: 7, 135: 1200, 137: 1100 },
  ...{ 140: 1207, 141: 1205, 170: 1180, 171: 36, 172: 21_000 },
}

function registers(first: number, values: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: BLOCK }, (_, i) => values[first + i] ?? 0)
}

const PORTAL = `Serial number,Time,vpv1,vpv2,vBat (V),soc,ppv1,pCharge,vacr,fac,pToGrid,tinner,Comment
DEMO000001,2026-03-01 09:57:40,339.8,337.0,53.1,63%,2080,2460,241.0,60,290,38,
DEMO000001,2026-03-01 10:00:25,341.2,338.8,53.2,64%,2144,2504,241.2,59.99,310,38,cloud over the roof
DEMO000001,2026-03-01 10:03:10,338.1,336.2,53.2,64%,1950,2400,240.9,60.01,250,38,
`

/** The sample files by path. */
export function sampleFiles(): ReadonlyMap<string, Uint8Array> {
  const first = block(4, 0, registers(0, INPUT))
  const second = block(4, BLOCK, registers(BLOCK, REST))
  const refused = dataFrame(0x86, 234, [3])
  const stream = Buffer.concat([
    ...[heartbeat(), block(3, 67, [85]), first.subarray(0, 100), refused],
    dataFrame(6, 67, [90, 0]),
  ])
  return new Map<string, Uint8Array>([
    [`${FOLDER}/${STAMP}.0001.bin`, first],
    [`${FOLDER}/${STAMP}.0002.bin`, second],
    [`${FOLDER}/stream.bin`, stream],
    [`${FOLDER}/portal.csv`, Buffer.from(PORTAL)],
  ])
}
