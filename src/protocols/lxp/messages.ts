import type { Emit } from '../protocol.ts'
import { batterySlots } from './battery-slots.ts'
import type { LxpFrame } from './frame.ts'
import type { Model } from './model.ts'

/** Emits what a frame says that came at `at`, Unix ms: one message, and one per battery module in it. */
export function emitMessages(frame: LxpFrame, at: number, model: Model, emit: Emit): void {
  const { type, data, register = 0, bytes } = frame
  const device = frame.inverter ?? frame.datalog
  const plain = { payload: data, device, at, model, frame: bytes }
  if (type === 'input' || type === 'hold') emit({ ...plain, keys: [type], base: register })
  else if (type === 'write_single') emit({ ...plain, keys: ['hold'], name: type, base: register })
  else emit({ ...plain, keys: type === 'unknown' ? [type] : [], name: type })
  if (type !== 'input') return
  for (const { module, payload } of batterySlots(register, data)) {
    emit({ keys: ['battery_slot'], payload, device: `${device}-${module}`, at, model })
  }
}
