import type { Value, Values } from '../core/values.ts'

/** A document with its serial numbers masked, where that is wanted. Pure. */
export function redacted(document: Values, isWanted: boolean): Values {
  const { packs } = document
  if (!isWanted || !Array.isArray(packs)) return document
  return { ...document, packs: (packs as readonly Value[]).map(masked) }
}

function masked(pack: Value): Value {
  if (typeof pack !== 'object' || pack === null || Array.isArray(pack)) return pack
  const { serial } = pack as Values
  return typeof serial === 'string' ? { ...pack, serial: 'X'.repeat(serial.length) } : pack
}
