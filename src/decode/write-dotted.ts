import type { ByteWriter } from '../core/writer.ts'
import { type FieldPlan, FORM } from './plan.ts'

/** Appends a version word, `bytes[start, end)`, as dotted decimals between two `quote` characters. */
export function writeDotted(
  out: ByteWriter,
  { form }: FieldPlan,
  bytes: Uint8Array,
  start: number,
  end: number,
  quote: number,
): void {
  out.byte(quote)
  for (let i = start; i < end; i++) {
    if (i > start) out.byte(0x2e)
    out.int(bytes[form === FORM.dottedLe ? start + end - 1 - i : i]!)
  }
  out.byte(quote)
}
