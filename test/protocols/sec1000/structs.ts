import { StructLibrary } from '../../../src/decode/library.ts'
import { STRUCTS } from '../../fake-io.ts'

/** The built-in definitions. */
export const SEC1000 = new StructLibrary(STRUCTS, undefined, () => {
  throw new Error('no overlay')
}).load('sec1000')
