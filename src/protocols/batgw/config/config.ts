import { nearest } from '../../../decode/suggest.ts'
import type { BatteryKind } from '../battery-driver.ts'
import type { InverterKind } from '../inverter-driver.ts'
import type { Block, ReportError } from './block-parser.ts'
import { quoted } from './forms.ts'
import { familyProblem, HOST, MQTT_OPTIONS } from './mqtt-options.ts'
import { type GivenOptions, type OptionRule, optionValue } from './option.ts'
import { type BlockName, type BlockRules, type ConfigSource, type ParsedBlocks, parseBlocks } from './parse.ts'
import { BATTERY_OPTIONS, INTERFACE, INVERTER_OPTIONS, PROTOCOL } from './side-options.ts'
import { ConfigError, type Position } from './token.ts'

/** What a configuration may choose from. */
export interface Kinds {
  readonly batteries: readonly BatteryKind[]
  readonly inverters: readonly InverterKind[]
}

/** What batteries and inverters have in common here. */
export interface AnyKind {
  readonly name: string
  readonly options: readonly OptionRule<unknown>[]
}

/** One side of the gateway, as configured: complete and understood. */
export interface ConfiguredSide<Kind> {
  readonly kind: Kind
  readonly interface: string
  readonly options: GivenOptions
}

/** A configuration that was understood as a whole. */
export interface GatewayConfig {
  readonly mqtt: GivenOptions | undefined
  readonly battery: ConfiguredSide<BatteryKind>
  readonly inverter: ConfiguredSide<InverterKind>
}

export type ConfigResult =
  | { readonly config: GatewayConfig; readonly problems: readonly [] }
  /** One line each: `FILE:LINE: what is wrong, expected what`. */
  | { readonly config: undefined; readonly problems: readonly string[] }

/** Reads a configuration; with a single thing in it that is not understood there is none. */
export function readConfig(source: ConfigSource, kinds: Kinds): ConfigResult {
  const errors: ConfigError[] = []
  const report: ReportError = error => errors.push(error)
  const parsed = parseBlocks(source, rulesOf(kinds), report)
  const config = check(parsed, kinds, report)
  if (config !== undefined && errors.length === 0) return { config, problems: [] }
  return { config: undefined, problems: errors.map(problemLine) }
}

function problemLine({ position: { file, line }, message }: ConfigError): string {
  return `${file}:${line}: ${message}`
}

/** What each block may hold; an option that several kinds share is one rule. */
export function rulesOf({ batteries, inverters }: Kinds): BlockRules {
  return {
    mqtt: MQTT_OPTIONS,
    battery: unique([...BATTERY_OPTIONS, ...batteries.flatMap(({ options }) => options)]),
    inverter: unique([...INVERTER_OPTIONS, ...inverters.flatMap(({ options }) => options)]),
  }
}

function unique(rules: readonly OptionRule<unknown>[]): OptionRule<unknown>[] {
  return [...new Map(rules.map(rule => [rule.name, rule])).values()]
}

function check({ blocks, end }: ParsedBlocks, kinds: Kinds, report: ReportError): GatewayConfig | undefined {
  const fail: Fail = (position, text) => {
    report(new ConfigError(position, text))
    return undefined
  }
  const mqtt = blocks.get('mqtt')
  if (mqtt !== undefined) checkMqtt(mqtt, fail)
  const battery = checkSide('battery', blocks, kinds.batteries, end, fail)
  const inverter = checkSide('inverter', blocks, kinds.inverters, end, fail)
  if (battery !== undefined) checkBattery(battery, fail)
  if (battery === undefined || inverter === undefined) return undefined
  if (battery.interface === inverter.interface) {
    fail(
      positionOf(inverter.options, INTERFACE),
      `battery and inverter are both on ${quoted(battery.interface)}; expected two buses`,
    )
  }
  const refusal = inverter.kind.refuse(inverter.options, battery.kind.facts(battery.options))
  if (refusal !== undefined) fail(positionOf(inverter.options, PROTOCOL), refusal)
  return { mqtt: mqtt?.options, battery, inverter }
}

function checkMqtt({ options, position }: Block, fail: Fail): void {
  if (!options.has(HOST.name)) {
    fail(position, 'mqtt host not specified; expected host "..." in mqtt')
    return
  }
  const problem = familyProblem(options)
  if (problem !== undefined) fail(positionOf(options, HOST), problem)
}

function checkBattery({ kind, options }: ConfiguredSide<BatteryKind>, fail: Fail): void {
  const refusal = kind.refuse(options)
  if (refusal !== undefined) fail(positionOf(options, PROTOCOL), refusal)
}

/** Reports a problem and gives undefined. */
type Fail = (position: Position, text: string) => undefined

/** A side with a known protocol, an interface, and no options of another protocol. */
function checkSide<Kind extends AnyKind>(
  name: BlockName,
  blocks: ReadonlyMap<BlockName, Block>,
  kinds: readonly Kind[],
  end: Position,
  fail: Fail,
): ConfiguredSide<Kind> | undefined {
  const block = blocks.get(name)
  if (block === undefined) return fail(end, `${name} has not been configured; expected ${name} { ... }`)
  const { options, position } = block
  const protocol = optionValue(options, PROTOCOL)
  if (protocol === undefined) {
    return fail(position, `${name} protocol is not configured; expected protocol ${namesOf(kinds)}`)
  }
  const kind = kinds.find(other => other.name === protocol)
  if (kind === undefined) {
    const near = nearest(
      protocol,
      kinds.map(other => other.name),
    )
    const text = `${name} protocol ${quoted(protocol)}: unknown; expected ${namesOf(kinds)}`
    return fail(positionOf(options, PROTOCOL), near === undefined ? text : `${text}; ${near}`)
  }
  checkOwner(name, kind, kinds, options, fail)
  const bus = optionValue(options, INTERFACE)
  if (bus === undefined) {
    return fail(position, `${kind.name} ${name}: interface not configured; expected interface "can0" or the like`)
  }
  return { kind, interface: bus, options }
}

/** Options of another protocol's own are not understood for this one. */
function checkOwner(
  name: BlockName,
  kind: AnyKind,
  kinds: readonly AnyKind[],
  options: GivenOptions,
  fail: Fail,
): void {
  for (const [option, { position }] of options) {
    const has = (other: AnyKind) => other.options.some(rule => rule.name === option)
    const owners = kinds.filter(has)
    if (owners.length === 0 || has(kind)) continue
    fail(
      position,
      `${name} ${option} has no meaning for protocol ${quoted(kind.name)}; expected protocol ${namesOf(owners)}`,
    )
  }
}

function namesOf(kinds: readonly AnyKind[]): string {
  return kinds.map(({ name }) => quoted(name)).join(' or ')
}

function positionOf(options: GivenOptions, rule: OptionRule<unknown>): Position {
  return options.get(rule.name)!.position // both have been found there
}
