/** What became of the frames that clients sent. */
export interface ProxyCounts {
  /** Data frames with the right serial numbers. */
  requests: number
  /** Of these: waited for an answer that was on its way or asked for already. */
  shared: number
  answered: number
  /** Refused by the proxy, and refused for now: too many waited, or the dongle was away. */
  refused: number
  busy: number
  /** Not answered by the dongle. */
  unanswered: number
  /** Not answered by the proxy: data frames with other serial numbers; heartbeats, parameters and the like. */
  foreign: number
  ignored: number
}

export function noCounts(): ProxyCounts {
  return { requests: 0, shared: 0, answered: 0, refused: 0, busy: 0, unanswered: 0, foreign: 0, ignored: 0 }
}
