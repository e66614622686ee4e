import type { DeviceInfo } from '../../core/device-info.ts'
import type { Reading } from '../../core/reading.ts'

const MANUFACTURER = 'LuxPower / EG4'

/** An inverter, or a battery module, which is reached through its inverter. */
export function lxpDevice({ device, message }: Reading): DeviceInfo {
  const [inverter = device, module] = device.split('-')
  if (message !== 'battery_slot' || module === undefined) {
    return { name: `Inverter ${device}`, manufacturer: MANUFACTURER, serial: device }
  }
  return { name: `Battery ${module}`, manufacturer: MANUFACTURER, serial: module, viaDevice: inverter }
}
