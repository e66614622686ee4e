import { StructError } from '../../../core/errors.ts'
import type { Values } from '../../../core/values.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import type { Module } from './modules.ts'
import { FLAGS, type PacketHeader, type Version } from './packet.ts'
import type { Home } from './physics.ts'

/** The two definition files: by record key (`ecoflow-records`), and by message identity (`ecoflow`). */
export interface Definitions {
  readonly records: StructSet
  readonly messages: StructSet
}

/** Gives a payload of the present state. */
export type Payload = () => Uint8Array

/** A kind of message that a module sends. */
export interface Report {
  readonly channel: 'A' | 'B' | 'C'
  readonly header: PacketHeader
  readonly payload: Payload
  /** Repeats the packet with a hop of its own, as a battery does with what a PowerStream sends to its neighbours. */
  readonly relay?: Module
}

/** A `Report`; `flags` are those of `FLAGS`, the XOR bit follows from the module. */
export function report(
  channel: Report['channel'],
  from: Module,
  to: number,
  command: number,
  payload: Payload,
  how: {
    readonly flags?: number
    readonly toDynamic?: number
    readonly version?: Version
    readonly relay?: Module
  } = {},
): Report {
  const flags = (how.flags ?? FLAGS.report) | (from.plain ? 0 : 0x20)
  const version = how.version ?? (channel === 'A' ? 0x02 : 0x03)
  const header = { version, flags, from, to, toDynamic: how.toDynamic ?? 0, command }
  return { channel, header, payload, ...(how.relay === undefined ? {} : { relay: how.relay }) }
}

/** The payload of `values` by the definition `name`, of at least `length` bytes. */
export function encodeAs(set: StructSet, name: string, values: Values, length = 0): Uint8Array {
  const codec = set.message(name)
  if (codec === undefined) throw new StructError(`structs/${set.name}.json: the simulator needs ${name}`, { name })
  return codec.encode(values, length)
}

/** The same payload until the home's state changes: encoding costs more than all else that a message takes. */
export function perStep(home: Home, make: Payload): Payload {
  let version = -1
  let bytes: Uint8Array = new Uint8Array(0)
  return () => {
    if (version !== home.version) {
      bytes = make()
      version = home.version
    }
    return bytes
  }
}

/** A payload that no definition covers: `length` bytes, written through a view. Its content is invented. */
export function handWritten(length: number, write: (view: DataView) => void = () => {}): Payload {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  return () => {
    write(view)
    return bytes
  }
}

/** Clean decimals of physical values: the wire has no more. */
export function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** Whole part of a power by direction, W: charging or discharging, never both. */
export function inAndOut(watts: number): { readonly into: number; readonly out: number } {
  const whole = Math.round(watts)
  return { into: Math.max(0, whole), out: Math.max(0, -whole) }
}
