import type { Endpoint } from '../core/endpoint.ts'
import { isWattzupError } from '../core/errors.ts'
import { lxp } from '../protocols/lxp/lxp.ts'
import {
  BATTERY_RANGE,
  type BlockSize,
  blocksOf,
  DEFAULT_RANGES,
  type RegisterRange,
} from '../protocols/lxp/read-plan.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { type LiveRun, liveRun } from './live-run.ts'
import { LXP_TRAITS } from './lxp-traits.ts'
import type { DongleFlags } from './modbus-dongle.ts'
import { DonglePoll } from './modbus-poll-dongle.ts'
import { PollSettings } from './modbus-poll-settings.ts'
import { openStructs } from './open-structs.ts'

export interface PollFlags extends LiveFlags, DongleFlags {
  readonly registers?: readonly RegisterRange[]
  readonly block: BlockSize
  readonly batteries?: true
  /** Seconds from one cycle to the next. */
  readonly interval: number
  readonly once?: true
  /** Settings may be changed by MQTT. */
  readonly write?: true
}

/** About what a request and its answer take. */
const REQUEST_MS = 1000

/** Runs `modbus poll`: every dongle by itself, until all have had their cycles or the run ends. */
export async function runPoll(io: Io, hosts: readonly Endpoint[], flags: PollFlags): Promise<void> {
  const structs = (await openStructs(io, flags.structs)).load('lxp')
  const ranges = [...(flags.registers ?? DEFAULT_RANGES), ...(flags.batteries === true ? [BATTERY_RANGE] : [])]
  const requests = blocksOf(ranges, flags.block).length
  const settings = flags.write === true ? new PollSettings(structs, flags.model, io.clock) : undefined
  const traits = {
    ...LXP_TRAITS,
    protocol: lxp(structs, flags),
    intervalMs: Math.max(flags.interval * 1000, requests * REQUEST_MS),
    countsItself: true,
    ...(settings === undefined ? {} : { commands: settings.commands }),
  }
  await liveRun(io, flags, traits, async run => {
    const polls = hosts.map(host => new DonglePoll(io, run, host, { ...flags, ranges, settings }))
    try {
      await pollAll(polls, run)
    } finally {
      for (const poll of polls) poll.sumUp()
    }
  })
}

/** Waits for all; the first failure is thrown, others are said. A defect ends the run at once. */
async function pollAll(polls: readonly DonglePoll[], run: LiveRun): Promise<void> {
  const failures: unknown[] = []
  const failed = (error: unknown) => {
    failures.push(error)
    if (!isWattzupError(error)) run.bounds.stop()
  }
  await Promise.all(polls.map(poll => poll.run().catch(failed)))
  const defect = failures.find(error => !isWattzupError(error))
  if (defect !== undefined) throw defect
  const [first, ...others] = failures.filter(isWattzupError)
  for (const { message } of others) run.note(message)
  if (first !== undefined) throw first
}
