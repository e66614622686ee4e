import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StructError } from '../core/errors.ts'
import type { Definition, MessageDefinition } from './definition.ts'
import { keysOf, StructSet } from './struct-set.ts'

/** Reads and checks a definition that is not ours; throws `StructError` with every problem. */
export type Checker = (text: string, file: string) => Definition

/**
 * The definition files in use: the built-in folder, and over it the user's, message by message. A message of the
 * user's replaces the one of its name and takes over the keys that it claims; all others stay.
 */
export class StructLibrary {
  readonly #builtIn: string
  readonly #overlay: string | undefined
  readonly #check: Checker
  readonly #sets = new Map<string, StructSet>()
  readonly #stamps = new Map<string, number>()

  /** `check` is applied to the user's files; the built-in ones are checked when they are changed, not at start-up. */
  constructor(builtIn: string, overlay: string | undefined, check: Checker) {
    this.#builtIn = builtIn
    this.#overlay = overlay
    this.#check = check
  }

  /** Names of all definitions, sorted. */
  names(): string[] {
    const own = this.#overlay === undefined ? [] : definitionNames(this.#overlay)
    return [...new Set([...definitionNames(this.#builtIn), ...own])].sort()
  }

  /** The definitions called `name`; throws `StructError` where there are none or the user's are broken. */
  load(name: string): StructSet {
    const known = this.#sets.get(name)
    if (known !== undefined) return known
    const set = this.#read(name)
    this.#sets.set(name, set)
    return set
  }

  /**
   * Loads again what has changed on disk since it was read. Returns the names of those that are new now; a broken
   * file is told to `report` and the one in use stays.
   */
  reload(report: (error: StructError) => void): string[] {
    const renewed: string[] = []
    for (const name of this.#sets.keys()) {
      if (!this.#changed(name)) continue
      try {
        this.#sets.set(name, this.#read(name))
        renewed.push(name)
      } catch (error) {
        if (!(error instanceof StructError)) throw error
        report(error)
      }
    }
    return renewed
  }

  #files(name: string): string[] {
    const folders = this.#overlay === undefined ? [this.#builtIn] : [this.#builtIn, this.#overlay]
    return folders.map(folder => join(folder, `${name}.json`))
  }

  #changed(name: string): boolean {
    return this.#files(name).some(file => modified(file) !== this.#stamps.get(file))
  }

  #read(name: string): StructSet {
    const [builtIn, overlay] = this.#files(name)
    for (const file of this.#files(name)) this.#stamps.set(file, modified(file))
    const base = modified(builtIn!) === 0 ? undefined : parse(readFileSync(builtIn!, 'utf8'), builtIn!)
    const own = overlay === undefined || modified(overlay) === 0 ? undefined : this.#check(read(overlay), overlay)
    if (base === undefined && own === undefined) {
      throw new StructError(`there are no definitions called ${name}; see: wattzup structs list`)
    }
    if (base === undefined || own === undefined) return new StructSet(name, (base ?? own)!)
    return new StructSet(name, merge(base, own), [own, base])
  }
}

function definitionNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter(file => file.endsWith('.json') && file !== 'struct.schema.json')
      .map(file => file.slice(0, -'.json'.length))
  } catch (error) {
    throw new StructError(`cannot read the folder ${folder}`, { folder }, error)
  }
}

/** When a file was last changed, in ms; 0 where there is none. */
function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StructError(`cannot read ${file}`, { file }, error)
  }
}

function parse(text: string, file: string): Definition {
  try {
    return JSON.parse(text) as Definition
  } catch (error) {
    throw new StructError(`${file}: ${(error as Error).message}`, { file }, error)
  }
}

function merge(base: Definition, own: Definition): Definition {
  const taken = new Set(Object.values(own.messages).flatMap(keysOf))
  const messages: Record<string, MessageDefinition> = {}
  for (const [name, message] of Object.entries(base.messages)) {
    messages[name] = { ...message, match: keysOf(message).filter(key => !taken.has(key)) }
  }
  return {
    ...base,
    ...own,
    enums: { ...base.enums, ...own.enums },
    flags: { ...base.flags, ...own.flags },
    types: { ...base.types, ...own.types },
    messages: { ...messages, ...own.messages },
  }
}
