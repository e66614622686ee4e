/** How surely a message arrives: at most once, at least once, exactly once. */
export type Qos = 0 | 1 | 2

/** How a message is delivered: its quality of service, and whether the broker keeps it for those who come later. */
export interface Delivery {
  readonly qos: Qos
  readonly retain: boolean
}

/** A message to a broker. An empty payload that is retained removes what the broker has kept. */
export interface MqttMessage extends Delivery {
  readonly topic: string
  /** Sent as UTF-8. */
  readonly payload: string
}

/** A message from a broker. */
export interface ReceivedMessage {
  readonly topic: string
  readonly payload: string
  /** It was said before we subscribed, and kept. */
  readonly retained: boolean
}

/** What everybody has to know who comes later: kept by the broker, and delivered at least once. */
export const KEPT: Delivery = { qos: 1, retain: true }

/** What counts only now. */
export const PASSING: Delivery = { qos: 1, retain: false }
