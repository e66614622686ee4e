import { Command, CommanderError } from 'commander'
import pkg from '../../package.json' with { type: 'json' }
import { ClosedPipe, isWattzupError, UsageError } from '../core/errors.ts'
import type { Io } from './io.ts'

/** A subcommand: what help says of it, and the file that is loaded when it is the one to run. */
interface Entry {
  readonly name: string
  readonly summary: string
  readonly load: (io: Io) => Promise<Command>
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'batgw',
    summary: 'gateway between the battery of an electric car and an inverter, on CAN',
    load: async io => (await import('./commands/batgw.ts')).batgwCommand(io),
  },
  {
    name: 'can',
    summary: 'CAN buses and their logs: listen, send, play, convert',
    load: async io => (await import('./commands/can.ts')).canCommand(io),
  },
  {
    name: 'canlog',
    summary: 'filter, decode and analyse EcoFlow CAN logs',
    load: async io => (await import('./commands/canlog.ts')).canlogCommand(io),
  },
  {
    name: 'energi',
    summary: 'listen to myenergi devices (eddi, zappi) on the local network',
    load: async io => (await import('./commands/energi.ts')).energiCommand(io),
  },
  {
    name: 'lxp',
    summary: 'take the UDP broadcasts of LuxPower dongles',
    load: async io => (await import('./commands/lxp.ts')).lxpCommand(io),
  },
  {
    name: 'modbus',
    summary: 'collect, ask for, decode and change what EG4 and LuxPower inverters say behind their dongles',
    load: async io => (await import('./commands/modbus.ts')).modbusCommand(io),
  },
  {
    name: 'pylon',
    summary: 'ask, watch and decode Pylontech batteries on RS485 and RS232',
    load: async io => (await import('./commands/pylon.ts')).pylonCommand(io),
  },
  {
    name: 'sec1000',
    summary: 'ask GoodWe SEC1000 energy controllers for powers of grid and inverters',
    load: async io => (await import('./commands/sec1000.ts')).sec1000Command(io),
  },
  {
    name: 'simulate',
    summary: 'pretend to be a device: recordings without hardware',
    load: async io => (await import('./commands/simulate.ts')).simulateCommand(io),
  },
  {
    name: 'structs',
    summary: 'list, show and check the definitions that say what bytes mean',
    load: async io => (await import('./commands/structs.ts')).structsCommand(io),
  },
]

const EXAMPLES = `
Examples:
  $ wattzup canlog samples/ecoflow/powerkit.log --rec
  $ candump -L can0 | wattzup canlog - --format ndjson
  $ wattzup structs show ecoflow
`

/** Runs one command line; gives the exit status. */
export async function main(io: Io): Promise<number> {
  try {
    const program = await createProgram(io)
    if (io.args.length === 0) {
      io.err.write(program.helpInformation() + EXAMPLES)
      return 2
    }
    await program.parseAsync(io.args as string[], { from: 'user' })
    return io.status.code
  } catch (error) {
    return failed(error, io)
  }
}

async function createProgram(io: Io): Promise<Command> {
  const program = new Command('wattzup')
    .description('Decode, explore and simulate what home-power hardware says, with no cloud in between.')
    .version(pkg.version)
    .option('--debug', 'show stack traces of errors')
    .enablePositionalOptions() // canlog has a --debug of its own
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput(outputs(io))
    .addHelpText('after', EXAMPLES)
  for (const entry of COMMANDS) {
    if (io.args.includes(entry.name)) program.addCommand(prepare(await entry.load(io), io))
    else program.command(entry.name).description(entry.summary)
  }
  return program
}

/** Commander's settings are not inherited by commands that are made elsewhere. */
function prepare(command: Command, io: Io): Command {
  command.exitOverride().configureOutput(outputs(io)).showSuggestionAfterError()
  for (const sub of command.commands) prepare(sub, io)
  return command
}

function outputs(io: Io) {
  return {
    writeOut: (text: string) => io.out.write(text),
    writeErr: (text: string) => io.err.write(text.replace(/^error: /, 'wattzup: ')),
    getOutHelpWidth: () => (io.out.isTerminal ? io.out.columns : 100),
    getErrHelpWidth: () => (io.err.isTerminal ? io.err.columns : 100),
  }
}

function failed(error: unknown, io: Io): number {
  if (error instanceof ClosedPipe) return 0
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : new UsageError('').exitCode
  const debug = io.args.includes('--debug') && error instanceof Error ? `${error.stack}\n` : ''
  if (isWattzupError(error)) {
    io.err.write(`wattzup: ${error.message}\n${debug}`)
    return error.exitCode
  }
  const text = error instanceof Error ? error.message : String(error)
  io.err.write(`wattzup: unexpected error: ${text}\n${debug || 'This is a defect; --debug shows where.\n'}`)
  return 1
}
