import { isWattzupError, UsageError } from '../core/errors.ts'
import type { Io } from './io.ts'
import { openStructs } from './open-structs.ts'
import { lineOptions, portAddress } from './pylon-line-options.ts'
import { FileSource } from './pylon-monitor-file.ts'
import type { MonitorOptions } from './pylon-monitor-options.ts'
import { type MonitorSource, USUAL_INTERVAL_MS } from './pylon-monitor-source.ts'

/** A server is asked so often unless the user says otherwise, ms. */
const ASK_MS = 2000
/** Bytes that say what a file is. */
const HEAD = 64

/** The source that the user named; its code is loaded then. Throws `UsageError` where there is none, or two. */
export async function openSource(io: Io, source: string | undefined, options: MonitorOptions): Promise<MonitorSource> {
  if (source !== undefined && options.port !== undefined) throw new UsageError('--port and a source: take one of them')
  const port = options.port ?? (isPort(source) ? portAddress(source) : undefined)
  if (port !== undefined) {
    const { LiveSource } = await import('./pylon-monitor-live.ts')
    return new LiveSource(io, lineOptions(options, port), (await openStructs(io, options.structs)).load('pylontech'))
  }
  if (source === undefined) {
    throw new UsageError('nothing to look at; give --port PORT, a JSON file, http://HOST:PORT/, a recording, or -')
  }
  if (source === '-') return openStream(io)
  return /^https?:\/\//i.test(source) ? openHttp(io, source, options) : openFile(io, source, options)
}

function isPort(source: string | undefined): source is string {
  return source !== undefined && /^(tcp:\/\/|\/dev\/(tty|pts\/|serial\/|cu\.)|COM\d+(@|$))/i.test(source)
}

async function openStream(io: Io): Promise<MonitorSource> {
  if (io.stdinIsTerminal)
    throw new UsageError('- is standard input, which is a terminal; pipe pylon poll --json into it')
  const { StreamSource } = await import('./pylon-monitor-stream.ts')
  return new StreamSource(io, USUAL_INTERVAL_MS)
}

async function openHttp(io: Io, source: string, options: MonitorOptions): Promise<MonitorSource> {
  if (!URL.canParse(source)) throw new UsageError(`${source} is no address; write http://HOST:PORT/`)
  const { HttpSource } = await import('./pylon-monitor-http.ts')
  const everyMs = options.intervalIsGiven ? options.interval * 1000 : ASK_MS
  return new HttpSource(io, new URL(source), everyMs, Math.max(everyMs, USUAL_INTERVAL_MS))
}

/** A file is what it begins with: a document, or a recording. One that is not there yet will be a document. */
async function openFile(io: Io, path: string, options: MonitorOptions): Promise<MonitorSource> {
  const head = (await headOf(io, path)).trimStart()
  if (head === '' || head.startsWith('{')) return new FileSource(io, path, USUAL_INTERVAL_MS)
  const { ReplaySource } = await import('./pylon-monitor-replay.ts')
  const structs = (await openStructs(io, options.structs)).load('pylontech')
  return new ReplaySource(io, path, structs, options.speed, USUAL_INTERVAL_MS)
}

/** The beginning of a file; nothing where there is no file. Throws `TransportError` where it cannot be read. */
async function headOf(io: Io, path: string): Promise<string> {
  try {
    const input = await io.open(path)
    try {
      const head = new Uint8Array(HEAD)
      let length = 0
      while (length < HEAD) {
        const count = await input.read(head, length)
        if (count === 0) break
        length += count
      }
      return Buffer.from(head.subarray(0, length)).toString('latin1')
    } finally {
      input.close()
    }
  } catch (error) {
    if (isWattzupError(error) && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return ''
    throw error
  }
}
