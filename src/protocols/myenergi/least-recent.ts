/** More devices than any house has; whoever invents serial numbers does not fill the memory. */
const MOST = 256

/** A value for each device, made when it is first heard of; of too many devices the one not heard longest is forgotten. */
export class LeastRecent<T> {
  readonly #make: () => T
  readonly #values = new Map<string, T>()

  constructor(make: () => T) {
    this.#make = make
  }

  of(device: string): T {
    const value = this.#values.get(device) ?? this.#make()
    this.#values.delete(device)
    this.#values.set(device, value)
    if (this.#values.size > MOST) this.#values.delete(this.#values.keys().next().value!)
    return value
  }
}
