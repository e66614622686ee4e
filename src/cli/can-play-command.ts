import { Command, InvalidArgumentError } from 'commander'
import { type CanFilters, parseFilters } from '../core/can-filter.ts'
import { UsageError } from '../core/errors.ts'
import { isEmptyRange, type Moment } from '../play-range.ts'
import { bitRateOption } from './can-bit-rate.ts'
import { BUSES_HELP } from './can-dump-command.ts'
import { type PlayOptions, playFrames } from './can-play.ts'
import { collectTarget, IdMap, type PlayTarget } from './can-play-target.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { atLeastOne, positive } from './live-options.ts'
import { number } from './number-arguments.ts'
import { taken } from './option-value.ts'
import { parseStart } from './start-time.ts'
import { unlessStopped } from './unless-stopped.ts'

const DETAILS = `
The log may be of any format that wattzup reads, packed or not; - is standard input. A bus alone gets the frames of
every interface of the log; BUS=INTERFACE gets those of one. Error frames are left out: nobody sends those.
`

/** `can play`: a log out, with its timing. */
export function playCommand(io: Io): Command {
  return new Command('play')
    .description('Send the frames of a CAN log on buses, with the timing of the log.')
    .argument('<log>', 'the log, found by content; - is standard input')
    .argument('<bus...>', 'where to: BUS, or BUS=INTERFACE', collectTarget)
    .optionsGroup('What:')
    .option('--only <filters>', 'only these frames: ID:MASK or ID~MASK, joined by commas', only)
    .option(
      '--from <time>',
      'from there on: seconds since the first frame, or a time such as 2026-03-01T10:00:00Z',
      moment,
    )
    .option('--until <time>', 'up to there', moment)
    .option('--count <n>', 'stop after so many frames', atLeastOne)
    .option('--map-id <old=new>', 'another ID, 123=456; may be given several times', IdMap.collect)
    .optionsGroup('When:')
    .option('--speed <x>', 'so many times as fast; 0 does not wait', number(0), 1)
    .option('--gap <ms>', 'at least so long between two frames', number(0), 0)
    .option('--skip-gaps <s>', 'at most so long between two frames', positive)
    .option('--loop [n]', 'again and again, or n times in all', atLeastOne)
    .optionsGroup('How:')
    .option('--dry-run', 'print what would be sent and when, at once; send nothing')
    .addOption(bitRateOption('set for slcan'))
    .addHelpText('after', DETAILS + BUSES_HELP)
    .addHelpText(
      'after',
      examples(
        'can play drive.log can0',
        'can play both.log vcan0=can0 vcan1=can1 --speed 10 --loop',
        'canlog home.log --typs=F4:05 --quiet --pick | wattzup can play - can0 --dry-run',
      ),
    )
    .action(async (path: string, targets: readonly PlayTarget[], options: Flags) => {
      const loop = options.loop === true ? Number.POSITIVE_INFINITY : (options.loop ?? 1)
      if (path === '-' && io.stdinIsTerminal) throw new UsageError('no log: - is standard input, which is the terminal')
      if (path === '-' && loop > 1) throw new UsageError('--loop needs a file: standard input comes only once')
      if (isEmptyRange(options)) throw new UsageError('--until is before --from: nothing would be sent')
      await unlessStopped(playFrames(io, path, targets, { ...options, loop }), io.signal)
    })
}

type Flags = Omit<PlayOptions, 'loop'> & { readonly loop?: number | true }

function only(text: string): CanFilters {
  return taken(() => parseFilters(text.split(',')))
}

/** From this number on it is Unix time, as in logs. */
const LEAST_UNIX = 100_000_000

function moment(text: string): Moment {
  const [, whole, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? []
  if (whole !== undefined) {
    const seconds = Number(whole)
    return { seconds, nanos: Number(fraction.padEnd(9, '0')), isRelative: seconds < LEAST_UNIX }
  }
  try {
    const ms = parseStart(text, Number.NaN, '2026-03-01T10:00:00Z')
    const seconds = Math.floor(ms / 1000)
    return { seconds, nanos: (ms - seconds * 1000) * 1e6, isRelative: false }
  } catch {
    throw new InvalidArgumentError('It must be a number of seconds or a time such as 2026-03-01T10:00:00Z.')
  }
}
