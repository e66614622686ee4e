import { Command } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { ORIGINAL_RULE } from '../../protocols/sec1000/zero-cache.ts'
import { examples } from '../examples.ts'
import type { Io } from '../io.ts'
import { addLiveOptions, positive } from '../live-options.ts'
import { number, wholeNumber } from '../number-arguments.ts'
import {
  addDocumentOptions,
  addRequestOptions,
  DOCUMENT_FORMATS,
  INTERVAL,
  LEAST_INTERVAL,
  parseSource,
  type RequestFlags,
} from '../sec1000-options.ts'
import { type QueryFlags, runLimit, runQuery } from '../sec1000-query.ts'
import { runReplay } from '../sec1000-replay.ts'

/** Queries that a cache may have. */
const MOST_REMEMBERED = 1000

/** `wattzup sec1000`: GoodWe SEC1000 energy controllers, which are only asked, never set. */
export function sec1000Command(io: Io): Command {
  return new Command('sec1000')
    .description('GoodWe SEC1000 energy controllers: powers of grid and inverters. Nothing is ever set.')
    .addCommand(queryCommand(io))
    .addCommand(limitCommand(io))
    .addHelpText(
      'after',
      examples('sec1000 query 192.168.1.200', 'sec1000 query 192.168.1.200 --watch', 'sec1000 limit 192.168.1.200'),
    )
}

const DETAILS = `
Controllers that are asked more often than every ${LEAST_INTERVAL} s may stop answering until they are switched off and on. Exit status: 3 when
every try ended in silence, 1 when there was no good reply.
`

function queryCommand(io: Io): Command {
  const command = new Command('query')
    .description('Print one reading as a JSON document, or readings for ever.')
    .argument('<host[:port]>', 'the controller; or file:PATH, a log of its replies')
    .optionsGroup('Request:')
    .option('--watch', 'ask for ever, a line a reading')
    .option(
      '--interval <s>',
      `the same, once in so many seconds: ${LEAST_INTERVAL} at least, by default ${INTERVAL}`,
      positive,
    )
    .option('--strict', 'ask again when values are hard to believe, too')
  addRequestOptions(command)
    .optionsGroup('Values:')
    .option('--compat', 'only what the original program prints')
    .option('--derived', 'what the house takes, too: load_power')
    .option('--cache <file>', 'where queries are remembered, to replace zeros of the inverters')
    .option('--no-cache', 'remember nothing, and replace no zeros')
    .option('--cache-size <n>', 'queries that are remembered', wholeNumber(0, MOST_REMEMBERED), ORIGINAL_RULE.size)
    .option('--cache-age <s>', 'so long after the last query all are forgotten', number(0), ORIGINAL_RULE.maxAge)
    .option('--cache-fresh', 'only a power that is younger than that takes the place of a zero')
  return addDocumentOptions(addLiveOptions(command, undefined, DOCUMENT_FORMATS))
    .addHelpText(
      'after',
      DETAILS +
        examples(
          'sec1000 query 192.168.1.200',
          'sec1000 query 192.168.1.200 --watch --interval 10 --format text',
          'sec1000 query 192.168.1.200 --watch --json-file /run/grid.json --http 8080',
        ),
    )
    .action((source: string, flags: QueryFlags) =>
      query(io, source, flags.interval === undefined ? flags : { ...flags, watch: true }),
    )
}

async function query(io: Io, text: string, flags: QueryFlags): Promise<void> {
  const source = parseSource(text)
  checkOutput(flags)
  if ('file' in source) {
    if (flags.watch === true) throw new UsageError('--watch asks a controller; a file is read once')
    if (source.file === '-' && io.stdinIsTerminal) throw new UsageError('file:-: standard input is a terminal')
    await runReplay(io, source.file, flags)
    return
  }
  if (flags.watch !== true && (flags.count ?? 1) > 1) throw new UsageError('--count is for --watch')
  warn(io, flags)
  await runQuery(io, source.endpoint, flags)
}

function limitCommand(io: Io): Command {
  const command = new Command('limit')
    .description('Print the limit of the power that may be exported, as a JSON document. It is read, never set.')
    .argument('<host[:port]>', 'the controller')
  return addDocumentOptions(addLiveOptions(addRequestOptions(command), undefined, DOCUMENT_FORMATS))
    .addHelpText(
      'after',
      examples(
        'sec1000 limit 192.168.1.200',
        'sec1000 limit 192.168.1.200 --format text',
        'sec1000 limit 192.168.1.200 --raw',
      ),
    )
    .action(async (text: string, flags: RequestFlags) => {
      const source = parseSource(text)
      if ('file' in source) throw new UsageError('a file is read by: sec1000 query file:PATH')
      checkOutput(flags)
      if (flags.ha !== undefined)
        throw new UsageError('--ha is for sec1000 query: it would take the place of its entities')
      await runLimit(io, source.endpoint, flags)
    })
}

function checkOutput(flags: RequestFlags & { readonly watch?: true }): void {
  if (flags.raw !== true) return
  const other = flags.watch === true ? '--watch' : flags.json === true ? '--json' : flags.format && '--format'
  if (other) throw new UsageError(`--raw prints no readings: it does not go with ${other}`)
}

function warn(io: Io, { interval = INTERVAL, retries, retryWait }: QueryFlags): void {
  const advice = `controllers that are asked more often than every ${LEAST_INTERVAL} s may stop answering`
  if (interval < LEAST_INTERVAL) {
    io.err.write(`wattzup: --interval ${interval}: taken as ${LEAST_INTERVAL}; ${advice}\n`)
  }
  if (retries > 1 && retryWait < LEAST_INTERVAL) io.err.write(`wattzup: --retry-wait ${retryWait}: ${advice}\n`)
}
