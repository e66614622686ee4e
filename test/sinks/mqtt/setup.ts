import type { FieldInfo } from '../../../src/core/field-info.ts'
import type { Reading } from '../../../src/core/reading.ts'
import type { Values } from '../../../src/core/values.ts'
import type { BrokerOptions } from '../../../src/sinks/mqtt/broker.ts'
import { parseBrokerUrl } from '../../../src/sinks/mqtt/broker-address.ts'
import { reasonOf } from '../../../src/transport/reason.ts'

let clients = 0

/** How to reach a broker by its URL. */
export function brokerAt(url: string, more: Partial<BrokerOptions> = {}): BrokerOptions {
  const address = parseBrokerUrl(url)
  return {
    address,
    clientId: `test_${process.pid}_${clients++}`,
    version: 4,
    keepAliveS: 30,
    tls: { insecure: false },
    reasonOf,
    ...(address.credentials === undefined ? {} : { credentials: address.credentials }),
    ...more,
  }
}

/** A field as definitions describe it. */
export function field(name: string, more: Partial<FieldInfo> = {}): FieldInfo {
  return { name, label: name, unit: '', confidence: 'documented', decimals: 0, type: 'number', array: false, ...more }
}

export const VOLTAGE = field('voltage', { label: 'Voltage', unit: 'V', kind: 'voltage', decimals: 1 })

/** A reading of an invented device. */
export function reading(values: Values, fields: readonly FieldInfo[] = [VOLTAGE], device = 'A 1'): Reading {
  return { time: Date.UTC(2026, 2, 1, 10), family: 'demo', device, message: 'status', values, fields }
}
