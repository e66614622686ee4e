import type { Definition, MessageDefinition } from '../../decode/definition.ts'
import { StructSet } from '../../decode/struct-set.ts'
import type { Protocol } from '../protocol.ts'
import { MyenergiFramer } from './framer.ts'
import { subRecords, wideGridPower } from './sub-records.ts'

/**
 * myenergi devices (eddi, zappi, harvi) talking to each other in raw Ethernet frames. `structs` are the definitions
 * `myenergi`, or those `withStructure`; values that the definitions do not declare are not derived. Source:
 * docs/protocols/myenergi.md.
 */
export function myenergi(structs: StructSet): Protocol {
  return {
    name: 'myenergi',
    structs,
    framer: () => new MyenergiFramer(structs),
    derive: (message, values, payload) => {
      const declared = structs.definition.messages[message]?.derived
      if (declared === undefined) return
      const found = { ...subRecords(message, payload), grid_power: wideGridPower(message, payload) }
      for (const [name, value] of Object.entries(found)) {
        if (value !== undefined && Object.hasOwn(declared, name)) values[name] = value
      }
    },
  }
}

/** Definitions with the fields and derived values of `structure` added to the messages of the same name. */
export function withStructure(structs: StructSet, structure: StructSet): StructSet {
  const { definition } = structs
  const messages: Record<string, MessageDefinition> = { ...definition.messages }
  for (const [name, added] of Object.entries(structure.definition.messages)) {
    const own = messages[name]
    messages[name] = {
      ...added,
      ...own,
      fields: { ...own?.fields, ...added.fields },
      derived: { ...own?.derived, ...added.derived },
    }
  }
  const { enums, flags, types } = structure.definition
  const merged: Definition = {
    ...definition,
    enums: { ...definition.enums, ...enums },
    flags: { ...definition.flags, ...flags },
    types: { ...definition.types, ...types },
    messages,
  }
  return new StructSet(structs.name, merged)
}
