import type { Values } from '../../../core/values.ts'
import type { Codec } from '../../../decode/codec.ts'
import type { FieldPlan } from '../../../decode/plan.ts'
import { word } from '../frame.ts'

/** Error codes of exceptions. */
export const REFUSAL = { function: 1, address: 2, value: 3 } as const
export type Refusal = (typeof REFUSAL)[keyof typeof REFUSAL]

/** What nobody can set: what the device is. Settings 233 and 234 were seen to be refused. */
const READ_ONLY = [
  ...['model', 'serial', 'firmware_prefix', 'com_version', 'slave_version', 'control_version', 'firmware_version_hi'],
  ...[
    'device_type',
    'lcd_version_raw',
    'bootloader_version',
    'flash_size',
    'function_enable_4',
    'quick_charge_minutes',
  ],
]
/** Single bits whose change was seen to be refused. */
const FIXED_BITS = ['function_enable_eps_enable', 'function_enable_1_pv_grid_off']

const CLOCK = ['time_year', 'time_month', 'time_day', 'time_hour', 'time_minute', 'time_second'] as const

/** The hold registers of a simulated inverter: a memory with a clock in it. Places are those of the definition. */
export class HoldMemory {
  readonly #codec: Codec
  readonly #bytes: Uint8Array
  readonly #readOnly: ReadonlySet<number>
  /** Register to mask. */
  readonly #fixedBits: ReadonlyMap<number, number>
  readonly #clock: ReadonlySet<number>
  #values: Values | undefined
  /** What the inverter's clock is ahead of the real one, ms. */
  #clockOffset = 0

  /** `size`: registers that it has. */
  constructor(codec: Codec, values: Values, size: number) {
    this.#codec = codec
    this.#bytes = codec.encode(values, size * 2).slice(0, size * 2)
    this.#readOnly = new Set(fieldsNamed(codec, READ_ONLY).flatMap(registersOf))
    this.#fixedBits = new Map(fieldsNamed(codec, FIXED_BITS).map(({ at, name }) => [at >> 1, bitMask(codec, name)]))
    this.#clock = new Set(fieldsNamed(codec, CLOCK).flatMap(registersOf))
  }

  get size(): number {
    return this.#bytes.length / 2
  }

  /** What the registers mean. */
  get values(): Values {
    this.#values ??= this.#codec.decode(this.#bytes, { base: 0 })
    return this.#values
  }

  /** Words as they are at `at`, Unix ms. */
  words(register: number, count: number, at: number): Uint8Array {
    const bytes = this.#bytes.slice(register * 2, (register + count) * 2)
    const clock = this.#codec.encode(clockValues(at + this.#clockOffset))
    for (const own of this.#clock) {
      const place = (own - register) * 2
      if (place >= 0 && place < bytes.length) bytes.set(clock.subarray(own * 2, own * 2 + 2), place)
    }
    return bytes
  }

  /** Takes words in wire order at `at`, all of them or none; gives the reason where it takes none. */
  write(register: number, words: Uint8Array, at: number): Refusal | undefined {
    const count = words.length / 2
    if (register + count > this.size) return REFUSAL.address
    for (let i = 0; i < count; i++) {
      if (this.#readOnly.has(register + i)) return REFUSAL.value
      const changed = word(words, i * 2) ^ word(this.#bytes, (register + i) * 2)
      if ((changed & (this.#fixedBits.get(register + i) ?? 0)) !== 0) return REFUSAL.value
    }
    this.#setClock(register, words, at)
    this.#bytes.set(words, register * 2)
    this.#values = undefined
    return undefined
  }

  /** A write that touches the clock sets it; what it leaves out goes on as it was. */
  #setClock(register: number, words: Uint8Array, at: number): void {
    if (![...this.#clock].some(own => own >= register && own < register + words.length / 2)) return
    const image = new Uint8Array(this.#bytes.length)
    for (const own of this.#clock) image.set(this.words(own, 1, at), own * 2)
    image.set(words, register * 2)
    const set = this.#codec.decode(image, { base: 0 })
    const [year, month, day, hour, minute, second] = CLOCK.map(name => Number(set[name]))
    this.#clockOffset = Date.UTC(2000 + year!, month! - 1, day!, hour!, minute!, second!) - at
  }
}

function clockValues(at: number): Values {
  const time = new Date(at)
  return {
    time_year: time.getUTCFullYear() % 100,
    time_month: time.getUTCMonth() + 1,
    time_day: time.getUTCDate(),
    time_hour: time.getUTCHours(),
    time_minute: time.getUTCMinutes(),
    time_second: time.getUTCSeconds(),
  }
}

function fieldsNamed({ layout }: Codec, names: readonly string[]): FieldPlan[] {
  return layout.fields.filter(({ name }) => names.includes(name))
}

/** Registers that a field has a part of. */
function registersOf({ at, size }: FieldPlan): number[] {
  const [first, last] = [at >> 1, (at + size - 1) >> 1]
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** The bit of a yes-or-no field in its word. */
function bitMask(codec: Codec, name: string): number {
  const { at } = fieldsNamed(codec, [name])[0]!
  return word(codec.encode({ [name]: true }), (at >> 1) * 2)
}
