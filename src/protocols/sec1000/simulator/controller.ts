import { Random } from '../../../core/random.ts'
import { REQUEST } from '../frame.ts'
import { LIMIT, POWER } from '../sec1000.ts'
import { PlantDay, type PlantState } from './day.ts'
import { type Delivery, deliveryOf, FaultDice, type FaultRates } from './faults.ts'

export interface ControllerOptions {
  /** What everything random follows from. */
  readonly seed: number
  /** Unix ms. */
  readonly start: number
  readonly faults: FaultRates
}

/** W of all inverters, and of the export that is allowed. */
const CAPACITY = 20_000
const EXPORT_LIMIT = 10_000
/** The export is limited by a value, not by a signal from outside. */
const MODE_VALUE = 3
const REFUSED = 0x15

/** The power of the inverters is asked for by the controller itself so often, ms. */
const REFRESH_MS = 30_000
/** Requests that come sooner one after the other are too many for a controller, ms. */
const HASTY_MS = 5000

/** A controller: what it answers to what. Pure but for its memory; times are the caller's. Source: docs/protocols/sec1000.md. */
export class SimulatedController {
  requests = 0
  /** Requests that came sooner after another one than controllers bear. */
  hasty = 0
  /** What the last power reply was about, before any fault of it. */
  state: PlantState
  readonly #day: PlantDay
  readonly #dice: FaultDice
  #askedAt = Number.NEGATIVE_INFINITY
  #hangs = false
  #refresh = Number.NaN
  #inverters = 0

  constructor({ seed, start, faults }: ControllerOptions) {
    this.#day = new PlantDay(seed, start, EXPORT_LIMIT)
    this.#dice = new FaultDice(new Random(seed, 'faults'), faults)
    this.state = this.#day.at(start)
  }

  /** Faults that have happened, by name. */
  get made(): ReadonlyMap<string, number> {
    return this.#dice.made
  }

  /** What comes of a request at `at`, Unix ms; `content` is the request without length and checksum. */
  answer(content: Uint8Array, at: number): Delivery {
    this.requests++
    const isHasty = at - this.#askedAt < HASTY_MS
    this.#askedAt = at
    if (isHasty) this.hasty++
    this.#hangs ||= isHasty && this.#dice.hits('hang')
    if (this.#hangs || content[0] !== 1 || content[1] !== 1) return { parts: [], end: 'open' }
    const reply = this.#reply(content, at)
    const other = content[2] === LIMIT.command ? this.#power(at) : limitReply()
    return deliveryOf(this.#dice.ofReply(), reply, other, this.#dice.random)
  }

  /** It can be asked; what would set something is refused. */
  #reply(content: Uint8Array, at: number): Uint8Array {
    if (content[2] === POWER.command) return this.#power(at)
    if (content[2] === LIMIT.command) return limitReply()
    return Uint8Array.of(...content.subarray(0, REQUEST), REFUSED)
  }

  #power(at: number): Uint8Array {
    const now = this.#day.at(at)
    const refresh = Math.floor(at / REFRESH_MS)
    if (refresh !== this.#refresh) this.#inverters = this.#dice.hits('glitch') ? 0 : now.inverters
    this.#refresh = refresh
    this.state = { ...now, inverters: this.#inverters }
    const { voltages, currents, powers, meter, inverters } = this.state
    const words = [...voltages, ...currents, ...powers, meter, inverters]
    return contentOf(POWER.command, words.length * 4, view => {
      for (const [i, word] of words.entries()) view.setInt32(REQUEST + i * 4, word)
    })
  }
}

function limitReply(): Uint8Array {
  return contentOf(LIMIT.command, LIMIT.payloadBytes, view => {
    view.setUint8(REQUEST, MODE_VALUE)
    view.setInt32(REQUEST + 1, CAPACITY)
    view.setInt32(REQUEST + 9, EXPORT_LIMIT)
  })
}

/** `01 01 command` and so many bytes of data, which `fill` writes behind them. */
function contentOf(command: number, dataBytes: number, fill: (view: DataView) => void): Uint8Array {
  const content = new Uint8Array(REQUEST + dataBytes)
  content.set([1, 1, command])
  fill(new DataView(content.buffer))
  return content
}
