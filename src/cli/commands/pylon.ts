import { Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../core/errors.ts'
import { hex2, READ_COMMANDS } from '../../protocols/pylontech/commands.ts'
import type { Io } from '../io.ts'
import { type DecodeOptions, decodePylon, FORMATS } from '../pylon-decode.ts'
import { monitorCommand } from '../pylon-monitor-command.ts'
import { pollCommand } from '../pylon-poll-command.ts'

const EXAMPLES = `
Commands that a reply may answer, for --command:
${[...READ_COMMANDS].map(([cid2, { name }]) => `  ${hex2(cid2)}  ${name}`).join('\n')}

Examples:
  $ wattzup pylon decode samples/pylontech/stack.log
  $ wattzup pylon decode '~20014600E00204FD38' --command 90 --format json
  $ wattzup simulate pylon --frames 30 | wattzup pylon decode - --format ndjson
`

/** `wattzup pylon`: Pylontech low-voltage batteries. */
export function pylonCommand(io: Io): Command {
  return new Command('pylon')
    .description('Pylontech low-voltage batteries on RS485 and RS232: ask them, decode what they say.')
    .addCommand(pollCommand(io))
    .addCommand(monitorCommand(io))
    .addCommand(decodeCommand(io))
}

function decodeCommand(io: Io): Command {
  return new Command('decode')
    .description('Turn pasted or recorded frames into readings; sends nothing.')
    .argument('<frame-or-file...>', 'frames (~2002...), logs of frames, pcap or pcapng files, - for standard input')
    .addOption(new Option('-f, --format <format>', 'output').choices(FORMATS).default('text'))
    .option('--json', 'the same as --format ndjson')
    .option('--command <hex>', 'CID2 that a reply without a request before it answers', commandCode)
    .option('--strict', 'exit with 1 if anything was skipped')
    .option('--redact', 'mask serial numbers')
    .option('--trace-bytes', 'show every frame that is skipped, on standard error')
    .option('--structs <dir>', 'folder of definitions of your own, used before the built-in ones')
    .addHelpText('after', EXAMPLES)
    .action(async (sources: string[], { json, ...options }: DecodeOptions & { readonly json?: true }) => {
      if (sources.includes('-') && io.stdinIsTerminal) {
        throw new UsageError('- is standard input, which is a terminal; name a file or paste a frame instead')
      }
      await decodePylon(io, sources, json ? { ...options, format: 'ndjson' } : options)
    })
}

function commandCode(text: string): number {
  const code = /^[0-9a-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : -1
  if (READ_COMMANDS.has(code)) return code
  throw new InvalidArgumentError(`It must be one of ${[...READ_COMMANDS.keys()].map(hex2).join(', ')}.`)
}
