import type { Value, Values } from '../../core/values.ts'

/** A topic below the one of a side, and what is said there. */
export type TopicValue = readonly [topic: string, payload: string]

/** What the program that the topics come from published of a message. */
export type TopicsOf = (message: string, values: Values) => readonly TopicValue[]

/** A number of a message: its topic, its field, how many decimals, and what it is multiplied by. */
export type TopicRow = readonly [topic: string, field: string, decimals: number, factor?: number]

/** Rows by message. */
export type TopicRows = Readonly<Record<string, readonly TopicRow[]>>

/** The topics of the rows of a message. */
export function rowTopics(rows: TopicRows, message: string, values: Values): TopicValue[] {
  const own = Object.hasOwn(rows, message) ? rows[message]! : []
  return own.flatMap(([topic, field, decimals, factor]) => topicOf(topic, values[field], decimals, factor))
}

/** Nothing of a value that is not there. */
export function topicOf(topic: string, value: Value | undefined, decimals: number, factor = 1): TopicValue[] {
  if (typeof value !== 'number' || !Number.isFinite(value)) return []
  const text = (value * factor).toFixed(decimals)
  return [[topic, Number(text) === 0 ? text.replace('-', '') : text]]
}
