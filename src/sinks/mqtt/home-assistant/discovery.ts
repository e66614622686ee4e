import type { DeviceInfo } from '../../../core/device-info.ts'
import { deviceId } from '../../device-id.ts'
import type { Device } from '../device.ts'
import { KEPT, type MqttMessage } from '../message.ts'
import type { Settable } from '../settable.ts'
import type { Leaf } from '../shape.ts'
import { availabilityTopic, commandTopic, stateTopic, statusTopic, topicSafe } from '../topics.ts'
import { type Component, sensorOf, settableOf } from './entity.ts'
import { freeKey, leafNames } from './leaf-names.ts'

/** How devices are announced. */
export interface DiscoveryOptions {
  /** Where Home Assistant looks: `homeassistant`. */
  readonly prefix: string
  /** One message per device; or one per entity, as versions before 2024.11 and other programs want it. */
  readonly style: 'device' | 'legacy'
  /** The version of this program. */
  readonly version: string
  /** Entities for fields that are marked as guesses too. */
  readonly guesses: boolean
}

/** What announcements say of our topics. */
export interface TreeOptions {
  readonly root: string
  /** How often a device is heard. */
  readonly intervalMs: number
  /** Fields that may be set, by name. */
  readonly settable: ReadonlyMap<string, Settable>
}

interface Entity {
  readonly key: string
  readonly stateTopic: string
  readonly component: Component
}

/** The name under which this program is known; what carries it in `origin` is ours. */
export const ORIGIN = 'wattzup'

/** A measurement is too old after three intervals, and not before so many seconds. */
const MIN_EXPIRE_S = 60

/** What Home Assistant is told of a device and of all values that have been seen so far; nothing before there are any. */
export function discoveryMessages(
  device: Pick<Device, 'family' | 'id' | 'leaves'>,
  info: DeviceInfo,
  options: DiscoveryOptions,
  tree: TreeOptions,
): readonly MqttMessage[] {
  const entities = entitiesOf(device, info, options, tree)
  if (entities.length === 0) return []
  const shared = {
    device: deviceBlock(device, info),
    origin: { name: ORIGIN, sw_version: options.version },
    availability: [{ topic: statusTopic(tree.root) }, { topic: availabilityTopic(tree.root, device.id) }],
    availability_mode: 'all',
  }
  const { prefix, style } = options
  if (style === 'legacy') return entities.map(entity => legacyMessage(prefix, device.id, entity, shared))
  return [config(`${prefix}/device/${device.id}/config`, { ...shared, ...withComponents(entities) })]
}

/** The state topic stands once where all have the same, and only where it differs else. */
function withComponents(entities: readonly Entity[]): object {
  const usual = entities[0]!.stateTopic
  const components = entities.map(({ key, stateTopic: own, component }) => [
    key,
    own === usual ? component : { ...component, state_topic: own },
  ])
  return { state_topic: usual, components: Object.fromEntries(components) }
}

function entitiesOf(
  { id, leaves }: Pick<Device, 'id' | 'leaves'>,
  info: DeviceInfo,
  { guesses }: DiscoveryOptions,
  tree: TreeOptions,
): Entity[] {
  const taken = new Set<string>()
  return leaves.flatMap(([group, inGroup]) =>
    inGroup
      .filter(({ fields }) => guesses || fields.every(({ confidence }) => confidence !== 'guess'))
      .map(leaf => {
        const names = leafNames(leaf)
        const key = freeKey(group === '' ? names.key : `${topicSafe(group)}_${names.key}`, name => taken.has(name))
        taken.add(key)
        const { platform, ...config } = componentOf(id, leaf, tree)
        const entityId = `${id}_${key}`.toLowerCase().replaceAll('-', '_')
        const common = {
          unique_id: `${ORIGIN}_${id}_${key}`,
          default_entity_id: `${platform}.${entityId}`,
          name: entityName(names.label, info.name),
        }
        return { key, stateTopic: stateTopic(tree.root, id, group), component: { platform, ...common, ...config } }
      }),
  )
}

function componentOf(id: string, leaf: Leaf, { root, intervalMs, settable }: TreeOptions): Component {
  const { name, category } = leaf.fields[0]!
  const how = category === 'config' && leaf.path.length === 1 ? settable.get(name) : undefined
  if (how !== undefined) return settableOf(leaf, how, commandTopic(root, id, topicSafe(name)))
  return sensorOf(leaf, Math.max(Math.ceil((3 * intervalMs) / 1000), MIN_EXPIRE_S))
}

/** Home Assistant puts the name of the device before the entity's: it must not stand there twice. */
function entityName(label: string, device: string): string | null {
  if (!label.toLowerCase().startsWith(device.toLowerCase())) return label
  return label.slice(device.length).trim() || null
}

function deviceBlock({ family, id }: Pick<Device, 'family' | 'id'>, info: DeviceInfo) {
  const { name, manufacturer, model, serial, swVersion, configurationUrl, viaDevice } = info
  return {
    identifiers: [`${ORIGIN}_${id}`],
    name,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial_number: serial }),
    ...(swVersion === undefined ? {} : { sw_version: swVersion }),
    // one that is not for a browser would make Home Assistant refuse the whole device
    ...(/^https?:\/\//.test(configurationUrl ?? '') ? { configuration_url: configurationUrl } : {}),
    ...(viaDevice === undefined ? {} : { via_device: `${ORIGIN}_${deviceId(family, viaDevice)}` }),
  }
}

function legacyMessage(prefix: string, id: string, entity: Entity, shared: object): MqttMessage {
  const { key, stateTopic: state_topic, component } = entity
  const { platform, ...keys } = component
  const objectId = `${id}_${key}`.toLowerCase().replaceAll('-', '_') // the entity's ID for versions before 2025.10
  return config(`${prefix}/${platform}/${ORIGIN}_${id}_${key}/config`, {
    ...keys,
    object_id: objectId,
    state_topic,
    ...shared,
  })
}

function config(topic: string, payload: object): MqttMessage {
  return { topic, payload: JSON.stringify(payload), ...KEPT }
}
