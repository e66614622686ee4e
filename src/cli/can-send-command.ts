import { Command } from 'commander'
import type { CanFrame } from '../core/can.ts'
import { type CanAddress, parseCanUrl } from '../core/can-address.ts'
import { bitRateOption } from './can-bit-rate.ts'
import { BUSES_HELP } from './can-dump-command.ts'
import { parseFrame } from './can-frame-text.ts'
import { type SendOptions, sendFrames } from './can-send.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { taken } from './option-value.ts'
import { unlessStopped } from './unless-stopped.ts'

const FRAMES_HELP = `
Frames are written as candump and cansend have them:
  123#DEADBEEF   standard ID of 3 digits, data; 123# has none; dots may stand between bytes
  18FF50E5#A1B2  extended ID of 8 digits
  123#R4         remote request for 4 bytes
  456##1A1B2     CAN FD; the digit is 1 for bit rate switch, 2 for error state, 3 for both
`

/** `can send`: frames out, one after the other. */
export function sendCommand(io: Io): Command {
  return new Command('send')
    .description('Send frames on a CAN bus.')
    .argument('<bus>', 'where to', bus)
    .argument('<frame...>', 'what, ID#DATA', collectFrame)
    .option('--dry-run', 'print what would be sent, send nothing')
    .addOption(bitRateOption('set for slcan'))
    .addHelpText('after', FRAMES_HELP + BUSES_HELP)
    .addHelpText(
      'after',
      examples(
        'can send can0 123#DEADBEEF',
        'can send slcan:/dev/ttyACM0 18FF50E5#A1B2C3 123#R',
        'can send can0 7E7#0322 --dry-run',
      ),
    )
    .action(async (to: CanAddress, frames: readonly CanFrame[], options: SendOptions) =>
      unlessStopped(sendFrames(io, to, frames, options), io.signal),
    )
}

function bus(text: string): CanAddress {
  return taken(() => parseCanUrl(text))
}

function collectFrame(text: string, before: readonly CanFrame[] = []): readonly CanFrame[] {
  return [...before, taken(() => parseFrame(text))]
}
