import { parseEnv } from 'node:util'
import { FrameDecoder } from '../protocols/lxp/decoded.ts'
import { lxpDevice } from '../protocols/lxp/device-info.ts'
import { lxp } from '../protocols/lxp/lxp.ts'
import { ModelsSeen } from '../protocols/lxp/models-seen.ts'
import { REASONS } from '../protocols/lxp/reject-tally.ts'
import type { Io } from './io.ts'
import { liveRun } from './live-run.ts'
import { LabelLayout, labelTopic } from './modbus-collect-labels.ts'
import { type CollectOptions, Collector } from './modbus-collector.ts'
import { openStructs } from './open-structs.ts'

/** Dongles push every two minutes. */
const INTERVAL_MS = 120_000

/** Runs `modbus collect`: every host by itself, until the run ends. */
export async function runCollect(world: Io, options: CollectOptions): Promise<void> {
  const io: Io = Object.create(world, { env: { value: environment(world) } })
  const structs = (await openStructs(io, options.structs)).load('lxp')
  const topic = labelTopic(io.env, options.mqtt)
  const layout = topic === undefined ? undefined : new LabelLayout(topic, options.retain === true)
  const decoder = new FrameDecoder(structs, new ModelsSeen(options.model, 'hybrid'), options.guesses === true)
  const traits = {
    protocol: lxp(structs, options),
    reasons: REASONS,
    log: { extension: 'bin' },
    intervalMs: INTERVAL_MS,
    deviceInfo: lxpDevice,
    countsItself: true,
    ...(layout === undefined ? {} : { layout }),
  }
  const flags = layout === undefined ? options : { ...options, mqtt: true as const }
  await liveRun(io, flags, traits, async run => {
    const collector = new Collector(io, options, run, decoder, layout)
    try {
      await collector.all()
    } finally {
      collector.sumUp()
    }
  })
}

/** The environment, and what a file `.env` in the working directory adds to it. */
function environment({ env, files }: Io): Io['env'] {
  return files.exists('.env') ? { ...parseEnv(files.readText('.env')), ...env } : env
}
