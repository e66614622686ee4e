import { describe, expect, test } from 'vitest'
import { type DecodedFrame, FrameDecoder } from '../../../src/protocols/lxp/decoded.ts'
import { ModelsSeen } from '../../../src/protocols/lxp/models-seen.ts'
import { blank, captureText, hasCaptures, lxpStructs, plainCsv } from './captures.ts'

// What the vendor's portal displayed of 127 settings of an EG4 12kPV, against what we read from the same words.

describe.skipIf(!hasCaptures)('the portal (skipped without the folder WATTZUP_CAPTURES)', () => {
  test('the portal shows what we read in 154 rows of the settings', () => {
    const words = captureText('12kpv_hold_0.words.txt')
      .trim()
      .split(/\s+/)
      .slice(2) // "start 0"
      .map(word => Number.parseInt(word, 16))
    const data = Buffer.alloc(words.length * 2)
    for (const [i, word] of words.entries()) data.writeUInt16LE(word, i * 2)
    const frame = { ...blank, type: 'hold' as const, register: 0, count: words.length, data }
    const { fields } = new FrameDecoder(lxpStructs, new ModelsSeen(undefined, 'lxp'), true).decode(frame)
    const results = portalRows().map(row => [row.name, row.value, shownFor(row, fields)])
    const agreeing = results.filter(([, portal, ours]) => portal === ours)
    expect(results.filter(([, portal, ours]) => ours !== undefined && portal !== ours)).toEqual([])
    expect(agreeing).toHaveLength(154)
  })
})

interface PortalRow {
  readonly name: string
  readonly value: string
  readonly register: number
}

function portalRows(): PortalRow[] {
  return plainCsv(captureText('12kpv_hold_0_portal.csv'))
    .slice(1)
    .filter(([, , register]) => register !== '')
    .map(([name, value, register]) => ({ name: name!, value: value!, register: Number(register) }))
}

/** Rows of HOLD_MODEL that the map knows, in its words. */
const MODEL_ROWS: Readonly<Record<string, string>> = {
  HOLD_MODEL_rule: 'model_rule',
  HOLD_MODEL_ruleMask: 'model_rule_mask',
  HOLD_MODEL_batteryType: 'model_battery_type',
  HOLD_MODEL_lithiumType: 'model_lithium_type',
}

/** Bits of the words with flags, in the order of the portal's rows; undefined where the capture's README says (x). */
const BIT_ROWS: Readonly<Record<number, readonly (string | undefined)[]>> = {
  21: Array.from({ length: 16 }, (_, bit) => `21.${bit}`),
  110: [
    ...['110.0', '110.1', '110.2', '110.3', '110.4', '110.7', '110.10', undefined, '110.14', '110.15', undefined],
    ...['110.5', '110.8', '110.12'],
  ],
  120: ['120.0', undefined, '120.1', '120.4', '120.6', '120.7'],
}

type Fields = DecodedFrame['fields']

/** What we would show in a row of the portal; undefined where the two cannot be compared. */
function shownFor({ name, value, register }: PortalRow, fields: Fields): string | undefined {
  const named = (wanted: string) => fields.find(({ info }) => info.name === wanted)
  const number = (wanted: string) => Number(named(wanted)!.value)
  if (name === 'HOLD_MODEL') return `0x${number('model').toString(16)}`
  if (name === 'HOLD_MODEL_powerRating')
    return String(number('model_power_rating_low') + 8 * number('model_power_rating_high'))
  if (name.startsWith('HOLD_MODEL_')) return MODEL_ROWS[name] && String(Number(named(MODEL_ROWS[name]!)!.value))
  if (name === 'HOLD_SERIAL_NUM') return String(named('serial')!.value)
  if (name === 'HOLD_FW_CODE') {
    return `${named('firmware_prefix')!.value}-${hex2(number('slave_version'))}${hex2(number('control_version'))}`
  }
  if (name === 'HOLD_TIME') {
    const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(part =>
      String(number(`time_${part}`)).padStart(2, '0'),
    )
    return `20${year}-${month}-${day} ${hour}:${minute}:${second}`
  }
  if (name === 'HOLD_PF_CMD') return undefined // raw, unscaled
  const bits = BIT_ROWS[register]
  if (bits !== undefined) {
    const place =
      bits[
        portalRows()
          .filter(row => row.register === register)
          .findIndex(row => row.name === name)
      ]
    const row = Object.entries(lxpStructs.definition.messages['hold']!.fields).find(([, [at]]) => at === place)
    if (place === undefined || row === undefined) return undefined
    const bit = named(row[0])!.value
    return /^(true|false)$/.test(value) ? String(Boolean(bit)) : String(Number(bit))
  }
  const field = fields.find(each => each.register === register && !each.isPart)!
  if (name.includes('_HOUR')) return String(field.value).slice(0, 2)
  if (name.includes('_MINUTE')) return String(field.value).slice(3)
  return String(field.isCode ? field.raw : field.value)
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0')
}
