import { CHANNEL } from '../arbitration.ts'
import { HEADER } from '../message.ts'
import type { FilterOptions } from './options.ts'
import type { View } from './view.ts'

type Test = (view: View) => boolean

/**
 * The header filters of each channel, only those that were asked for. Most act on channel B alone: A and C pass, as
 * they always did, unless `--chan` says otherwise.
 */
export class Filters {
  readonly #a: readonly Test[]
  readonly #b: readonly Test[]
  readonly #c: readonly Test[]
  readonly #start: string | undefined
  readonly #preA: string | undefined
  readonly #length: number | undefined

  constructor(options: FilterOptions, separator: string) {
    this.#start = options.startCommand
    this.#preA = options.pre
    this.#length = options.length
    this.#a = testsOfA(options)
    this.#b = testsOfB(options, separator)
    this.#c = testsOfC(options)
  }

  /** Whether a segmented message begins with the wanted command; asked before everything else. */
  passesStart(view: View): boolean {
    if (this.#start === undefined) return true
    return (view.message.firstId >>> 20).toString(16).toUpperCase().padStart(3, '0') === this.#start
  }

  /** Whether a segmented message has the wanted version; asked before its CRC. */
  passesPre(view: View): boolean {
    return this.#preA === undefined || view.pre === this.#preA
  }

  /** Whether the whole packet has the wanted length; on channel C asked before the CRC. */
  passesLength(view: View): boolean {
    return this.#length === undefined || view.message.length === this.#length
  }

  passes(view: View): boolean {
    const { channel } = view.message
    const tests = channel === CHANNEL.A ? this.#a : channel === CHANNEL.B ? this.#b : this.#c
    for (let i = 0; i < tests.length; i++) if (!tests[i]!(view)) return false
    return true
  }
}

function testsOfA({ rty, typ }: FilterOptions): Test[] {
  return [...oneOf(rty, view => view.rty), ...oneOf(typ, view => view.typ)]
}

function testsOfC(options: FilterOptions): Test[] {
  return [
    ...oneOf(options.rty, view => view.rty),
    ...equals(options.mrt, view => view.mrt),
    ...oneOf(options.typ, view => view.typ),
  ]
}

function testsOfB(options: FilterOptions, separator: string): Test[] {
  return [
    ...lengthIs(options.length),
    ...equals(options.pre, view => view.pre),
    ...hexHas(options.hexHas, separator),
    ...equals(options.str, view => view.str),
    ...equals(options.smo, view => view.smo),
    ...noneOf(options.excludedStr, view => view.str),
    ...oneOf(options.rty, view => view.rty),
    ...oneOf(options.typ, view => view.typ),
    ...oneOf(options.ty2, view => view.ty2),
    ...noneOf(options.excludedRty, view => view.rty),
    ...oneOf(options.rrf, view => view.rrf),
    ...equals(options.mty, view => view.byte(HEADER.type)),
    ...equals(options.dev, view => view.dev),
    ...equals(options.mad, view => view.mad),
    ...equals(options.mde, view => view.byte(HEADER.detail)),
    ...equals(options.mrt, view => view.mrt),
    ...equals(options.mda, view => view.mda),
    ...equals(options.sh2, view => view.byte(8)),
    ...equals(options.dv1, view => view.dv1),
    ...oneOf(options.dv4, view => view.dv4),
    ...headerHas(options.headerHas, 0),
    ...headerHas(options.headerTailHas, 9),
  ]
}

function equals(want: string | undefined, text: (view: View) => string): Test[] {
  return want === undefined ? [] : [view => text(view) === want]
}

function oneOf(want: ReadonlySet<string> | undefined, text: (view: View) => string): Test[] {
  return want === undefined ? [] : [view => want.has(text(view))]
}

function noneOf(unwanted: ReadonlySet<string> | undefined, text: (view: View) => string): Test[] {
  return unwanted === undefined ? [] : [view => !unwanted.has(text(view))]
}

function lengthIs(length: number | undefined): Test[] {
  return length === undefined ? [] : [view => view.message.length === length]
}

function hexHas(part: string | undefined, separator: string): Test[] {
  return part === undefined ? [] : [view => view.payloadHex(separator).includes(part)]
}

/** Whether the last place of a byte among the 18 of the header is at `from` or after it. */
function headerHas(byte: string | undefined, from: number): Test[] {
  if (byte === undefined) return []
  return [
    view => {
      for (let at = 17; at >= from; at--) if (view.byte(at) === byte) return true
      return false
    },
  ]
}
