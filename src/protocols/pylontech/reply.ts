import type { Values } from '../../core/values.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import type { Message } from '../protocol.ts'
import { hex2 } from './commands.ts'
import { derive } from './derive.ts'

/** A decoded reply, as readings have it. */
export interface Reply {
  /** Name of the message in the definitions. */
  readonly message: string
  readonly values: Values
  /** Unix ms. */
  readonly time: number
}

/** A reply as the definitions describe it; undefined where none does. Throws `DecodeError` where one does not fit. */
export function decodeReply(structs: StructSet, { keys, payload, header, at }: Message): Reply | undefined {
  const codec = structs.codec(keys)
  if (codec === undefined) return undefined
  const values = { ...header, ...codec.decode(payload, { short: 'omit' }) }
  derive(codec.name, values)
  return { message: codec.name, values, time: at }
}

/** What a return code is called where a module's error is told: `RTN 91`. */
export function rtnText(rtn: number): string {
  return `RTN ${hex2(rtn)}`
}
