import { UsageError } from '../core/errors.ts'

/** What a `config.ini` of the original program says, as flags of ours. */
export interface OriginalConfig {
  readonly iface?: string
  readonly mqtt?: string
  readonly topic?: string
  readonly mqttClientId?: string
  readonly debugKeys?: true
}

/** Sections by name, and in each the values by the lower-case name of their key. */
type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>

const SECTIONS: readonly string[] = ['NETWORK', 'MQTT', 'DEBUG']
const PORT = '1883'

/**
 * Reads a `config.ini`: `[NETWORK] nic`, `[MQTT] broker, port, topic, id, user, pass`, `[DEBUG] enabled`. Names of keys
 * may have capitals. Throws `UsageError`, which quotes nothing: a line may hold a password.
 */
export function parseOriginalConfig(text: string, path: string): OriginalConfig {
  const ini = parseIni(text, path)
  if (!SECTIONS.some(name => ini.has(name))) {
    throw new UsageError(`${path}: there is no section [NETWORK], [MQTT] or [DEBUG] in it`, { path })
  }
  const value = (section: string, key: string) => ini.get(section)?.get(key) || undefined
  const iface = value('NETWORK', 'nic')
  return {
    ...(iface === undefined ? {} : { iface }),
    ...mqttOf(key => value('MQTT', key)),
    ...(isTrue(value('DEBUG', 'enabled'), path) ? { debugKeys: true } : {}),
  }
}

/** Nothing where no broker is named. */
function mqttOf(value: (key: string) => string | undefined): Pick<OriginalConfig, 'mqtt' | 'topic' | 'mqttClientId'> {
  const [broker, topic, id] = [value('broker'), value('topic'), value('id')]
  if (broker === undefined) return {}
  return {
    mqtt: brokerUrl(broker, value('port') ?? PORT, value('user'), value('pass')),
    ...(topic === undefined ? {} : { topic }),
    ...(id === undefined ? {} : { mqttClientId: id }),
  }
}

/** Lines as Python's configparser has them: comments begin with # or ;, `=` or `:` follows a key, `%%` is a percent sign. */
function parseIni(text: string, path: string): Ini {
  const ini = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  for (const [i, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim()
    if (line === '' || /^[#;]/.test(line)) continue
    const name = /^\[([^\]]+)\]$/.exec(line)?.[1]
    const [, key, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (name !== undefined) {
      section = ini.get(name) ?? new Map()
      ini.set(name, section)
    } else if (key !== undefined && section !== undefined) section.set(key.toLowerCase(), value!.replaceAll('%%', '%'))
    else throw new UsageError(`${path}:${i + 1}: this is no [SECTION], and no key = value in one`, { path })
  }
  return ini
}

function brokerUrl(broker: string, port: string, user: string | undefined, pass: string | undefined): string {
  const password = pass === undefined ? '' : `:${encodeURIComponent(pass)}`
  const credentials = user === undefined ? '' : `${encodeURIComponent(user)}${password}@`
  return `mqtt://${credentials}${broker.includes(':') ? `[${broker}]` : broker}:${port}`
}

function isTrue(text: string | undefined, path: string): boolean {
  if (text === undefined || /^(0|no|false|off)$/i.test(text)) return false
  if (/^(1|yes|true|on)$/i.test(text)) return true
  throw new UsageError(`${path}: [DEBUG] enabled is neither true nor false`, { path })
}
