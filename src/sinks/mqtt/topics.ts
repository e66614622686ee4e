/*
 * The tree of topics below a root, by default `wattzup`. Source: docs/mqtt.md.
 *
 *     <root>/status                                      online, offline: this program
 *     <root>/<device_id>/availability                    online, offline: this device
 *     <root>/<device_id>/[<group>/]state                 JSON object
 *     <root>/<device_id>/[<group>/]value/<name>          one value
 *     <root>/<device_id>/cmd/<name>/set, result          what to set, what came of it
 */

/** Longest topic that MQTT can carry, in bytes of UTF-8. */
const MAX_BYTES = 65_535

/** Whether this program is there. */
export function statusTopic(root: string): string {
  return `${root}/status`
}

/** Whether a device is there. */
export function availabilityTopic(root: string, id: string): string {
  return `${root}/${id}/availability`
}

/** The state of a device; `group` is empty where it has but one. */
export function stateTopic(root: string, id: string, group: string): string {
  return `${deviceTopic(root, id, group)}/state`
}

/** One value. The elements of `path` are names and, from 1, places in lists. */
export function valueTopic(root: string, id: string, group: string, path: readonly string[]): string {
  return `${deviceTopic(root, id, group)}/value/${path.map(publishable).join('/')}`
}

/** Where a value is set. */
export function commandTopic(root: string, id: string, name: string): string {
  return `${root}/${id}/cmd/${name}/set`
}

/** Where it is told what came of that. */
export function resultTopic(root: string, id: string, name: string): string {
  return `${root}/${id}/cmd/${name}/result`
}

/** Matches the command topics of all devices. */
export function commandFilter(root: string): string {
  return commandTopic(root, '+', '+')
}

/** A name of the characters `[A-Za-z0-9_-]`, as commands and Home Assistant want them. */
export function topicSafe(name: string): string {
  return name.replaceAll(/[^\w-]/g, '_')
}

/** Whether a message may be sent to a topic: not empty, not too long, no wildcards. */
export function isTopic(text: string): boolean {
  return text !== '' && !FORBIDDEN.test(text) && Buffer.byteLength(text) <= MAX_BYTES
}

/** Whether a filter with `+` for one level and `#` for all that follow takes a topic. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true
    if (levels[i] === undefined || (level !== '+' && level !== levels[i])) return false
  }
  return wanted.length === levels.length
}

const FORBIDDEN = /[+#\u0000]/

function deviceTopic(root: string, id: string, group: string): string {
  return group === '' ? `${root}/${id}` : `${root}/${id}/${publishable(group).replaceAll('/', '_')}`
}

/** A name as a part of a topic; one with a slash takes several levels, as its author meant. */
function publishable(name: string): string {
  return name.replaceAll(/[+#\u0000]/g, '_')
}
