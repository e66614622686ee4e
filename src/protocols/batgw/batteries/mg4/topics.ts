import type { Values } from '../../../../core/values.ts'
import { rowTopics, type TopicRows, type TopicValue, topicOf } from '../../topics.ts'

const ROWS: TopicRows = {
  charge_state: [['soc/percent', 'soc', 1]],
  pack_values: [
    ['voltage', 'voltage', 1],
    ['current', 'current', 1],
  ],
}

/** The topics of a message. */
export function mg4Topics(message: string, values: Values): TopicValue[] {
  return [...rowTopics(ROWS, message, values), ...(message === 'pack_values' ? powerTopic(values) : [])]
}

/** kW, signed like the current. */
function powerTopic({ voltage, current }: Values): TopicValue[] {
  return typeof voltage === 'number' && typeof current === 'number'
    ? topicOf('power', (voltage * current) / 1000, 2)
    : []
}
