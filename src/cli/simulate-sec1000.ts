import { Command } from 'commander'
import { endpointText } from '../core/endpoint.ts'
import type { Listener } from '../core/network.ts'
import { ByteWriter } from '../core/writer.ts'
import { PORT } from '../protocols/sec1000/sec1000.ts'
import { SimulatedController } from '../protocols/sec1000/simulator/controller.ts'
import { CONTROLLER_FAULTS } from '../protocols/sec1000/simulator/faults.ts'
import { writeReplies } from '../protocols/sec1000/simulator/replies.ts'
import { serve } from '../protocols/sec1000/simulator/serve.ts'
import { counted } from '../sinks/counted.ts'
import { examples } from './examples.ts'
import { FastClock } from './fast-clock.ts'
import { faultsHelp, faultsText, parseFaultRates } from './fault-rates.ts'
import type { Io } from './io.ts'
import { atLeastOne, positive } from './live-options.ts'
import { number, wholeNumber } from './number-arguments.ts'
import { RunBounds } from './run-bounds.ts'
import { parseStart } from './start-time.ts'

const DEFAULT_START = '2026-06-01T10:00:00Z'
const DEFAULT_RATE = 0.05

interface Flags {
  readonly host: string
  readonly port: number
  readonly seed: number
  readonly start: string
  readonly speed: number
  readonly faults: string
  readonly duration?: number
  readonly replies?: number
  readonly interval: number
}

/** `simulate sec1000`: a GoodWe SEC1000 at a TCP port, or a log of what one answers. */
export function simulateSec1000Command(io: Io): Command {
  return new Command('sec1000')
    .description('answer at a TCP port like a GoodWe SEC1000, or write a log of its replies')
    .optionsGroup('Device:')
    .option('--host <host>', 'own address; 0.0.0.0 lets other machines connect', '127.0.0.1')
    .option('--port <n>', 'TCP port, 0 for any', wholeNumber(0, 65_535), PORT)
    .option('--seed <n>', 'whole number that everything random follows from', wholeNumber(0), 1)
    .option('--faults <list>', 'what goes wrong, comma-separated', '')
    .optionsGroup('Time:')
    .option('--start <time>', 'time of the house: ISO 8601 (UTC), Unix seconds, or now', DEFAULT_START)
    .option('--speed <factor>', 'how fast its time goes, 0.1 to 10000', number(0.1, 10_000), 1)
    .option('--duration <s>', 'stop after so many seconds', positive)
    .optionsGroup('Log:')
    .option('--replies <n>', 'open no port: write so many replies to standard output, as a log', atLeastOne)
    .option('--interval <s>', 'seconds between two of them', positive, 30)
    .addHelpText(
      'after',
      faultsHelp(CONTROLLER_FAULTS, 'replies', DEFAULT_RATE) +
        examples(
          'simulate sec1000',
          'simulate sec1000 --port 12340 --speed 60 --faults status=0.2,glitch=0.3',
          'simulate sec1000 --replies 5 --faults all | wattzup sec1000 query file:-',
        ),
    )
    .action((flags: Flags) => run(io, flags))
}

async function run(io: Io, flags: Flags): Promise<void> {
  const { seed, replies, interval, speed, host, port } = flags
  const faults = parseFaultRates(flags.faults, CONTROLLER_FAULTS, DEFAULT_RATE)
  const start = parseStart(flags.start, io.clock.now(), DEFAULT_START)
  const controller = new SimulatedController({ seed, start, faults })
  if (replies !== undefined) {
    const out = new ByteWriter(bytes => io.out.write(bytes))
    await writeReplies(out, controller, { start, intervalMs: interval * 1000, count: replies }, io.signal)
    if (controller.made.size > 0) io.err.write(`wattzup: ${summary(controller)}\n`)
    return
  }
  await using listener = await io.network.listen({ host, port })
  const bounds = new RunBounds(io, flags.duration === undefined ? {} : { duration: flags.duration })
  io.err.write(`wattzup: listening on ${endpointText(listener.endpoint)}\n`)
  try {
    await serveAll(listener, controller, new FastClock(io.clock, start, speed), bounds)
  } finally {
    bounds.stop()
    io.err.write(`wattzup: ${summary(controller)}\n`)
  }
}

async function serveAll(
  listener: Listener,
  controller: SimulatedController,
  clock: FastClock,
  bounds: RunBounds,
): Promise<void> {
  const clients = new Set<Promise<void>>()
  let defect: unknown
  for await (const link of listener.connections(bounds.signal)) {
    const client = serve(link, controller, clock, bounds.signal)
      .catch(error => {
        defect ??= error
        bounds.stop()
      })
      .finally(() => clients.delete(client))
    clients.add(client)
  }
  await Promise.all(clients)
  if (defect !== undefined) throw defect
}

function summary({ requests, hasty, made }: SimulatedController): string {
  const early = hasty > 0 ? `; ${hasty} of them sooner than 5 s after another` : ''
  return `${counted(requests, 'request')}${early}${faultsText(made)}`
}
