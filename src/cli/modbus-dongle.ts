import type { Command } from 'commander'
import type { Clock } from '../core/clock.ts'
import { TimeoutError } from '../core/errors.ts'
import { orIdle } from '../core/or-idle.ts'
import type { Model } from '../protocols/lxp/model.ts'
import { parseSerial, type SerialBook } from '../protocols/lxp/serial-book.ts'
import { addModelOption } from './modbus-options.ts'

/** What the user says of a dongle, for commands that ask it something. */
export interface DongleFlags {
  readonly datalog?: string
  readonly inverter?: string
  readonly model?: Model
  readonly heartbeat?: boolean
  readonly structs?: string
}

export const CONNECT_MS = 10_000

/** So long a connection may be silent before it is given up, when nothing is asked: half-open ones never end by themselves. */
export const SILENT_MS = 300_000

/** So long a command that is to end waits for serial numbers; the slowest dongles push every 300 s. */
export const LEARN_S = 300

/** Adds the options of a dongle and of the inverters behind it. */
export function addDongleOptions(command: Command): Command {
  command
    .optionsGroup('Dongle:')
    .option(
      '--datalog <serial>',
      'serial number of the dongle; else the first packet that it sends tells it',
      parseSerial,
    )
    .option('--inverter <serial>', 'serial number of the inverter; else packets of the dongle tell it', parseSerial)
  return addModelOption(command)
    .option('--heartbeat', 'send heartbeats back, as some dongles want it (the default)')
    .option('--no-heartbeat', 'leave heartbeats unanswered')
}

/** The serial numbers that the user gives. */
export function givenSerials({ datalog, inverter }: DongleFlags) {
  return { ...(datalog === undefined ? {} : { datalog }), ...(inverter === undefined ? {} : { inverter }) }
}

/** Says that the serial numbers must be learned first, and how long that may take. */
export function waitingText(name: string): string {
  const advice = '--datalog and --inverter spare the wait'
  return `${name}: waiting until the dongle sends something, to learn the serial numbers: two minutes or more; ${advice}`
}

/** Said of a connection on which bytes came and not a single frame. */
export function unreadableText(name: string): string {
  return `${name}: bytes came, but no frame; the newest dongles encrypt what they say, or this is another device`
}

/** Waits until the serial numbers are known; rejects with `TimeoutError` after `timeoutMs`, or the reason of `signal`. */
export async function whenLearned(
  name: string,
  serials: SerialBook,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const late = new AbortController()
  const known = serials.whenKnown(AbortSignal.any([signal, late.signal]))
  await orIdle(known, timeoutMs, clock, () => {
    const what = 'nothing that tells its serial numbers'
    late.abort(new TimeoutError(`${name} sent ${what} within ${timeoutMs / 1000} s; say --datalog and --inverter`))
  })
}
