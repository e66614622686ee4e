import type { TypeSpec } from './type.ts'

/**
 * A "not available" marker as the field's type reads it. Datasheets give them as bit patterns, so for a signed field
 * 65535 may stand for -1.
 */
export function signedMarker(marker: number, type: TypeSpec): number {
  if (type.form !== 'int' || !type.signed || type.bits > 53) return marker
  const half = 2 ** (type.bits - 1)
  return marker >= half && marker < 2 * half ? marker - 2 * half : marker
}
