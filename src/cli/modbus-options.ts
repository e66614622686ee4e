import { InvalidArgumentError, Option } from 'commander'
import { parseZone, type Zone } from '../protocols/lxp/local-time.ts'
import { MODELS, type Model, modelNamed, PRODUCT_NAMES } from '../protocols/lxp/model.ts'

/** `--model`, as every command for these inverters has it. */
export function modelOption(): Option {
  const names = `auto (by register 19), ${MODELS.join(', ')}, or a product: ${PRODUCT_NAMES.join(', ')}`
  return new Option('--model <model>', names).argParser(parseModel)
}

/** `--tz`, a zone of times that `what` tells. */
export function zoneOption(what: string): Option {
  return new Option('--tz <zone>', `${what}: local, UTC, +02:00, Europe/Berlin`).argParser(parseZoneName)
}

function parseModel(text: string): Model | undefined {
  const found = modelNamed(text)
  if (found !== undefined || text === 'auto') return found
  throw new InvalidArgumentError(`Known are auto, ${[...MODELS, ...PRODUCT_NAMES].join(', ')}.`)
}

function parseZoneName(text: string): Zone {
  const found = parseZone(text)
  if (found === undefined) throw new InvalidArgumentError('Write local, UTC, +02:00, or a name like Europe/Berlin.')
  return found
}
