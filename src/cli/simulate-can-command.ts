import { Argument, Command } from 'commander'
import type { LiveCanAddress } from '../core/can-address.ts'
import { BATTERIES } from '../protocols/batgw/batteries/batteries.ts'
import type { Side } from '../protocols/batgw/gateway-event.ts'
import { INVERTERS } from '../protocols/batgw/inverters/inverters.ts'
import { BUSES_HELP } from './can-dump-command.ts'
import { examples } from './examples.ts'
import type { Io } from './io.ts'
import { simulateCan } from './simulate-can.ts'
import type { PretendedKind } from './simulate-can-device.ts'
import { addSimulateCanOptions, type SimulateCanFlags, simulateCanHelp, simulatedBus } from './simulate-can-options.ts'
import { unlessStopped } from './unless-stopped.ts'

/** `simulate battery`: the battery of a car on a CAN bus. */
export function simulateBatteryCommand(io: Io): Command {
  return sideCommand(io, 'battery', BATTERIES)
    .description('be the battery of a car on a CAN bus, or write the log of one')
    .addHelpText(
      'after',
      examples(
        'simulate battery byd vcan0 --scenario cold',
        'simulate battery byd vcan0 --set soc=20 --set current=-15 --faults corrupt=0.05,drop',
        'simulate battery mg4 --set "contactors=stay closed" | wattzup batgw decode - --battery mg4',
      ),
    )
}

/** `simulate inverter`: a hybrid inverter on a CAN bus. */
export function simulateInverterCommand(io: Io): Command {
  return sideCommand(io, 'inverter', INVERTERS)
    .description('be a hybrid inverter on a CAN bus, or write the log of one')
    .addHelpText(
      'after',
      examples(
        'simulate inverter byd vcan1',
        'simulate inverter byd vcan1 --set current=-20 --scenario silent-inverter',
        `simulate inverter pylon vcan1 --options 'dialect "low-voltage"'`,
      ),
    )
}

function sideCommand(io: Io, side: Side, kinds: readonly PretendedKind[]): Command {
  const names = kinds.map(({ name }) => name)
  const command = new Command(side)
    .addArgument(new Argument('<kind>', 'what it speaks, as in the configuration of batgw bridge').choices(names))
    .argument('[bus]', 'the CAN bus; without one a log is written', simulatedBus)
  return addSimulateCanOptions(command)
    .addHelpText('after', () => simulateCanHelp(kinds))
    .addHelpText('after', BUSES_HELP)
    .action(async (name: string, bus: LiveCanAddress | undefined, flags: SimulateCanFlags) => {
      const kind = kinds.find(other => other.name === name)! // it is one of the choices
      await unlessStopped(simulateCan(io, side, kind, bus, flags), io.signal)
    })
}
