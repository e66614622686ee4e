import type { Clock } from '../../../core/clock.ts'
import { isWattzupError } from '../../../core/errors.ts'
import type { Transport } from '../../../core/transport.ts'
import type { SimulatedController } from './controller.ts'
import type { Delivery } from './faults.ts'
import { RequestReader } from './request-reader.ts'

/** Answers one client until it goes, or a fault or a senseless request ends the connection. `clock` is the controller's. */
export async function serve(
  link: Transport,
  controller: SimulatedController,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await using client = link
  const requests = new RequestReader()
  try {
    for await (const { data } of client.packets(signal)) {
      for (const content of requests.push(data)) {
        const delivery = controller.answer(content, clock.now())
        await deliver(client, delivery, clock, signal)
        if (delivery.end !== 'open') return
      }
      if (requests.broken) return
    }
  } catch (error) {
    if (!signal.aborted && !isWattzupError(error)) throw error // clients come and go
  }
}

async function deliver(client: Transport, { parts, end }: Delivery, clock: Clock, signal: AbortSignal): Promise<void> {
  for (const { waitMs, bytes } of parts) {
    if (waitMs > 0) await clock.sleep(waitMs, signal)
    await client.send(bytes, signal)
  }
  if (end === 'reset') client.reset?.()
}
