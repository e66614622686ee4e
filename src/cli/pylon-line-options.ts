import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../core/errors.ts'
import { type PortAddress, parsePort } from '../core/serial-address.ts'
import { number } from './number-arguments.ts'
import { taken } from './option-value.ts'
import type { ConnectOptions } from './pylon-connect.ts'

/** Speed of RS485 unless DIP switch 1 is on, and of the console. */
const BAUD = 115_200
const INTERVAL_S = 10

/** How a line is asked; see `addLineOptions`. */
export interface LineOptions extends ConnectOptions {
  /** Seconds from one round to the next. */
  readonly interval: number
  readonly once?: true
  readonly groups: readonly number[]
  readonly rs232?: true
  /** Ask for all modules at once where that works. */
  readonly ff: boolean
}

/** What the user may say of a line, as commander gives it. */
export interface LineFlags extends Omit<LineOptions, 'wake' | 'port'> {
  readonly port?: PortAddress
  readonly wake?: true
}

/** Adds the options of a line on which modules are asked. */
export function addLineOptions(command: Command, portIsRequired: boolean): Command {
  const port = new Option('--port <port>', 'serial port /dev/ttyUSB0[@baud], or a bridge tcp://host:port[@baud]')
  return command
    .addOption(port.argParser(portAddress).makeOptionMandatory(portIsRequired))
    .option('--interval <s>', 'seconds from one round to the next', number(1, 86_400), INTERVAL_S)
    .option('--groups <list>', 'groups of addresses, 0 to 7, commas between; a hub has 1 and up', groups, [0])
    .option('--rs232', 'the console plug in frame mode: addresses begin at 1')
    .option('--no-ff', 'ask each module by itself, never all at once')
    .option('--console', 'the console plug in text mode: pwr, bat, info, stat')
    .option('--wake', 'with --console: tell a plug that speaks frames to speak text')
}

/** The options of a line at a port. Throws `UsageError` where they do not go together. */
export function lineOptions(flags: LineFlags, port: PortAddress): LineOptions {
  const wake = flags.wake === true
  if (wake && flags.console !== true) throw new UsageError('--wake needs --console')
  if (wake && 'endpoint' in port) throw new UsageError('--wake needs a serial port: it changes the speed')
  return { ...flags, port, wake }
}

/** Reads a port with the speed that these modules have; what makes no sense is told with the name of the option. */
export function portAddress(text: string): PortAddress {
  return taken(() => parsePort(text, BAUD))
}

function groups(text: string): number[] {
  const list = text.split(',').map(part => (/^[0-7]$/.test(part.trim()) ? Number(part) : Number.NaN))
  if (list.some(Number.isNaN) || new Set(list).size < list.length) {
    throw new InvalidArgumentError('They must be numbers from 0 to 7, commas between.')
  }
  return list
}
