/** A value found in a payload: its width (`1`, `2`, `4`, float `4f` little- and `4F` big-endian) and its offset. */
export type Hit = (width: string, offset: number) => void

/** How often values in range stood at each place, by kind of message. */
export type ScanReport = Record<string, Record<string, number>>

const MAX_KEYS = 65_536

/**
 * Calls `hit` for every number in `[low, high]` that `payload[0, length)` holds at any offset: bytes first (with
 * `bytes`), then 16-bit ones, then per offset 32-bit integer and floats. A float counts twice where its floor is in
 * range too.
 */
export function search(
  payload: Uint8Array,
  length: number,
  low: number,
  high: number,
  bytes: boolean,
  signed: boolean,
  hit: Hit,
): void {
  const view = new DataView(payload.buffer, payload.byteOffset, length)
  const within = (value: number) => value >= low && value <= high
  if (bytes) for (let at = 0; at < length; at++) if (within(signed ? view.getInt8(at) : view.getUint8(at))) hit('1', at)
  for (let at = 0; at + 2 <= length; at++) {
    if (within(signed ? view.getInt16(at, true) : view.getUint16(at, true))) hit('2', at)
  }
  for (let at = 0; at + 4 <= length; at++) {
    if (within(signed ? view.getInt32(at, true) : view.getUint32(at, true))) hit('4', at)
    const float = view.getFloat32(at, true)
    if (within(float)) hit('4f', at)
    if (within(Math.floor(float))) hit('4f', at)
    if (within(view.getFloat32(at, false))) hit('4F', at)
  }
}

/** Whether a range is small enough for single bytes to be worth a look. */
export function fitsByte(low: number, high: number): boolean {
  return low >= -256 && low <= 255 && high >= -256 && high <= 255
}

/** Keeps messages that hold a value of the range, and counts where. */
export class Scan {
  readonly #ranges: readonly (readonly [number, number])[]
  readonly #bytes: boolean
  readonly #signed: boolean
  readonly report: ScanReport = {}
  #keys = 0

  /** Every range must be met; `integers` decides whether single bytes are searched. */
  constructor(
    integers: readonly [number, number] | undefined,
    floats: readonly [number, number] | undefined,
    signed: boolean,
  ) {
    this.#ranges = [integers, floats].filter(range => range !== undefined)
    this.#bytes = integers === undefined || fitsByte(integers[0], integers[1])
    this.#signed = signed
  }

  /** Whether the payload holds a value of each range. */
  passes(key: string, payload: Uint8Array, length: number): boolean {
    return this.#ranges.every(([low, high]) => this.#search(key, payload, length, low, high))
  }

  #search(key: string, payload: Uint8Array, length: number, low: number, high: number): boolean {
    let found = false
    search(payload, length, low, high, this.#bytes, this.#signed, (width, offset) => {
      found = true
      this.#count(key, `${width}_${String(offset).padStart(3, '0')}`)
    })
    return found
  }

  #count(key: string, place: string): void {
    if (!Object.hasOwn(this.report, key)) {
      if (this.#keys >= MAX_KEYS) return
      this.#keys++
      this.report[key] = {}
    }
    const places = this.report[key]!
    places[place] = (places[place] ?? 0) + 1
  }
}
