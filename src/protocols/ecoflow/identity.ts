import type { Codec } from '../../decode/codec.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { CHANNEL } from './arbitration.ts'
import { HEADER, type Message } from './message.ts'

const PROTOBUF = 0x13

/** Index in the header of the command set; the command id follows it. */
export function commandAt(message: Message): number {
  return message.channel === CHANNEL.A ? HEADER.shortCommand : HEADER.command
}

/**
 * The definition of a message by what it really is: command set and id, before them the source module where one is
 * defined for it. Protobuf packets (AA13) have keys of their own.
 */
export function identify(set: StructSet, message: Message): Codec | undefined {
  const command = commandKey(message)
  const source = hex(message.bytes[HEADER.source]!)
  const prefix = message.bytes[HEADER.version] === PROTOBUF ? 'AA13:' : ''
  return set.codec([`${prefix}${source}:${command}`, `${prefix}${command}`])
}

/** Command set and id as `03:2F`. */
export function commandKey(message: Message): string {
  const at = commandAt(message)
  return `${hex(message.bytes[at]!)}:${hex(message.bytes[at + 1]!)}`
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
