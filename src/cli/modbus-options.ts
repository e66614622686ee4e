import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseZone, type Zone } from '../protocols/lxp/local-time.ts'
import { MODELS, type Model, modelNamed, PRODUCT_NAMES } from '../protocols/lxp/model.ts'

/** Adds `--model`, as every command for these inverters has it; what the user leaves to the inverter is undefined. */
export function addModelOption(command: Command): Command {
  const names = `auto (by register 19), ${MODELS.join(', ')}, or a product: ${PRODUCT_NAMES.join(', ')}`
  command.addOption(new Option('--model <model>', names).argParser(parseModel))
  // a parser of commander's cannot give undefined: it would become an empty text
  return command.on('option:model', text => {
    if (text === AUTO) command.setOptionValue('model', undefined)
  })
}

/** `--tz`, a zone of times that `what` tells. */
export function zoneOption(what: string): Option {
  return new Option('--tz <zone>', `${what}: local, UTC, +02:00, Europe/Berlin`).argParser(parseZoneName)
}

const AUTO = 'auto'

function parseModel(text: string): Model | typeof AUTO {
  const found = text === AUTO ? AUTO : modelNamed(text)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Known are ${[AUTO, ...MODELS, ...PRODUCT_NAMES].join(', ')}.`)
}

function parseZoneName(text: string): Zone {
  const found = parseZone(text)
  if (found === undefined) throw new InvalidArgumentError('Write local, UTC, +02:00, or a name like Europe/Berlin.')
  return found
}
