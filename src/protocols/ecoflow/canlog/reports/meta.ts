import type { View } from '../view.ts'
import { fitsByte, search } from './scan.ts'

/** Values of the maker's cloud for one minute, by API key; undefined where there is no file. */
export type MetaSource = (minute: string) => Readonly<Record<string, unknown>> | undefined

const SHARE = 0.99

/**
 * Looks for the values that the maker's cloud showed in the payloads of the same time: offsets that hold one, within
 * two percent, in 99 of 100 minutes are likely to be that value.
 */
export class MetaSearch {
  readonly #source: MetaSource
  readonly #compat: boolean
  readonly #minutes = new Set<string>()
  readonly #streams = new Map<string, Set<string>>()
  readonly #both = new Map<string, Map<string, Set<string>>>()
  readonly #hits = new Map<string, Map<string, Map<string, Set<string>>>>()

  constructor(source: MetaSource, compat: boolean) {
    this.#source = source
    this.#compat = compat
  }

  /** Searches a message; `minutes` are the one before its own, its own, and the next. */
  add(view: View, minutes: readonly [string, string, string]): void {
    const [, own] = minutes
    const stream = view.str
    this.#minutes.add(own)
    at(this.#streams, stream, newSet).add(own)
    for (const minute of minutes) {
      const values = this.#source(minute)
      if (values === undefined) continue
      for (const [key, value] of Object.entries(values)) {
        if (typeof value === 'number' && value !== 0) this.#value(view, stream, own, key, value)
      }
    }
  }

  #value({ payload, length }: View, stream: string, minute: string, key: string, value: number): void {
    const low = Math.floor(value - value / 50)
    const high = Math.ceil(value + value / 50)
    at(at(this.#both, key, newMap<Set<string>>), stream, newSet).add(minute)
    search(payload, length, low, high, fitsByte(low, high), false, (width, offset) => {
      const place = this.#compat ? String(offset) : `${width}_${String(offset).padStart(3, '0')}`
      const places = at(at(this.#hits, key, newMap<Map<string, Set<string>>>), stream, newMap<Set<string>>)
      at(places, place, newSet).add(minute)
    })
  }

  /** API key -> stream -> places that fit. */
  get places(): Record<string, Record<string, (string | number)[]>> {
    const found: Record<string, Record<string, (string | number)[]>> = {}
    for (const [key, streams] of this.#hits) {
      for (const [stream, places] of streams) {
        const seen = this.#both.get(key)!.get(stream)!.size
        const kept = [...places].filter(([, minutes]) => minutes.size >= SHARE * seen).map(([place]) => place)
        if (kept.length === 0) continue
        found[key] ??= {}
        found[key][stream] = this.#sorted(kept)
      }
    }
    return found
  }

  /** API key without its last part -> the streams that all its keys share. */
  get groups(): Record<string, string[]> {
    const groups: Record<string, string[]> = {}
    for (const [key, streams] of Object.entries(this.places)) {
      const group = key.split('.').slice(0, -1).join('.')
      const names = Object.keys(streams)
      groups[group] = Object.hasOwn(groups, group) ? groups[group]!.filter(name => names.includes(name)) : names
    }
    return groups
  }

  /** Stream -> number of minutes it was seen in. */
  get minutes(): Record<string, number> {
    return Object.fromEntries([...this.#streams].map(([stream, minutes]) => [stream, minutes.size]))
  }

  get summary(): string {
    return `meta analysis complete for ${this.#streams.size} streams over ${this.#minutes.size} minutes`
  }

  #sorted(places: string[]): (string | number)[] {
    if (this.#compat) return places.sort().map(Number)
    const offset = (place: string) => Number(place.split('_')[1])
    return places.sort((a, b) => offset(a) - offset(b) || (a < b ? -1 : 1))
  }
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

function newSet(): Set<string> {
  return new Set()
}

function newMap<V>(): Map<string, V> {
  return new Map()
}
