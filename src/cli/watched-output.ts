import type { Io, LiveOutput } from './io.ts'

/** Standard output, for those who have to know whether its reader keeps up: recordings wait. */
export class WatchedOutput {
  readonly #io: Io
  #out: LiveOutput | undefined

  constructor(io: Io) {
    this.#io = io
  }

  /** The world in which standard output is watched. */
  get world(): Io {
    return Object.create(this.#io, { liveOutput: { value: this.#open } }) as Io
  }

  readonly #open = async (closed: () => void): Promise<LiveOutput> => {
    this.#out = await this.#io.liveOutput(closed)
    return this.#out
  }

  drained(): Promise<void> | undefined {
    return this.#out?.drained()
  }
}
