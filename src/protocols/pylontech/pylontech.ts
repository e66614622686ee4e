import type { StructSet } from '../../decode/struct-set.ts'
import type { Protocol } from '../protocol.ts'
import { derive } from './derive.ts'
import type { ExchangeOptions } from './exchange.ts'
import { PylontechFramer } from './framer.ts'

/** Pylontech low-voltage batteries on RS485 or RS232. `structs` are the definitions of structs/pylontech.json. */
export function pylontech(structs: StructSet, options: ExchangeOptions = {}): Protocol {
  return { name: 'pylontech', structs, framer: () => new PylontechFramer(options), derive }
}
