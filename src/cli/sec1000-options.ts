import type { Command } from 'commander'
import { type Endpoint, parseEndpoint } from '../core/endpoint.ts'
import { PORT } from '../protocols/sec1000/sec1000.ts'
import { atLeastOne, FORMATS, type FormatChoice, type LiveFlags, positive } from './live-options.ts'
import { number } from './number-arguments.ts'

/** Where readings come from: a controller, or a file of its replies. */
export type Source = { readonly endpoint: Endpoint } | { readonly file: string }

/** How to ask, and how one reading is printed. */
export interface RequestFlags extends Omit<LiveFlags, 'format'> {
  /** `json` is one document, what a single reading is printed as by default. */
  readonly format?: LiveFlags['format'] | 'json'
  /** Tries in all. */
  readonly retries: number
  /** Seconds: between two tries, and for all of one. */
  readonly retryWait: number
  readonly deadline: number
  readonly verify: boolean
  readonly compact?: true
  readonly raw?: true
}

/** Asked more often, controllers stop answering or send nonsense until they are switched off and on; seconds. */
export const LEAST_INTERVAL = 5
/** The usual time between two requests, seconds: the controller has new values of the inverters about as often. */
export const INTERVAL = 30

const FILE = /^file:(.+)$/

/** Reads `HOST[:PORT]` or `file:PATH`. Throws `UsageError`. */
export function parseSource(text: string): Source {
  const file = FILE.exec(text)?.[1]
  return file === undefined ? { endpoint: parseEndpoint(text, PORT) } : { file }
}

/** Adds the options of requests. */
export function addRequestOptions(command: Command): Command {
  return command
    .optionsGroup('Request:')
    .option('--retries <n>', 'tries in all', atLeastOne, 10)
    .option('--retry-wait <s>', 'seconds between two tries', number(0), LEAST_INTERVAL)
    .option('--deadline <s>', 'seconds for a try, from the connection to the last byte', positive, 10)
    .option('--no-verify', 'take replies with a wrong prefix or checksum too, with a warning')
}

/** A single reading is a document. */
export const DOCUMENT_FORMATS: FormatChoice = {
  formats: [...FORMATS, 'json'],
  json: 'json, or ndjson where there are several readings',
}

/** Adds the options of a single reading's document. */
export function addDocumentOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--compact', 'the JSON document on one line')
    .option('--raw', 'the bytes of the reply and what each of them means instead')
}
