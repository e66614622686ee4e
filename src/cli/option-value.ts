import { InvalidArgumentError } from 'commander'
import { isWattzupError } from '../core/errors.ts'

/** What `parse` gives; what it refuses is told with the name of the option that it is the value of. */
export function taken<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw isWattzupError(error) ? new InvalidArgumentError(error.message) : error
  }
}
