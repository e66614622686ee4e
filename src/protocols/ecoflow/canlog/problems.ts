import { inspect } from 'node:util'
import type { CanFrame } from '../../../core/can.ts'
import { CHANNEL, channelOf, letterOf } from '../arbitration.ts'
import { HEADER } from '../message.ts'
import type { SerialMismatch } from './serials.ts'
import { singleNames } from './single-names.ts'
import { hex2, type View } from './view.ts'

/** Takes a problem as it occurs; `wide` ones were printed over several lines by the original. */
export type Complain = (problem: Record<string, unknown>, wide: boolean) => void

/** A message whose CRC is wrong, as `--err` shows it. */
export function crcProblem(view: View, time: string): Record<string, unknown> {
  const { message } = view
  const both = { CRC_MISMATCH: message.crc, crc: view.crc }
  if (message.channel === CHANNEL.A) return { ...both, len: message.length, rln: view.rln, msg: view.wire }
  if (message.channel === CHANNEL.C) return { ...both, msg: view.wire }
  return { ...stream(view, time), ...both, msg: view.wire }
}

/** A message that is shorter than its header says. */
export function lengthProblem(view: View, time: string): Record<string, unknown> {
  const { message } = view
  const stated = message.payloadLength
  const diff = message.length - stated - message.headerLength - 2
  return { ...stream(view, time), LEN_MISMATCH: message.length, rln: stated, diff, msg: view.wire }
}

/** A frame whose message has not begun. */
export function orphanProblem(frame: CanFrame): Record<string, unknown> {
  const { node, command: cmd } = singleNames(frame)
  return { NO_STREAM: `${letterOf(channelOf(frame.id))}${node}`, cmd, pln: frame.data[0], msg: undefined }
}

/** A stream that tells another serial than before. */
export function serialProblem({ known, found }: SerialMismatch, view: View): Record<string, unknown> {
  return { SER_MISMATCH: known, name: found, mod: view.str }
}

/** A frame, for `--debug`. */
export function frameNote(frame: CanFrame): Record<string, unknown> {
  const { node: nid, command: cmd } = singleNames(frame)
  return {
    nid,
    cmd,
    data: Array.from(frame.data.subarray(0, frame.length), hex2).join(''),
  }
}

/** A problem as text: on one line, or as `console.log` breaks it. */
export function problemText(problem: Record<string, unknown>, wide: boolean): string {
  return wide ? inspect(problem) : inspect(problem, { breakLength: Number.POSITIVE_INFINITY, compact: true })
}

function stream(view: View, time: string): Record<string, unknown> {
  const byte = (at: number) => (at < view.message.length ? view.byte(at) : undefined)
  return {
    time,
    nid: view.nid,
    mad: byte(HEADER.source),
    mda: byte(HEADER.sourceDynamic),
    dv1: byte(HEADER.sequence + 3),
  }
}
