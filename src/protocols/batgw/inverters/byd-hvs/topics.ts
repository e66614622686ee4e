import type { Values } from '../../../../core/values.ts'
import { rowTopics, type TopicRows, type TopicValue } from '../../topics.ts'

const ROWS: TopicRows = {
  values: [
    ['send/voltage', 'voltage', 1],
    ['send/current', 'current', 1],
  ],
  inverter_values: [
    ['inverter/temperature', 'temperature', 1],
    ['recv/voltage', 'voltage', 1],
    ['recv/current', 'current', 1],
  ],
}

/** The topics of a message. */
export function bydHvsTopics(message: string, values: Values): TopicValue[] {
  return rowTopics(ROWS, message, values)
}
