import { dirname, isAbsolute, join } from 'node:path'
import type { Endpoint } from '../core/endpoint.ts'
import { isWattzupError } from '../core/errors.ts'
import { type Query, ZeroCache, type ZeroRule } from '../protocols/sec1000/zero-cache.ts'
import type { Io } from './io.ts'
import type { Notes } from './sec1000-notes.ts'

export interface CacheFlags {
  /** The file; false: no cache at all. */
  readonly cache?: string | false
  readonly cacheSize: number
  readonly cacheAge: number
  readonly cacheFresh?: true
}

/** The rule that the options ask for; undefined where zeros are not replaced. */
export function zeroRule({ cache, cacheSize, cacheAge, cacheFresh }: CacheFlags): ZeroRule | undefined {
  if (cache === false || cacheSize === 0) return undefined
  return { size: cacheSize, maxAge: cacheAge, freshOnly: cacheFresh === true }
}

/** Where a controller's queries are remembered; undefined where the system has no place for such files. */
export function cachePath(env: Io['env'], { host, port }: Endpoint): string | undefined {
  const own = env['XDG_STATE_HOME']
  const home = env['HOME'] ?? env['USERPROFILE']
  const folder = own !== undefined && isAbsolute(own) ? own : home && join(home, '.local', 'state')
  const name = `sec1000-${host.replaceAll(/[^A-Za-z0-9._-]/g, '_')}-${port}.json`
  return folder === undefined || folder === '' ? undefined : join(folder, 'wattzup', name)
}

/** Queries that are remembered, and what writes them down. */
export interface Remembered {
  readonly cache: ZeroCache
  save(): Promise<void>
}

/** What is remembered of a controller; undefined where the options want nothing to be. */
export function openCache(io: Io, endpoint: Endpoint, flags: CacheFlags, notes: Notes): Remembered | undefined {
  const rule = zeroRule(flags)
  if (rule === undefined) return undefined
  const path = flags.cache || cachePath(io.env, endpoint)
  if (path !== undefined) return new CacheFile(io, path, endpoint.host, rule, notes)
  notes.say('no HOME: nothing is remembered for the next run; --cache FILE names a file')
  return { cache: new ZeroCache(rule), save: async () => {} }
}

/** More than any cache that we write has. */
const MOST_BYTES = 65_536

/** A cache in a JSON file. One that cannot be read or written is said, and the run goes on without it. */
class CacheFile implements Remembered {
  readonly cache: ZeroCache
  readonly #io: Io
  readonly #path: string
  readonly #host: string
  readonly #notes: Notes

  constructor(io: Io, path: string, host: string, rule: ZeroRule, notes: Notes) {
    this.#io = io
    this.#path = path
    this.#host = host
    this.#notes = notes
    this.cache = new ZeroCache(rule, this.#load())
  }

  async save(): Promise<void> {
    const { files } = this.#io
    const text = `${JSON.stringify({ version: 1, host: this.#host, values: this.cache.queries })}\n`
    try {
      files.makeFolder(dirname(this.#path))
      await files.replaceText(this.#path, text)
      this.#notes.clear('cache')
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.#notes.change('cache', error.message, `${error.message}; the next run will not know of this query`)
    }
  }

  #load(): readonly Query[] {
    const { files } = this.#io
    try {
      if (!files.exists(this.#path)) return []
      const queries = (files.size(this.#path) ?? 0) > MOST_BYTES ? undefined : queriesOf(files.readText(this.#path))
      if (queries === undefined) this.#notes.say(`${this.#path} is damaged; starting with an empty cache`)
      return queries ?? []
    } catch (error) {
      if (!isWattzupError(error)) throw error
      this.#notes.say(`${error.message}; starting with an empty cache`)
      return []
    }
  }
}

/** The queries of `{"version":1,"values":[[seconds, kW],...]}`; undefined where the text is something else. */
function queriesOf(text: string): Query[] | undefined {
  try {
    const { version, values } = JSON.parse(text)
    return version === 1 && Array.isArray(values) && values.every(isQuery) ? values : undefined
  } catch {
    return undefined
  }
}

function isQuery(value: unknown): value is Query {
  return Array.isArray(value) && value.length === 2 && value.every(part => Number.isFinite(part))
}
