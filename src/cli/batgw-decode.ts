import type { CanFrame } from '../core/can.ts'
import { DecodeError } from '../core/errors.ts'
import { ByteWriter } from '../core/writer.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { readLog } from '../pipeline.ts'
import { canKey, dataOf, isWhole } from '../protocols/batgw/can-message.ts'
import { counted } from '../sinks/counted.ts'
import type { Sink } from '../sinks/sink.ts'
import { KINDS } from './batgw-config.ts'
import { skippedText } from './can-convert-report.ts'
import type { Io } from './io.ts'
import type { Format } from './live-options.ts'
import { LogChooser } from './log-chooser.ts'
import { printer } from './open-sinks.ts'
import { openStructs } from './open-structs.ts'

export interface DecodeLogOptions {
  readonly format: Format
  readonly json?: true
  /** Names as in the configuration. */
  readonly battery: string
  readonly inverter: string
  readonly structs?: string
}

/** Runs `batgw decode`: the readings of a log of both buses, or of one. Sets the exit status to 3 where there are none. */
export async function decodeLog(io: Io, path: string, options: DecodeLogOptions): Promise<void> {
  const library = await openStructs(io, options.structs)
  const sets = setsOf(options).map(name => library.load(name))
  const out = new ByteWriter(bytes => io.out.write(bytes))
  const sink = printer(options.json === true ? 'ndjson' : options.format, out)
  const decoder = new FrameDecoder(sets, sink)
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
  decoder.report(io)
}

function setsOf({ battery, inverter }: DecodeLogOptions): string[] {
  const { structs } = KINDS.batteries.find(({ name }) => name === battery)! // options are checked
  const kind = KINDS.inverters.find(({ name }) => name === inverter)!
  return [structs, kind.structs(new Map())]
}

/** Makes readings of frames by the first definition that knows them. */
class FrameDecoder {
  readonly #sets: readonly StructSet[]
  readonly #sink: Sink
  #readings = 0
  #unknown = 0
  #bad = 0

  constructor(sets: readonly StructSet[], sink: Sink) {
    this.#sets = sets
    this.#sink = sink
  }

  frame(frame: CanFrame): void {
    if (!isWhole(frame)) {
      this.#bad++
      return
    }
    for (const set of this.#sets) if (this.#publish(set, frame)) return
    this.#unknown++
  }

  #publish(set: StructSet, frame: CanFrame): boolean {
    const data = dataOf(frame)
    const codec = set.codec(keysOf(canKey(frame), data))
    if (codec === undefined) return false
    try {
      const values = codec.decode(data)
      frame.origin.readTime(frame)
      const time = frame.seconds * 1000 + Math.floor(frame.nanos / 1e6)
      const device = interfaceOf(frame)
      void this.#sink.write({ time, family: set.name, device, message: codec.name, values, fields: codec.fields })
      this.#readings++
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#bad++
    }
    return true
  }

  report({ err, status }: Io): void {
    if (this.#unknown > 0) err.write(`wattzup: ${counted(this.#unknown, 'frame')} of no known content\n`)
    if (this.#bad > 0)
      err.write(
        `wattzup: ${counted(this.#bad, 'frame')} that ${this.#bad === 1 ? 'is no whole one' : 'are no whole ones'}\n`,
      )
    if (this.#readings === 0) status.code = 3
  }
}

const POSITIVE_ANSWER = 0x62

/** The keys of a frame: of a UDS answer its data identifier, of other UDS frames the service, then the ID alone. */
function keysOf(id: string, [, service = 0, high = 0, low = 0]: Uint8Array): string[] {
  const did = (high * 256 + low).toString(16).toUpperCase().padStart(4, '0')
  const answer = service === POSITIVE_ANSWER ? [`${id}:${did}`] : []
  return [...answer, `${id}:${service.toString(16).toUpperCase().padStart(2, '0')}`, id]
}

function interfaceOf(frame: CanFrame): string {
  const name = new ByteWriter(() => {})
  frame.origin.writeInterface(frame, name)
  return new TextDecoder().decode(name.bytes.subarray(0, name.length))
}
