import { UsageError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import { readLog } from '../pipeline.ts'
import { busNames, KINDS, loadConfig, type Macros } from './batgw-config.ts'
import { FrameDecoder, type LogSides } from './batgw-frame-decoder.ts'
import { skippedText } from './can-convert-report.ts'
import type { Io } from './io.ts'
import type { Format } from './live-options.ts'
import { LogChooser } from './log-chooser.ts'
import { printer } from './open-sinks.ts'
import { openStructs } from './open-structs.ts'

export interface DecodeLogOptions {
  readonly format: Format
  readonly json?: true
  /** The configuration of the gateway, and macros for it; else the names. */
  readonly file?: string
  readonly define: Macros
  /** Names as in the configuration. */
  readonly battery: string
  readonly inverter: string
  readonly structs?: string
  readonly guesses?: true
}

/** Runs `batgw decode`: the readings of a log of both buses, or of one. Sets the exit status to 3 where there are none. */
export async function decodeLog(io: Io, path: string, options: DecodeLogOptions): Promise<void> {
  const sides = await sidesOf(io, path, options)
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const sink = printer(options.json === true ? 'ndjson' : options.format, out)
  const decoder = new FrameDecoder(sides, await openStructs(io, options.structs), sink, options.guesses === true)
  const chooser = new LogChooser(false, false, 'batgw decode')
  const input = await io.open(path)
  try {
    const result = await readLog(input, {
      choose: ({ name }, head, complete) => chooser.choose(name, head, complete, () => decoder),
      drained: () => out.flush(),
      stopped: () => io.signal.aborted,
    })
    const skipped = skippedText(result)
    if (skipped !== undefined) io.err.write(`wattzup: ${skipped}\n`)
    if (result.failure !== undefined) throw result.failure
  } finally {
    input.close()
    await sink.close()
    out.flush()
  }
  for (const line of decoder.report()) io.err.write(`wattzup: ${line}\n`)
  if (!decoder.hasReadings) io.status.code = 3
}

/** Whose buses they are: as the configuration says, or by name alone. */
async function sidesOf(io: Io, path: string, options: DecodeLogOptions): Promise<LogSides> {
  const { file, define } = options
  if (file === undefined) {
    const battery = KINDS.batteries.find(({ name }) => name === options.battery)! // options are checked
    const inverter = KINDS.inverters.find(({ name }) => name === options.inverter)!
    return { battery: { kind: battery }, inverter: { kind: inverter, options: new Map() } }
  }
  if (file === '-' && path === '-') throw new UsageError('standard input is the log or the configuration, not both')
  const { config, addresses } = await loadConfig(io, file, define)
  return { battery: config.battery, inverter: config.inverter, names: busNames(addresses) }
}
