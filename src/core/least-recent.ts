/** More devices than any house has; whoever invents serial numbers does not fill the memory. */
const MOST = 256

/** A value for each key, made when it is first heard of; of too many keys the one not heard longest is forgotten. */
export class LeastRecent<T> {
  readonly #make: () => T
  readonly #values = new Map<string, T>()

  constructor(make: () => T) {
    this.#make = make
  }

  of(key: string): T {
    const value = this.#values.get(key) ?? this.#make()
    this.#values.delete(key)
    this.#values.set(key, value)
    if (this.#values.size > MOST) this.#values.delete(this.#values.keys().next().value!)
    return value
  }
}
