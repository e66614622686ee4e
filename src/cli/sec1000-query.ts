import type { Endpoint } from '../core/endpoint.ts'
import { Publisher } from '../protocols/sec1000/publisher.ts'
import { LIMIT, POWER } from '../protocols/sec1000/sec1000.ts'
import type { Io } from './io.ts'
import type { Answer, Asker } from './sec1000-asker.ts'
import { type CacheFlags, openCache } from './sec1000-cache.ts'
import { withController } from './sec1000-controller.ts'
import { documentText, rawText } from './sec1000-document.ts'
import { type JudgeFlags, powerJudge } from './sec1000-judge.ts'
import type { Notes } from './sec1000-notes.ts'
import { INTERVAL, LEAST_INTERVAL, type RequestFlags } from './sec1000-options.ts'
import { liveFlags, type Sec1000Run } from './sec1000-run.ts'
import { watch } from './sec1000-watch.ts'

/** What `sec1000 query` was asked to do. */
export interface QueryFlags extends RequestFlags, CacheFlags, JudgeFlags {
  /** Ask for ever, once in `interval` seconds. */
  readonly watch?: true
  readonly interval?: number
  readonly compat?: true
  readonly derived?: true
}

/** Runs `sec1000 query HOST`: one reading, or one after the other under `--watch`. */
export async function runQuery(io: Io, endpoint: Endpoint, flags: QueryFlags): Promise<void> {
  const intervalMs = Math.max(LEAST_INTERVAL, flags.interval ?? INTERVAL) * 1000
  const output = flags.watch === true ? 'lines' : 'document'
  await withController(io, endpoint, flags, output, intervalMs, async (opened, asker) => {
    const ask = powerAsker(io, endpoint, flags, asker, opened.notes)
    if (flags.watch === true) await watch(opened, asker, ask, intervalMs, io.clock)
    else await once(io, flags, opened, await ask())
  })
}

/** Runs `sec1000 limit HOST`: the limit of the exported power, which is only read. */
export async function runLimit(io: Io, endpoint: Endpoint, flags: RequestFlags): Promise<void> {
  await withController(io, endpoint, flags, 'document', INTERVAL * 1000, async (opened, asker) => {
    await once(io, flags, opened, await asker.ask(LIMIT, () => {}))
  })
}

async function once(io: Io, flags: RequestFlags, opened: Sec1000Run, { message, reading }: Answer): Promise<void> {
  if (flags.raw === true) io.out.write(rawText(message, opened.protocol))
  else if (liveFlags(flags, 'document').format === undefined) {
    io.out.write(documentText(reading.values, flags.compact === true))
  }
  await opened.run.sink.write(reading)
}

/** Asks for the powers; what is given has been published by the rule of zeros, and is remembered. */
function powerAsker(io: Io, endpoint: Endpoint, flags: QueryFlags, asker: Asker, notes: Notes): () => Promise<Answer> {
  const remembered = openCache(io, endpoint, flags, notes)
  const publisher = new Publisher({
    ...(remembered === undefined ? {} : { cache: remembered.cache }),
    derived: flags.derived === true,
    compat: flags.compat === true,
  })
  const judge = powerJudge(flags, notes)
  return async () => {
    const { message, reading } = await asker.ask(POWER, judge)
    const published = publisher.publish(reading)
    await remembered?.save()
    return { message, reading: published }
  }
}
