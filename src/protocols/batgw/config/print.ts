import { type AnyKind, type GatewayConfig, type Kinds, rulesOf } from './config.ts'
import type { GivenOptions, OptionRule } from './option.ts'

export interface PrintOptions {
  /** What holds without having been given, too. */
  readonly defaults: boolean
  /** Passwords as they are; else covered. */
  readonly secrets: boolean
}

/** The configuration in force, in a form that gives the same configuration when it is read. */
export function printConfig(config: GatewayConfig, kinds: Kinds, options: PrintOptions): string {
  const rules = rulesOf(kinds)
  const { mqtt, battery, inverter } = config
  const blocks = [
    ...(mqtt === undefined ? [] : [printBlock('mqtt', mqtt, rules.mqtt, options)]),
    printBlock('battery', battery.options, ownRules(rules.battery, battery.kind, kinds.batteries), options),
    printBlock('inverter', inverter.options, ownRules(rules.inverter, inverter.kind, kinds.inverters), options),
  ]
  return blocks.join('\n')
}

/** Of all rules those that this kind has, and those that none has as its own. */
function ownRules(rules: readonly OptionRule<unknown>[], kind: AnyKind, kinds: readonly AnyKind[]): typeof rules {
  return rules.filter(rule => kind.options.includes(rule) || !kinds.some(other => other.options.includes(rule)))
}

function printBlock(
  name: string,
  given: GivenOptions,
  rules: readonly OptionRule<unknown>[],
  { defaults, secrets }: PrintOptions,
): string {
  const lines = rules.flatMap(rule => {
    const value = given.has(rule.name) ? given.get(rule.name)!.value : defaults ? rule.fallback : undefined
    return value === undefined ? [] : [`\t${rule.form.print(rule.name, value, !secrets)}\n`]
  })
  return `${name} {\n${lines.join('')}}\n`
}
