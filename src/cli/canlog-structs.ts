import type { StructLibrary } from '../decode/library.ts'
import type { CanlogStructs } from '../protocols/ecoflow/canlog/ports.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'

/** How often definition files are looked at, in ms. */
const INTERVAL_MS = 1000

/** The EcoFlow definitions in use, loaded again when a file changes while a log runs by. */
export class CanlogStructSource {
  readonly #io: Io
  readonly #library: StructLibrary
  #looked: number

  private constructor(io: Io, library: StructLibrary) {
    this.#io = io
    this.#library = library
    this.#looked = io.clock.now()
  }

  /** `folder`: the user's definitions, over the built-in ones. A broken one is a `StructError` at once. */
  static async open(io: Io, folder: string | undefined): Promise<CanlogStructSource> {
    const library = await openStructs(io, folder)
    if (folder !== undefined) {
      library.names() // fails where there is no such folder
      library.load('ecoflow')
      library.load('ecoflow-records')
    }
    return new CanlogStructSource(io, library)
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
