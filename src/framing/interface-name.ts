import { utf8 } from '../core/bytes.ts'

const LONGEST = 64

/** The name of an interface as logs can hold it: without blanks and control characters, and not endless. */
export function interfaceName(text: string): Uint8Array {
  const plain = text.slice(0, LONGEST).replaceAll(/[\s\p{Cc}()]/gu, '_')
  return utf8(plain === '' ? 'can0' : plain)
}
