import { UsageError } from '../core/errors.ts'

/** Faults by name, and what each of them is. */
type Catalogue<Fault extends string> = Readonly<Record<Fault, string>>

/**
 * Reads a list of faults with optional rates: `drop,split=0.5`, `all`, `all=0.001`; a later entry wins. `rate` is that of
 * entries without one. Throws `UsageError`.
 */
export function parseFaultRates<Fault extends string>(
  list: string,
  known: Catalogue<Fault>,
  rate: number,
): ReadonlyMap<Fault, number> {
  const names = Object.keys(known) as Fault[]
  const rates = new Map<Fault, number>()
  for (const entry of list.split(',').map(text => text.trim())) {
    if (entry === '') continue
    const [name = '', own] = entry.split('=')
    const value = own === undefined ? rate : Number(own)
    if (!/^[^=]+(=\d*\.?\d+)?$/.test(entry) || !(value <= 1)) {
      throw new UsageError(`--faults: ${entry} needs a rate from 0 to 1, as in ${name || names[0]}=${rate}`, { entry })
    }
    const meant = name === 'all' ? names : names.filter(fault => fault === name)
    if (meant.length === 0) {
      throw new UsageError(`--faults: there is no fault ${name}; there are ${[...names, 'all'].join(', ')}`, { entry })
    }
    for (const fault of meant) rates.set(fault, value)
  }
  return rates
}

/** The faults for help; `what` is what a rate is the share of. */
export function faultsHelp(known: Catalogue<string>, what: string, rate: number): string {
  const rows = [...Object.entries(known), ['all', 'all of them'] as const]
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  const lines = rows.map(([name, text]) => `  ${name.padEnd(width)}${text}\n`).join('')
  const example = Object.keys(known)[0]
  return `\nFaults, each with the share of ${what} that have it if wanted (${example}=0.2), ${rate} by default:\n${lines}`
}

/** `; faults: 3 split, 1 reset`; nothing where there were none. */
export function faultsText(made: ReadonlyMap<string, number>): string {
  return made.size === 0 ? '' : `; faults: ${[...made].map(([name, count]) => `${count} ${name}`).join(', ')}`
}
