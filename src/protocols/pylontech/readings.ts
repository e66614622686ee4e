import type { FieldInfo } from '../../core/field-info.ts'
import type { Reading } from '../../core/reading.ts'
import type { Values } from '../../core/values.ts'
import type { StructSet } from '../../decode/struct-set.ts'
import { deviceOf } from './exchange.ts'
import { ANALOG, packDocuments, snapshot } from './snapshot.ts'
import type { StackState } from './stack-state.ts'

/** Messages of readings: the snapshot of a stack; and for who wants flat values its totals, and each module. */
export const STACK = 'stack'
export const TOTALS = 'totals'
export const MODULE = 'module'

const FAMILY = 'pylontech'
const OF_TOTALS: ReadonlySet<string> = new Set(['voltage', 'current', 'power', 'remaining_ah', 'total_ah', 'soc'])
/** Of a module in a line for people. */
const OF_LINE = ['address', 'voltage', 'current', 'power', 'soc', 'cycles', 'cell_min', 'cell_max', 'cell_delta_mv']

/** Makes readings of what is known of stacks; units and labels are those of the definitions. */
export class StackReadings {
  readonly #totals: readonly FieldInfo[]
  readonly #module: readonly FieldInfo[]
  readonly #stack: readonly FieldInfo[]

  constructor(structs: StructSet) {
    const all = elementFields(structs, 'analog')
    const analog = ANALOG.flatMap(name => all.filter(field => field.name === name))
    const totals = analog.filter(({ name }) => OF_TOTALS.has(name))
    const count = field('pack_count', 'Modules', 'number')
    this.#totals = [count, ...totals]
    this.#module = [
      ...MODULE_HEAD,
      ...analog,
      object('alarm', 'Alarms', elementFields(structs, 'alarm')),
      object('management', 'Charge and discharge', elementFields(structs, 'management')),
      ...MODULE_TAIL,
    ]
    const line = this.#module.filter(({ name }) => OF_LINE.includes(name) || name === 'temperatures')
    const modules = { ...object('packs', 'Modules', [...line, ...MODULE_TAIL]), array: true }
    this.#stack = [count, object('totals', 'All modules', totals), modules]
  }

  /** The snapshot of a stack, device `stack0`. */
  whole(group: number, state: StackState, time: number): Reading {
    return { ...stackReading(group, time), message: STACK, values: snapshot(state), fields: this.#stack }
  }

  /**
   * Each module that has answered in the last round, device `group/n`, behind the totals of the stack, device `stack0`;
   * nothing where none has.
   */
  parts(group: number, state: StackState, time: number): Reading[] {
    const { pack_count: count, totals } = snapshot(state)
    const values = { pack_count: count ?? 0, ...(totals as Values | null) }
    const modules = packDocuments(state).filter(({ stale, voltage }) => stale === false && voltage !== null)
    if (modules.length === 0) return []
    return [
      { ...stackReading(group, time), message: TOTALS, values, fields: this.#totals },
      ...modules.map(pack => this.#moduleReading(pack)),
    ]
  }

  #moduleReading(values: Values): Reading {
    const device = deviceOf(Number(values['address']))
    const time = Date.parse(String(values['updated_at']))
    return { time, family: FAMILY, device, message: MODULE, values, fields: this.#module }
  }
}

function stackReading(group: number, time: number) {
  return { time, family: FAMILY, device: `stack${group}` }
}

const MODULE_HEAD: readonly FieldInfo[] = [
  field('pack', 'Module', 'number', 'diagnostic'),
  field('group', 'Group', 'number', 'diagnostic'),
  field('address', 'Address', 'number', 'diagnostic'),
  field('serial', 'Serial number', 'text', 'diagnostic'),
  field('firmware', 'Firmware', 'text', 'diagnostic'),
]
const MODULE_TAIL: readonly FieldInfo[] = [
  { ...field('updated_at', 'Last answer', 'text', 'diagnostic'), kind: 'timestamp' },
  { ...field('stale', 'Stale', 'boolean', 'diagnostic'), kind: 'problem' },
  field('error', 'Error', 'text', 'diagnostic'),
]

/** The fields of an element of `packs` in a reply. */
function elementFields(structs: StructSet, message: string): readonly FieldInfo[] {
  return structs.message(message)?.fields.find(({ name }) => name === 'packs')?.fields ?? []
}

function field(name: string, label: string, type: FieldInfo['type'], category?: string): FieldInfo {
  const plain = { unit: '', confidence: 'documented', decimals: 0, array: false } as const
  return { name, label, type, ...plain, ...(category === undefined ? {} : { category }) }
}

function object(name: string, label: string, fields: readonly FieldInfo[]): FieldInfo {
  return { ...field(name, label, 'object'), fields }
}
