import type { Clock } from '../../../core/clock.ts'
import type { Values } from '../../../core/values.ts'
import type { PolledStack } from '../poll/poll-loop.ts'
import { EMPTY_STACK, type StackState, withFailure, withReply } from '../stack-state.ts'
import { parseBat, parsePairs, parsePwr } from './answers.ts'
import { consoleCommand } from './commands.ts'
import type { ConsoleSession } from './session.ts'
import { consoleAlarm, consoleAnalog } from './values.ts'

/** Modules are numbered from 1 to this. */
const MOST_MODULES = 16
/** What hardly changes is asked again after so long. */
const REFRESH_MS = 3_600_000

/** What `info` said of a module, and when. */
interface Known {
  readonly at: number
  readonly info: Readonly<Record<string, string>>
}

/** Asks the console for its modules, one round after the other. Outlives connections. */
export class ConsolePoller implements PolledStack<ConsoleSession> {
  state: StackState = EMPTY_STACK
  readonly group = 0
  readonly #clock: Clock
  readonly #known = new Map<number, Known>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  connected(): void {
    this.#known.clear()
  }

  async round(session: ConsoleSession): Promise<boolean> {
    const list = await session.command(consoleCommand('pwr'))
    const rows = list.ok ? parsePwr(list.text).filter(isModule) : []
    const listed = new Set(rows.map(moduleOf))
    const reason = list.ok ? 'absent' : list.reason
    for (const address of this.state.packs.keys()) {
      if (!listed.has(address)) this.state = withFailure(this.state, address, reason)
    }
    for (const row of rows) await this.#module(session, row)
    return rows.length > 0
  }

  async #module(session: ConsoleSession, row: Values): Promise<void> {
    const module = moduleOf(row)
    const info = await this.#info(session, module)
    const bat = await session.command(consoleCommand('bat', module))
    const stat = await session.command(consoleCommand('stat', module))
    const cells = bat.ok ? parseBat(bat.text) : []
    const told = { row, cells, info, stat: stat.ok ? parsePairs(stat.text) : {} }
    this.#take('analog', module, { packs: [consoleAnalog(told)] })
    this.#take('alarm', module, { packs: [consoleAlarm(told)] })
  }

  async #info(session: ConsoleSession, module: number): Promise<Readonly<Record<string, string>>> {
    const known = this.#known.get(module)
    if (known !== undefined && Math.abs(this.#clock.now() - known.at) < REFRESH_MS) return known.info
    const printed = await session.command(consoleCommand('info', module))
    if (!printed.ok) return known?.info ?? {}
    const info = parsePairs(printed.text)
    this.#known.set(module, { at: this.#clock.now(), info })
    const { Barcode: serial, 'Main Soft version': version } = info
    if (serial !== undefined) this.#take('serial', module, { serial })
    if (version !== undefined) this.#take('firmware', module, { mainline_version: version })
    if (module === 1 || this.state.device === null) this.#take('manufacturer', module, deviceOf(info))
    return info
  }

  #take(message: string, adr: number, values: Values): void {
    this.state = withReply(this.state, { message, values: { adr, ...values }, time: this.#clock.now() })
  }
}

function moduleOf(row: Values): number {
  return Number(row['pack'])
}

function isModule(row: Values): boolean {
  return moduleOf(row) >= 1 && moduleOf(row) <= MOST_MODULES
}

function deviceOf(info: Readonly<Record<string, string>>): Values {
  return {
    device_name: info['Device name'] ?? null,
    software_version: info['Soft version'] ?? null,
    manufacturer: info['Manufacturer'] ?? null,
  }
}
