import type { Files } from '../../../../core/files.ts'
import type { MetaSource } from './meta.ts'

/** Minutes that are kept at a time; messages come nearly in order. */
const KEPT = 16

/** The cloud's values from files `DIR/YY/MMDD/HHmm.json`; a missing one is told once. */
export function metaFiles(
  folder: string,
  ports: { readonly files: Files; readonly note: (text: string) => void },
): MetaSource {
  const kept = new Map<string, Readonly<Record<string, unknown>> | undefined>()
  const missing = new Set<string>()
  return minute => {
    if (kept.has(minute)) return kept.get(minute)
    const path = `${folder}/${minute.slice(0, 2)}/${minute.slice(2, 6)}/${minute.slice(7, 11)}.json`
    const values = ports.files.exists(path) ? parse(ports.files.readText(path), path, ports.note) : undefined
    if (values === undefined && !missing.has(path) && missing.size < 100_000) {
      missing.add(path)
      ports.note(`no meta source: ${path}`)
    }
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value!)
    kept.set(minute, values)
    return values
  }
}

function parse(
  text: string,
  path: string,
  note: (text: string) => void,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch (error) {
    note(`${path}: ${(error as Error).message}`)
    return undefined
  }
}
