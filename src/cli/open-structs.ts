import { type Checker, StructLibrary } from '../decode/library.ts'
import type { Io } from './io.ts'

/**
 * The definitions in use: the built-in ones, and those of the user's folder over them. The checker is loaded only for
 * the latter: it is much code, and the built-in ones are checked before they are shipped.
 */
export async function openStructs(io: Io, folder: string | undefined): Promise<StructLibrary> {
  if (folder === undefined) return new StructLibrary(io.structs, undefined, unchecked)
  const { checkedDefinition } = await import('../decode/check.ts')
  return new StructLibrary(io.structs, folder, checkedDefinition)
}

const unchecked: Checker = text => JSON.parse(text)
