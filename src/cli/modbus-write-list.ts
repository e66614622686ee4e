import type { StructSet } from '../decode/struct-set.ts'
import { MODELS, type Model } from '../protocols/lxp/model.ts'
import { type SettingRange, type WritableSetting, writableSettings } from '../protocols/lxp/writable.ts'
import { table } from './table.ts'

export interface ListOptions {
  readonly model: Model | undefined
  readonly dangerous: boolean
  readonly json: boolean
}

/** A setting, and the models for which it is all the same. */
interface Row {
  readonly setting: WritableSetting
  readonly models: Model[]
}

/** The settings that may be written, as a table or as a JSON document. */
export function listText(structs: StructSet, { model, dangerous, json }: ListOptions): string {
  const rows = rowsOf(structs, model === undefined ? MODELS : [model], dangerous)
  return json ? `${JSON.stringify(rows.map(document), null, 2)}\n` : tableOf(rows, model === undefined)
}

function rowsOf(structs: StructSet, models: readonly Model[], dangerous: boolean): Row[] {
  const rows = new Map<string, Row>()
  for (const model of models) {
    for (const setting of writableSettings(structs, model, dangerous)) {
      const key = JSON.stringify(setting)
      const row = rows.get(key)
      if (row === undefined) rows.set(key, { setting, models: [model] })
      else row.models.push(model)
    }
  }
  return [...rows.values()].sort((a, b) => a.setting.register - b.setting.register)
}

function document({ setting, models }: Row) {
  const { name, label, register, count, unit, range, isDangerous } = setting
  const { kind: type, ...limits } = range
  const parts = { ...(unit === '' ? {} : { unit }), type, ...limits }
  return { name, label, models, register, count, ...parts, ...(isDangerous ? { dangerous: true } : {}) }
}

function tableOf(rows: readonly Row[], withModels: boolean): string {
  const columns = [
    { title: 'NAME' },
    { title: 'HOLD', right: true },
    { title: 'VALUES' },
    { title: 'MODELS' },
    { title: '' },
  ]
  const isEvery = (models: readonly Model[]) => models.length === MODELS.length
  const cells = rows.map(({ setting, models }) => [
    setting.name,
    setting.count === 1 ? `${setting.register}` : `${setting.register}-${setting.register + setting.count - 1}`,
    valuesText(setting.range, setting.unit),
    withModels ? (isEvery(models) ? 'all' : models.join(', ')) : '',
    setting.isDangerous ? 'DANGEROUS' : '',
  ])
  return table(columns, cells)
}

function valuesText(range: SettingRange, unit: string): string {
  switch (range.kind) {
    case 'number': {
      const { min, max, atMost } = range
      const limit = atMost === undefined ? '' : `, at most ${atMost}`
      return `${min} to ${max} ${unit}`.trimEnd() + limit
    }
    case 'choice':
      return range.names.join(', ')
    case 'switch':
      return 'on, off'
    case 'time':
      return '00:00 to 23:59'
    case 'clock':
      return 'now, or 2026-03-01T10:00:00'
  }
}
