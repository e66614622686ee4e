import type { Definition, Endian, MessageDefinition } from './definition.ts'
import { bitPositions, type Place, parsePlace } from './place.ts'
import { type FieldPlan, type Layout, READ } from './plan.ts'
import type { TypeSpec } from './type.ts'

/** What the shape of a field depends on beside its row. */
export interface ShapeContext {
  readonly definition: Definition
  readonly message: MessageDefinition
  /** Compiles the nested type of that name. */
  readonly nested: (name: string, report: Say) => Layout | undefined
}

/** Where a field's bytes are and how they are read. */
export type Shape = Pick<FieldPlan, 'at' | 'skip' | 'size' | 'read' | 'bits' | 'segments' | 'layout' | 'path'>
/** Reports a problem of the field at hand and gives undefined. */
export type Say = (text: string, suggestion?: string) => undefined

/** Place and type together: where the bytes are and how they are read. */
export function shapeOf(type: TypeSpec, at: number | string, context: ShapeContext, report: Say): Shape | undefined {
  const unit = context.message.unit ?? context.definition.unit ?? 'byte'
  if (unit === 'protobuf') return protobufShape(type, at, report)
  const place = parsePlace(at)
  if (place === undefined)
    return report(`${JSON.stringify(at)} is not a place`, 'a number from 0, "5.8", "+", "+2" or "=field"')
  if (place.at < 0 && unit === 'bit')
    return report('places that depend on other fields have no meaning where places are bits')
  const scale = unit === 'register' ? 2 : 1
  const base = { at: place.at, skip: place.skip * scale, bits: type.bits, segments: new Int32Array(0), path: [] }
  if (
    type.form === 'int' ||
    type.form === 'float' ||
    type.form === 'bool' ||
    type.form === 'hhmm' ||
    type.form === 'pf'
  ) {
    return numberShape(type, place, unit, context, report)
  }
  if (place.bit >= 0) return report('only numbers may begin at a bit')
  if (unit === 'bit' && place.at % 8 !== 0) return report('text must begin at a whole byte')
  const offset = place.at < 0 ? -1 : unit === 'bit' ? place.at / 8 : place.at * scale
  const whole = { ...base, at: offset, size: type.bits / 8, layout: undefined }
  if (type.form === 'pascal') return { ...whole, read: READ.pascal }
  if (type.form !== 'type') return { ...whole, read: READ.span }
  const layout = context.nested(type.name, report)
  return layout === undefined ? undefined : { ...whole, size: 0, read: READ.nested, layout }
}

/** Fast reads for whole bytes in one order, by byte width; anything else is read by runs of bits. */
const FAST: Readonly<Record<string, number>> = {
  '1little': READ.u8,
  '1big': READ.u8,
  '2little': READ.u16le,
  '2big': READ.u16be,
  '4little': READ.u32le,
  '4big': READ.u32be,
}
const FAST_SIGNED: Readonly<Record<number, number>> = {
  [READ.u8]: READ.i8,
  [READ.u16le]: READ.i16le,
  [READ.u16be]: READ.i16be,
  [READ.u32le]: READ.i32le,
  [READ.u32be]: READ.i32be,
}

function numberShape(
  type: TypeSpec,
  place: Place,
  unit: 'byte' | 'register' | 'bit',
  { definition, message }: ShapeContext,
  report: Say,
): Shape | undefined {
  const fallback: Endian = unit === 'bit' ? 'little' : (message.endian ?? definition.endian ?? 'little')
  const endian = ('endian' in type ? type.endian : undefined) ?? fallback
  const order = { unit, endian, wordOrder: definition.wordOrder ?? endian }
  const relative = place.at < 0
  const positions = bitPositions(relative ? { ...place, at: 0 } : place, type.bits, order)
  if (positions === undefined) return report(`${type.bits} bits do not fit at ${place.at}.${Math.max(place.bit, 0)}`)
  // what follows another field takes whole registers, so its first byte counts even where no bit of it is used
  const first = relative ? 0 : positions.reduce((least, bit) => Math.min(least, bit >> 3), Number.POSITIVE_INFINITY)
  const last = positions.reduce((most, bit) => Math.max(most, bit >> 3), 0)
  const size = last - first + 1
  const base = {
    at: relative ? -1 : first,
    skip: place.skip * (unit === 'register' ? 2 : 1),
    bits: type.bits,
    layout: undefined,
    path: [],
  }
  const run = positions.length === size * 8 ? byteRun(positions) : undefined
  const signed = type.form === 'int' && type.signed
  if (type.form === 'float') {
    const segments = run === undefined ? segmentsOf(positions, first) : new Int32Array(0)
    const inBytes = positions.length === size * 8 && segments.every((width, i) => i % 3 !== 2 || width === 8)
    const read = FLOATS[`${type.bits}${run ?? 'big'}`]!
    return inBytes ? { ...base, size, read, segments } : report('a float must stand in whole bytes')
  }
  const fast = run === undefined ? undefined : FAST[`${size}${run}`]
  if (fast !== undefined) {
    return { ...base, size, read: signed ? FAST_SIGNED[fast]! : fast, segments: new Int32Array(0) }
  }
  const segments = segmentsOf(positions, first)
  return { ...base, size, read: type.bits > 53 ? READ.bigBits : READ.bits, segments }
}

const FLOATS: Readonly<Record<string, number>> = {
  '32little': READ.f32le,
  '32big': READ.f32be,
  '64little': READ.f64le,
  '64big': READ.f64be,
}

/** Whether the bits are whole bytes in a row, and in which order; undefined for anything else. */
function byteRun(positions: readonly number[]): Endian | undefined {
  if (positions.length % 8 !== 0 || positions.some((bit, i) => (bit & 7) !== 7 - (i & 7))) return undefined
  const bytes = positions.filter((_, i) => i % 8 === 0).map(bit => bit >> 3)
  if (bytes.every((byte, i) => byte === bytes[0]! - i)) return 'little'
  return bytes.every((byte, i) => byte === bytes[0]! + i) ? 'big' : undefined
}

/** Runs of neighbouring bits, most significant first: byte relative to `first`, shift, width. */
function segmentsOf(positions: readonly number[], first: number): Int32Array {
  const segments: number[] = []
  for (const bit of positions) {
    const byte = (bit >> 3) - first
    const at = segments.length - 3
    const continues = at >= 0 && segments[at] === byte && segments[at + 1] === (bit & 7) + 1
    if (continues) {
      segments[at + 1] = bit & 7
      segments[at + 2] = segments[at + 2]! + 1
    } else {
      segments.push(byte, bit & 7, 1)
    }
  }
  return Int32Array.from(segments)
}

const FIELD_NUMBERS = /^\d{1,9}(\.\d{1,9})*$/

function protobufShape(type: TypeSpec, at: number | string, report: Say): Shape | undefined {
  if (!FIELD_NUMBERS.test(String(at)))
    return report(`${JSON.stringify(at)} is not a protobuf field number`, '"16" or "5.2"')
  if (type.form === 'type' || type.form === 'pascal') return report('protobuf fields are numbers, text or hex')
  const path = String(at).split('.').map(Number)
  if (path.some(number => number < 1 || number > 536_870_911)) return report(`${at} is no protobuf field number`)
  const text = type.form === 'ascii' || type.form === 'hex' || type.form === 'bcd' || type.form === 'dotted'
  const big = type.form === 'int' && type.bits > 53
  const read = text ? READ.span : big ? READ.bigBits : READ.bits
  return { at: 0, skip: 0, size: 0, read, bits: type.bits, segments: new Int32Array(0), layout: undefined, path }
}
