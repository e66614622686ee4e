import { LeastRecent } from '../../core/least-recent.ts'
import type { Message } from '../protocol.ts'
import { word } from './frame.ts'

/** Registers that three datagrams of a round bring. */
const REGISTERS = 120

/** What a key shows of the registers. */
type Shown = (registers: DataView) => number

/** The keys of the older monitor, in its order; numbers without units. Source: docs/protocols/lxp.md. */
const KEYS: readonly (readonly [key: string, shown: Shown])[] = [
  ['status', whole(0)],
  ['soc', registers => registers.getUint16(5 * 2, true) & 0xff],
  ['v_bat', scaled(4, 10)],
  ['v_bus1', scaled(38, 10)],
  ['v_bus2', scaled(39, 10)],
  ['t_inner', signed(64)],
  ['t_rad1', signed(65)],
  ['t_rad2', signed(66)],
  ['max_chg_curr', scaled(81, 100)],
  ['max_dischg_curr', scaled(82, 100)],
  ...Array.from({ length: 10 }, (_, i) => [`bat_status${i}`, whole(85 + i)] as const),
  ['bat_status_inv', whole(95)],
]

function whole(register: number): Shown {
  return registers => registers.getUint16(register * 2, true)
}

function signed(register: number): Shown {
  return registers => registers.getInt16(register * 2, true)
}

function scaled(register: number, divisor: number): Shown {
  return registers => registers.getUint16(register * 2, true) / divisor
}

/** The newest input registers of one inverter. */
interface Registers {
  readonly words: DataView
  readonly seen: Set<number>
}

/** Keeps the input registers 0 to 119 of every inverter that broadcasts, and shows them under the older monitor's keys. */
export class BroadcastKeys {
  readonly #inverters = new LeastRecent<Registers>(() => ({
    words: new DataView(new ArrayBuffer(REGISTERS * 2)),
    seen: new Set(),
  }))

  /** Takes the registers of a message; tells whether all of the inverter's have been seen now and this was the last block. */
  add({ keys, device, base = 0, payload }: Message): boolean {
    if (!keys.includes('input')) return false
    const { words, seen } = this.#inverters.of(device)
    const end = Math.min(payload.length / 2, REGISTERS - base)
    for (let i = 0; i < end; i++) {
      words.setUint16((base + i) * 2, word(payload, i * 2), true)
      seen.add(base + i)
    }
    return seen.size === REGISTERS && base + end === REGISTERS
  }

  /** The keys of an inverter; undefined until all its registers have been seen. */
  of(device: string): Readonly<Record<string, number>> | undefined {
    const { words, seen } = this.#inverters.of(device)
    if (seen.size < REGISTERS) return undefined
    return Object.fromEntries(KEYS.map(([key, shown]) => [key, shown(words)]))
  }
}
