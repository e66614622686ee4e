import { FLAGS } from './flags.ts'
import { hex } from './format.ts'
import type { Style } from './line.ts'
import type { Module } from './stack.ts'

/** What stands behind a value whose alarm code is not 0: `v` below its limit, `^` above, else the code itself. */
export function codeMark(code: number | null): string {
  if (code === null || code === 0) return ''
  return code === 1 ? 'v' : code === 2 ? '^' : hex(code)
}

/** The colour of a value with an alarm code. */
export function codeStyle(code: number | null): Style {
  if (code === null) return 'plain'
  return code === 0 ? 'ok' : code === 1 ? 'low' : code === 2 ? 'high' : 'other'
}

/**
 * What is wrong with a module, by name: alarm codes that are not 0, protections that have acted, cells that have failed.
 * What it asks for, such as a full charge, is not among it.
 */
export function alarmsOf(module: Module): string[] {
  const { cells, sensors, chargeCurrent, moduleVoltage, dischargeCurrent, flags } = module
  const protections = FLAGS.filter(({ kind, name }) => kind === 'protection' && flags[name] === true)
  return [
    ...protections.map(({ label }) => label),
    ...cells.flatMap(({ faulty }, i) => (faulty ? [`cell ${i + 1} FAULT`] : [])),
    ...cells.flatMap(({ code }, i) => worded(`cell ${i + 1}`, code)),
    ...sensors.flatMap(({ code }, i) => worded(`temp ${i + 1}`, code)),
    ...worded('CHG_CUR', chargeCurrent),
    ...worded('VOLTAGE', moduleVoltage),
    ...worded('DIS_CUR', dischargeCurrent),
  ]
}

function worded(what: string, code: number | null): string[] {
  if (code === null || code === 0) return []
  return [`${what} ${code === 1 ? 'low' : code === 2 ? 'high' : hex(code)}`]
}

/** Something that began or ended. */
export interface AlarmChange {
  /** Unix ms. */
  readonly at: number
  readonly module: number
  readonly what: string
  readonly begins: boolean
}

/** The newest changes are kept. */
const KEPT = 100

/** Remembers what begins and ends to be wrong. */
export class AlarmLog {
  /** The newest is the last. */
  readonly changes: AlarmChange[] = []
  #active: ReadonlyMap<string, ReadonlySet<string>> = new Map()

  /** Takes the state of all modules; tells whether anything new is wrong. `isStale` counts as something wrong, too. */
  update(modules: readonly Module[], at: number, isStale: (module: Module) => boolean): boolean {
    const active = new Map<string, ReadonlySet<string>>()
    let isNew = false
    for (const module of modules) {
      const old = this.#active.get(module.key) ?? new Set()
      const now = new Set(isStale(module) ? [...alarmsOf(module), 'no answer'] : alarmsOf(module))
      for (const what of now) {
        if (!old.has(what)) isNew = this.#add({ at, module: module.number, what, begins: true })
      }
      for (const what of old) if (!now.has(what)) this.#add({ at, module: module.number, what, begins: false })
      active.set(module.key, now)
    }
    this.#active = active
    return isNew
  }

  #add(change: AlarmChange): boolean {
    this.changes.push(change)
    if (this.changes.length > KEPT) this.changes.shift()
    return true
  }
}
