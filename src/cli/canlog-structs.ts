import { StructLibrary } from '../decode/library.ts'
import type { CanlogStructs } from '../protocols/ecoflow/canlog/ports.ts'
import type { Io } from './io.ts'

/** How often definition files are looked at, in ms. */
const INTERVAL_MS = 1000

/** The EcoFlow definitions in use, loaded again when a file changes while a log runs by. */
export class CanlogStructSource {
  readonly #io: Io
  readonly #library: StructLibrary
  #looked: number

  /** `folder`: the user's definitions, over the built-in ones. */
  constructor(io: Io, folder: string | undefined) {
    this.#io = io
    this.#library = new StructLibrary(io.structs, folder, text => JSON.parse(text) as never)
    this.#looked = io.clock.now()
  }

  get current(): CanlogStructs {
    const library = this.#library
    return {
      get identities() {
        return library.load('ecoflow')
      },
      get records() {
        return library.load('ecoflow-records')
      },
    }
  }

  /** Whether other definitions are in use now; a broken file is told and changes nothing. */
  changed(note: (text: string) => void): boolean {
    const now = this.#io.clock.now()
    if (now - this.#looked < INTERVAL_MS) return false
    this.#looked = now
    const renewed = this.#library.reload(error => note(`${error.message}; going on with what is in use`))
    if (renewed.length > 0) note('re-loaded record formats')
    return renewed.length > 0
  }
}
