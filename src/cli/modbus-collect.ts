import { parseEnv } from 'node:util'
import { FrameDecoder } from '../protocols/lxp/decoded.ts'
import { lxp } from '../protocols/lxp/lxp.ts'
import { ModelsSeen } from '../protocols/lxp/models-seen.ts'
import type { Io } from './io.ts'
import { liveRun } from './live-run.ts'
import { LXP_TRAITS, PUSH_MS } from './lxp-traits.ts'
import { LabelLayout, labelTopic } from './modbus-collect-labels.ts'
import { type CollectOptions, Collector } from './modbus-collector.ts'
import { openStructs } from './open-structs.ts'

/** Runs `modbus collect`: every host by itself, until the run ends. */
export async function runCollect(world: Io, options: CollectOptions): Promise<void> {
  const io: Io = Object.create(world, { env: { value: environment(world) } })
  const structs = (await openStructs(io, options.structs)).load('lxp')
  const topic = labelTopic(io.env, options.mqtt)
  const layout = topic === undefined ? undefined : new LabelLayout(topic, options.retain === true)
  const decoder = new FrameDecoder(structs, new ModelsSeen(options.model, 'hybrid'), options.guesses === true)
  const traits = {
    ...LXP_TRAITS,
    protocol: lxp(structs, options),
    intervalMs: PUSH_MS,
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
