/*
 * What an inverter may be told, worked out once more from what the pack has said on its bus: section "Safety" of
 * docs/commands/batgw.md and the tables of the protocol pages, in the words of those and with nothing of the program.
 */

/** A frame on one of the two buses. */
export interface OnBus {
  /** ms */
  readonly at: number
  readonly side: 'battery' | 'inverter'
  /** As candump writes it. */
  readonly text: string
}

/** Both directions, 0.1 A. */
export interface Both {
  readonly charge: number
  readonly discharge: number
}

export interface PackRules {
  /** Cells in series, and the limits of the pack, 0.1 V. */
  readonly minDv: number
  readonly maxDv: number
  readonly ceilingDa: Both
  readonly userW: Both
}

export const EXTENDED: PackRules = {
  minDv: 3800,
  maxDv: 4410,
  ceilingDa: { charge: 300, discharge: 300 },
  userW: { charge: 10_000, discharge: 10_000 },
}

/** What a pack says of itself; undefined as long as it has not. */
export interface PackOnBus {
  take(text: string, at: number): void
  /** Nothing may flow. */
  isUnsafe(at: number): boolean
  /** It goes on talking: a pause is not held against the gateway, before it makes everything unsafe. */
  isTalking(at: number): boolean
  /** What may flow at most where nothing is wrong; 0 where a direction is blocked. */
  most(at: number): Both
}

const QUIET_MS = 300

const little = (data: Buffer, at: number) => data.readUInt16LE(at)
const bytesOf = (text: string) => Buffer.from(text.slice(text.indexOf('#') + 1), 'hex')

class Latch {
  #set = false
  update(sets: boolean, releases: boolean): boolean {
    if (sets) this.#set = true
    else if (releases) this.#set = false
    return this.#set
  }
}

/** The blocks of both directions, with their distances; each goes by its own value, and stays as it is without one. */
class Blocks {
  readonly #latches = Array.from({ length: 6 }, () => new Latch())

  charge(
    maxMv: number | undefined,
    dv: number | undefined,
    promille: number | undefined,
    { maxDv }: PackRules,
  ): boolean {
    const [cell, voltage, soc] = this.#latches
    return [
      cell!.update(maxMv !== undefined && maxMv >= 3650, maxMv !== undefined && maxMv < 3630),
      voltage!.update(dv !== undefined && dv > maxDv, dv !== undefined && dv < maxDv - 20),
      soc!.update(promille !== undefined && promille >= 1000, promille !== undefined && promille < 990),
    ].includes(true)
  }

  discharge(
    minMv: number | undefined,
    dv: number | undefined,
    promille: number | undefined,
    { minDv }: PackRules,
  ): boolean {
    const [, , , cell, voltage, soc] = this.#latches
    return [
      cell!.update(minMv !== undefined && minMv <= 2800, minMv !== undefined && minMv > 2820),
      voltage!.update(dv !== undefined && dv < minDv, dv !== undefined && dv > minDv + 20),
      soc!.update(promille !== undefined && promille <= 0, promille !== undefined && promille >= 10),
    ].includes(true)
  }
}

function most(watts: number, userW: number, ceilingDa: number, dv: number, thousandths: number): number {
  const base = Math.min(300, ceilingDa, Math.floor((userW * 100) / dv))
  const cap = base < 10 ? base : 10 + ((base - 10) * thousandths) / 1000
  return Math.min(Math.floor((watts * 100) / dv), cap)
}

const ramp = (left: number, span: number) => Math.min(1000, (1000 * Math.max(0, left)) / span)

const FRESH_MS = 10_000

/** What one source has said last, and when. */
class Source<T> {
  #last: { readonly value: T; readonly at: number } | undefined

  set(value: T, at: number): void {
    this.#last = { value, at }
  }

  /** Nothing, or the one value that is not too old. */
  at(at: number): T[] {
    return this.#last !== undefined && at - this.#last.at < FRESH_MS ? [this.#last.value] : []
  }
}

type Extremes = readonly [min: number, max: number]

/** Frames that do not count with a wrong checksum. */
const CHECKED = ['344', '345', '438', '43D', '444', '446', '447']

const isIntact = (data: Buffer) => data.subarray(0, 8).reduce((sum, byte) => sum + byte, 0) % 256 === 255
const isWithin = (value: number, low: number, high: number) => value >= low && value <= high

/** An Atto 3 pack: what it broadcasts, and what it answers. */
export class AttoOnBus implements PackOnBus {
  readonly #rules: PackRules
  readonly #blocks = new Blocks()
  readonly #alive = new Source<true>()
  readonly #closed = new Source<boolean>()
  /** mV, degrees, 0.1 V, 0.1 %, W; each in order of preference. */
  readonly #cells = [new Source<Extremes>(), new Source<Extremes>()] as const
  readonly #celsius = [new Source<Extremes>(), new Source<Extremes>()] as const
  readonly #dv = [new Source<number>(), new Source<number>(), new Source<number>()] as const
  readonly #promille = [new Source<number>(), new Source<number>()] as const
  readonly #chargeW = [new Source<number>(), new Source<number>()] as const
  readonly #dischargeW = [new Source<number>(), new Source<number>()] as const
  /** First halves of answers in pairs. */
  readonly #halves = new Map<number, { readonly value: number; readonly at: number }>()
  #hasFeedback = false
  #isExtended = true
  #critical = false

  constructor(rules: PackRules = EXTENDED) {
    this.#rules = rules
  }

  take(text: string, at: number): void {
    const data = bytesOf(text)
    const id = text.slice(0, 3)
    if (data.length !== 8 || ['12D', '441', '7E7'].includes(id)) return
    if (id === '344') this.#hasFeedback = true
    if (id === '7EF') this.#answer(data, at)
    else if (isIntact(data) || !CHECKED.includes(id)) this.#broadcast(id, data, at)
    for (const [min, max] of this.#cells.flatMap(source => source.at(at))) this.#critical ||= max >= 3750 || min <= 2700
  }

  isUnsafe(at: number): boolean {
    if (this.#alive.at(at).length === 0 || this.#critical || !this.#isExtended) return true
    if (this.#hasFeedback && this.#closed.at(at)[0] !== true) return true
    const cells = this.#cells.flatMap(source => source.at(at))
    const celsius = this.#celsius.flatMap(source => source.at(at))
    const others = [this.#dv, this.#promille].map(sources => sources.flatMap(source => source.at(at)))
    if ([cells, celsius, ...others].some(known => known.length === 0)) return true
    if (celsius.some(([min, max]) => min < -25 || max > 50 || min > max || max - min >= 15)) return true
    return cells.some(([min, max]) => min > max || max - min >= 230)
  }

  isTalking(): boolean {
    return true // every value has an age of its own here
  }

  most(at: number): Both {
    const cells = this.#cells.flatMap(source => source.at(at))
    const [dv] = this.#dv.flatMap(source => source.at(at))
    const [promille] = this.#promille.flatMap(source => source.at(at))
    const [first] = cells
    const highest = first && Math.max(...cells.map(([, max]) => max))
    const lowest = first && Math.min(...cells.map(([min]) => min))
    const full = this.#blocks.charge(highest, dv, promille, this.#rules)
    const empty = this.#blocks.discharge(lowest, dv, promille, this.#rules)
    if (first === undefined || dv === undefined || promille === undefined) return { charge: 0, discharge: 0 }
    const [min, max] = first
    const bySpread = max > 3420 ? ramp(40 - Math.max(0, max - min - 40), 40) : 1000
    const share = { charge: Math.min(ramp(80 - (max - 3420), 80), bySpread), discharge: ramp(80 - (2900 - min), 80) }
    const { userW, ceilingDa } = this.#rules
    const watts = (sources: readonly Source<number>[]) => {
      const known = sources.flatMap(source => source.at(at))
      return known.length === 0 ? 0 : Math.min(...known)
    }
    return {
      charge: full ? 0 : most(watts(this.#chargeW), userW.charge, ceilingDa.charge, dv, share.charge),
      discharge: empty ? 0 : most(watts(this.#dischargeW), userW.discharge, ceilingDa.discharge, dv, share.discharge),
    }
  }

  #broadcast(id: string, data: Buffer, at: number): void {
    this.#alive.set(true, at)
    if (id === '344') this.#closed.set((data[0]! & 0x80) !== 0, at)
    if (id === '345') this.#powers(little(data, 0) * 100, little(data, 2) * 100, at)
    if (id === '438') this.#volts(0, little(data, 5), at)
    if (id === '444') this.#volts(1, (little(data, 0) & 0xfff) * 10, at)
    if (id === '446') this.#pair(this.#cells[0], [little(data, 1) & 0xfff, little(data, 5) & 0xfff], 1000, 4094, at)
    if (id === '447') {
      this.#pair(this.#celsius[0], [data[1]! - 40, data[3]! - 40], -40, 100, at)
      this.#charged(0, little(data, 4) & 0xfff, at)
    }
    if (id === '43D' && data[0] === 34) this.#isExtended = (little(data, 5) & 0xfff) !== 0xfff
  }

  #answer(data: Buffer, at: number): void {
    const did = data.readUInt16BE(2)
    const [byte, word] = [data[4]!, little(data, 4)]
    if (data[1] !== 0x62) return
    if (did === 0x05) this.#charged(1, byte * 10, at)
    if (did === 0x08) this.#volts(2, word * 10, at)
    if (did === 0x0a && word <= 2000) this.#chargeW[1].set(word * 100, at)
    if (did === 0x0e && word <= 2000) this.#dischargeW[1].set(word * 100, at)
    if (did === 0x2b || did === 0x2f) this.#halves.set(did, { value: did === 0x2b ? word : byte - 40, at })
    if (did === 0x2d) this.#second(0x2b, this.#cells[1], word, [1000, 4094], at)
    if (did === 0x31) this.#second(0x2f, this.#celsius[1], byte - 40, [-40, 100], at)
  }

  #second(first: number, source: Source<Extremes>, value: number, [low, high]: Extremes, at: number): void {
    const half = this.#halves.get(first)
    if (half !== undefined && at - half.at <= 1000) this.#pair(source, [half.value, value], low, high, at)
  }

  #pair(source: Source<Extremes>, pair: Extremes, low: number, high: number, at: number): void {
    if (pair.every(value => isWithin(value, low, high))) source.set(pair, at)
  }

  #powers(discharge: number, charge: number, at: number): void {
    if (charge <= 200_000) this.#chargeW[0].set(charge, at)
    if (discharge <= 200_000) this.#dischargeW[0].set(discharge, at)
  }

  #volts(source: 0 | 1 | 2, dv: number, at: number): void {
    if (isWithin(dv, 1000, 10_000)) this.#dv[source].set(dv, at)
  }

  #charged(source: 0 | 1, promille: number, at: number): void {
    if (promille <= 1000) this.#promille[source].set(promille, at)
  }
}

/** An MG4 pack, of which only voltage and charge are known: 104 cells, 5 kW both ways. */
export class Mg4OnBus implements PackOnBus {
  readonly #rules: PackRules = { ...EXTENDED, minDv: 2800, maxDv: 3590 }
  readonly #blocks = new Blocks()
  #heard = Number.NEGATIVE_INFINITY
  #promille: number | undefined
  #dv = 0

  take(text: string, at: number): void {
    const data = bytesOf(text)
    if (text.startsWith('401#')) this.#promille = data.readUInt16BE(6) & 0x3ff
    if (!text.startsWith('12C#')) return
    this.#heard = at
    this.#dv = Math.floor((((data[4]! << 4) | (data[5]! >> 4)) * 5) / 2)
  }

  isUnsafe(at: number): boolean {
    if (at - this.#heard >= 10_000 || this.#promille === undefined) return true
    return this.#dv < Math.max(2800, 104 * 27) || this.#dv > Math.min(3590, 104 * 36.5)
  }

  isTalking(at: number): boolean {
    return at - this.#heard < QUIET_MS
  }

  most(): Both {
    if (this.#promille === undefined) return { charge: 0, discharge: 0 }
    const amperes = most(5000, 10_000, 300, this.#dv, 1000)
    return {
      charge: this.#blocks.charge(0, this.#dv, this.#promille, this.#rules) ? 0 : amperes,
      discharge: this.#blocks.discharge(9999, this.#dv, this.#promille, this.#rules) ? 0 : amperes,
    }
  }
}

/** What an inverter makes of the frames for it: the limits that hold; undefined as long as it was told none. */
export interface InverterOnBus {
  take(text: string): boolean
  readonly told: Both | undefined
  /** Whether a frame is one of the inverter's own. */
  isOwn(text: string): boolean
}

export class HvsOnBus implements InverterOnBus {
  told: Both | undefined

  take(text: string): boolean {
    if (!text.startsWith('110#')) return false
    const data = bytesOf(text)
    this.told = { discharge: data.readUInt16BE(4), charge: data.readUInt16BE(6) }
    return true
  }

  isOwn(text: string): boolean {
    return ['091', '0D1', '111', '151', '191'].includes(text.slice(0, 3))
  }
}

/** Pylontech, 29 bits: what is forbidden counts beside the limits. */
export class PylonOnBus implements InverterOnBus {
  readonly #limitOf: (data: Buffer, at: number) => number
  #limits: Both = { charge: 0, discharge: 0 }
  #allowed: readonly [charge: boolean, discharge: boolean] | undefined

  constructor(dialect: 'vendor' | 'legacy') {
    this.#limitOf = (data, at) => (dialect === 'vendor' ? data.readUInt16LE(at) - 30_000 : data.readUInt16BE(at))
  }

  get told(): Both | undefined {
    if (this.#allowed === undefined) return undefined
    const [charge, discharge] = this.#allowed
    return { charge: charge ? this.#limits.charge : 0, discharge: discharge ? this.#limits.discharge : 0 }
  }

  take(text: string): boolean {
    const data = bytesOf(text)
    if (/^0000422[01]#/.test(text)) this.#limits = { charge: this.#limitOf(data, 4), discharge: this.#limitOf(data, 6) }
    if (/^0000428[01]#/.test(text)) this.#allowed = [data[0] === 0, data[1] === 0]
    return /^000042[28][01]#/.test(text)
  }

  isOwn(text: string): boolean {
    return text.startsWith('00004200#')
  }
}

/** Pylontech for 48 V. */
export class LowVoltageOnBus implements InverterOnBus {
  #limits: Both = { charge: 0, discharge: 0 }
  #enable: number | undefined

  get told(): Both | undefined {
    if (this.#enable === undefined) return undefined
    const { charge, discharge } = this.#limits
    return { charge: this.#enable & 0x80 ? charge : 0, discharge: this.#enable & 0x40 ? discharge : 0 }
  }

  take(text: string): boolean {
    const data = bytesOf(text)
    if (text.startsWith('351#')) this.#limits = { charge: little(data, 2), discharge: little(data, 4) }
    if (text.startsWith('35C#')) this.#enable = data[0]
    return text.startsWith('351#') || text.startsWith('35C#')
  }

  isOwn(text: string): boolean {
    return text.startsWith('305#')
  }
}

/** What was told when, and what was wrong with it. */
export interface Verdict {
  readonly problems: string[]
  /** Limits as they change. */
  readonly told: (Both & { readonly at: number })[]
}

const FLOWS = ['charge', 'discharge'] as const
/** It is decided ten times a second; and a little. */
const AT_ONCE_MS = 150
/** After that what may flow has to be told: one turn of 2 s, and a little; the 2 s of safety are over by then. */
export const OPEN_AGAIN_MS = 2300
const LOOK_MS = 50

/** Looks at every frame of both buses, and every 50 ms between them, until `end`. */
export function judge(
  heard: readonly OnBus[],
  pack: PackOnBus,
  inverter: InverterOnBus,
  end: number,
  openAgainMs = OPEN_AGAIN_MS,
): Verdict {
  const verdict: Verdict = { problems: [], told: [] }
  const mustSince: Record<(typeof FLOWS)[number], number | undefined> = { charge: 0, discharge: 0 }
  const maySince: Record<(typeof FLOWS)[number], number | undefined> = { charge: undefined, discharge: undefined }
  let unsafeAt = Number.NEGATIVE_INFINITY
  let unsafeBefore = unsafeAt
  let spoke = Number.NEGATIVE_INFINITY
  let mostBefore: Both = { charge: 0, discharge: 0 }
  let mostNow = mostBefore
  let stateAt = 0

  const look = (at: number): void => {
    if (at > stateAt) {
      mostBefore = mostNow // of frames of one moment either may have been first
      unsafeBefore = unsafeAt
    }
    if (pack.isUnsafe(at)) unsafeAt = at
    stateAt = at
    mostNow = pack.most(at)
    for (const flow of FLOWS) {
      const must = at - unsafeAt < 2000 || mostNow[flow] === 0
      if (!must) mustSince[flow] = undefined
      else mustSince[flow] ??= at
      if (must || !pack.isTalking(at)) maySince[flow] = undefined
      else maySince[flow] ??= at
      const told = inverter.told?.[flow] ?? 0
      if (told > 0 && at - (mustSince[flow] ?? at) >= AT_ONCE_MS) problem(at, `${flow} ${told} has to be 0`)
      const isLate = at - (maySince[flow] ?? at) >= openAgainMs && at - spoke < 2500
      if (told === 0 && isLate) problem(at, `${flow} may be ${mostNow[flow]}`)
    }
  }
  const problem = (at: number, text: string): void => {
    if (verdict.problems.length < 5) verdict.problems.push(`${at}: ${text}`)
  }

  let next = 0
  for (const { at, side, text } of heard) {
    if (at > end) break
    for (; next < at; next += LOOK_MS) look(next)
    if (side === 'battery') {
      pack.take(text, at)
      look(at)
    } else if (inverter.isOwn(text)) {
      spoke = at
    } else if (inverter.take(text)) {
      const told = inverter.told
      if (told === undefined) continue
      const last = verdict.told.at(-1)
      if (last?.charge !== told.charge || last.discharge !== told.discharge) verdict.told.push({ at, ...told })
      for (const flow of FLOWS) {
        if (told[flow] > Math.max(mostBefore[flow], mostNow[flow]))
          problem(at, `${flow} ${told[flow]} of at most ${mostNow[flow]}`)
        if (told[flow] > 0 && at - unsafeBefore < 1999) problem(at, `${flow} ${told[flow]} too early`)
      }
    }
  }
  return verdict
}
