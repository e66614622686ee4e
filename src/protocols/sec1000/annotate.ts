import type { Value } from '../../core/values.ts'
import type { Message, Protocol } from '../protocol.ts'
import { checksum, HEAD, PREFIX, REQUEST, SUM } from './frame.ts'

/** A part of a reply, explained. */
export interface ReplyPart {
  /** Its place in the reply, and its bytes in hex. */
  readonly at: number
  readonly bytes: string
  readonly name: string
  /** The number on the wire and what it means, empty where it is none. */
  readonly raw: string
  readonly value: string
  readonly note: string
}

/** All parts of a reply in the order of the wire: prefix, length, request, fields, checksum. */
export function annotated({ keys, payload, frame }: Message, { structs }: Protocol): ReplyPart[] {
  const reply = frame!
  const codec = structs.codec(keys)
  const part = (at: number, size: number, name: string, note: string, raw = '', value = ''): ReplyPart => {
    const bytes = Buffer.from(reply.subarray(at, at + size)).toString('hex')
    return { at, bytes, name, raw, value, note }
  }
  const raws = codec?.decode(payload, { raw: true, short: 'omit' }) ?? {}
  const values = codec?.decode(payload, { short: 'omit' }) ?? {}
  const fields = (codec?.layout.fields ?? []).map(({ name, at, size, quantity, options }) => {
    const { label = '', note } = options
    const meaning = note === undefined ? label : `${label}; ${note}`
    return part(HEAD + REQUEST + at, size, name, meaning, shown(raws[name]), shown(values[name], quantity.unit))
  })
  const length = (reply[PREFIX.length]! << 8) | reply[PREFIX.length + 1]!
  const end = reply.length - SUM
  return [
    part(0, PREFIX.length, 'prefix', Buffer.from(reply.subarray(0, PREFIX.length)).equals(PREFIX) ? '' : 'wrong'),
    part(PREFIX.length, 2, 'length', 'bytes behind it', String(length)),
    part(HEAD, REQUEST, 'request', codec?.message.title ?? ''),
    ...fields,
    part(end, SUM, 'checksum', verdict(reply, end), String((reply[end]! << 8) | reply[end + 1]!)),
  ]
}

function verdict(reply: Uint8Array, end: number): string {
  const want = checksum(reply, HEAD, end)
  const right = want === ((reply[end]! << 8) | reply[end + 1]!)
  return right ? 'right' : `wrong: computed ${want.toString(16).padStart(4, '0')}`
}

function shown(value: Value | undefined, unit = ''): string {
  if (value === undefined) return ''
  return unit === '' ? String(value) : `${value} ${unit}`
}
