/** What may be asked on the console: these read, and nothing else can be written. */
const TOPICS = ['pwr', 'bat', 'info', 'stat'] as const

declare const checked: unique symbol
/** A line for the console that reads. */
export type ConsoleCommand = string & { readonly [checked]: true }

/** `pwr`, the modules in a list; with a module `pwr 1`, `bat 1`, `info 1`, `stat 1`. */
export function consoleCommand(topic: (typeof TOPICS)[number], module?: number): ConsoleCommand {
  if (!TOPICS.includes(topic)) throw new RangeError(`${topic} is not a command that reads`)
  if (module === undefined) return topic as ConsoleCommand
  if (!Number.isInteger(module) || module < 1 || module > 99) throw new RangeError(`${module} is not a module`)
  return `${topic} ${module}` as ConsoleCommand
}
