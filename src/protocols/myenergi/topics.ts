import type { Reading } from '../../core/reading.ts'
import type { Value } from '../../core/values.ts'

/**
 * Topics and payloads of a reading as the original publishes them: `{topic}/{serial}/{key}` with the bare number, the
 * serial number among them. A key with a slash takes a level more: `{topic}/12345678/0x36/v9`. Texts and lists, which
 * only the structural values have, are JSON without quotes around a text.
 */
export function originalTopics(topic: string, { device, values }: Reading): (readonly [topic: string, text: string])[] {
  return Object.entries(values).map(([key, value]) => [`${topic}/${device}/${key}`, payloadOf(value)] as const)
}

function payloadOf(value: Value): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
