/** Options whose value is optional take it only as `--hex=diff`, so that `--hex FILE` reads the file. */
const OPTIONAL = new Set(
  ['hex', 'str', 'smo', 'flg', 'rec', 'sample', 'regen', 'pick', 'excl', 'count', 'pivot', 'pmm', 'meta'].map(
    name => `--${name}`,
  ),
)

/** Gives bare options with an optional value an empty one, so that they do not take the next word. */
export function withEmptyValues(args: readonly string[]): string[] {
  const end = args.indexOf('--')
  return args.map((arg, i) => (OPTIONAL.has(arg) && (end < 0 || i < end) ? `${arg}=` : arg))
}
