/*
 * Jinja templates that take a value out of a state message.
 */

/** Attributes of a Python dictionary: Jinja finds those before keys of the same name. */
const METHODS = [
  ...['clear', 'copy', 'fromkeys', 'get', 'items', 'keys', 'pop', 'popitem', 'setdefault', 'update', 'values'],
]

/** `value_json.soc`, `value_json.cells[0]`, `value_json['soc(%)']`. */
export function valueAt(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => text + accessor(step), 'value_json')
}

/** A number or a text as it is; missing is `None`, which Home Assistant shows as unknown. */
export function plainTemplate(value: string): string {
  return `{{ ${value} }}`
}

/** `ON` or `OFF`. */
export function switchTemplate(value: string): string {
  return `{{ None if ${value} is none else 'ON' if ${value} else 'OFF' }}`
}

/** A value without a name is a number in the state, and not among the options. */
export function enumTemplate(value: string): string {
  return `{{ ${value} if ${value} is string else 'unknown' }}`
}

/** Names of the bits that are set; a text may have 255 characters. */
export function flagsTemplate(value: string): string {
  return `{{ ((${value} or []) | join(', ') or 'none')[:255] }}`
}

function accessor(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`
  if (/^[A-Za-z]\w*$/.test(step) && !METHODS.includes(step)) return `.${step}`
  return `['${step.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
}
