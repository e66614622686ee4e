import type { DeviceInfo } from '../../core/device-info.ts'
import type { Reading } from '../../core/reading.ts'

/** A device by its serial number; records do not say what it is. */
export function myenergiDevice({ device }: Reading): DeviceInfo {
  return { name: `myenergi ${device}`, manufacturer: 'myenergi', serial: device }
}
