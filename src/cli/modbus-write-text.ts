import type { Value } from '../core/values.ts'
import type { WriteOutcome, WritePlan } from '../protocols/lxp/writer.ts'
import { jsonText } from '../sinks/ndjson.ts'

/** What became of a setting: as `WriteResult`, or not even sent. */
export interface SettingReport {
  /** `not_sent`: it could not be planned, or one before it failed; `planned`: it would be sent, but for `--dry-run`. */
  readonly outcome: WriteOutcome | 'planned' | 'not_sent'
  readonly plan?: WritePlan
  readonly after?: Value
  readonly error?: Error
}

/** What became of a setting, in words for people. */
export function outcomeText({ outcome, plan, after, error }: SettingReport): string {
  const unit = plan?.change.unit ?? ''
  const [before, wanted, back] = [plan?.before, plan?.wanted, after].map(value => shown(value, unit))
  switch (outcome) {
    case 'unchanged':
      return `it is ${before} already, nothing was sent`
    case 'written':
      return `${before} -> ${wanted}, written and read back`
    case 'written_unanswered':
      return `${before} -> ${wanted}, not answered, but it reads back as wanted`
    case 'accepted':
      return `${wanted}, accepted; it cannot be read back`
    case 'planned':
      return `${before} -> ${wanted}, not sent: ${hex(plan?.bytes)}`
    case 'refused':
      return `not written: ${error?.message}`
    case 'not_written':
      return `not written: no answer came, and it reads back as ${back}; it was not sent again`
    case 'contradicted':
      return `${before} -> ${wanted} was sent, but it reads back as ${back}, or was answered with another value`
    case 'unknown':
      return `${before} -> ${wanted} was sent; whether it was written is not known: ${error?.message}`
    case 'not_sent':
      return `not sent: ${error?.message}`
  }
}

/** The same as a line of JSON. */
export function reportJson(name: string, inverter: string, { outcome, plan, after, error }: SettingReport): string {
  return jsonText({
    inverter,
    name,
    ...(plan === undefined ? {} : planned(plan)),
    outcome,
    ...(after === undefined ? {} : { after }),
    ...(error === undefined ? {} : { error: error.message }),
  })
}

function planned({ change, before, wanted, bytes }: WritePlan) {
  const { register, unit } = change
  const sent = bytes === undefined ? {} : { bytes: Buffer.from(bytes).toString('hex') }
  return { register, ...(unit === '' ? {} : { unit }), before, wanted, ...sent }
}

function shown(value: Value | undefined, unit: string): string {
  if (value === undefined || value === null) return '-'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return unit === '' ? String(value) : `${value} ${unit}`
}

function hex(bytes: Uint8Array = new Uint8Array(0)): string {
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
}
