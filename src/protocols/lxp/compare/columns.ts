import type { FieldInfo } from '../../../core/field-info.ts'
import { headerKey, headerKeyWithoutUnit } from './header-key.ts'

/**
 * Finds the value that a column of the portal shows: by the user's own table, by our name, by the portal's own name
 * (`path` in the definition), by our label; upper and lower case and units in parentheses do not matter.
 */
export class ColumnNames {
  readonly #byKey = new Map<string, string>()
  readonly #own: ReadonlyMap<string, string>

  constructor(fields: readonly FieldInfo[], own: Readonly<Record<string, string>>) {
    this.#own = new Map(Object.entries(own).map(([header, name]) => [headerKey(header), name]))
    for (const { name } of fields) this.#learn(name, name)
    for (const { name, path } of fields) if (path !== undefined) this.#learn(path, name)
    for (const { name, label } of fields) this.#learn(label, name)
  }

  /** The name of the value under a header; undefined where nobody knows. */
  nameOf(header: string): string | undefined {
    const own = this.#own.get(headerKey(header))
    return own ?? this.#byKey.get(headerKey(header)) ?? this.#byKey.get(headerKeyWithoutUnit(header))
  }

  /** Whether the user's own table says that a header is this. */
  isOwn(header: string, name: string): boolean {
    return this.#own.get(headerKey(header)) === name
  }

  #learn(text: string, name: string): void {
    const key = headerKey(text)
    if (!this.#byKey.has(key)) this.#byKey.set(key, name)
  }
}
