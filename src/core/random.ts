/**
 * Pseudo-random numbers that are the same on every machine: sfc32 (Chris Doty-Humphrey, PractRand), whole-number
 * arithmetic only. Programs that must repeat themselves draw from here and never from `Math.random`.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** Independent streams come from one seed by giving each its `purpose`. `seed` is a whole number below 2^53. */
  constructor(seed: number, purpose = '') {
    let hash = 0x811c9dc5 // FNV-1a
    for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193)
    this.#a = seed | 0
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0
    this.#c = hash
    for (let i = 0; i < 16; i++) this.uint32() // until seeds that differ in one bit have nothing in common
  }

  /** A whole number, 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A number in [0, 1), in steps of 2^-32. */
  unit(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** A whole number in [0, `below`). */
  int(below: number): number {
    return Math.floor(this.unit() * below)
  }

  /** A number in [`low`, `high`). */
  between(low: number, high: number): number {
    return low + this.unit() * (high - low)
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** One of the elements, which must not be none. */
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)]!
  }
}
