import { TimeoutError } from '../../core/errors.ts'
import type { LxpFrame } from './frame.ts'
import type { ReadRequest } from './request.ts'
import type { Requester } from './requester.ts'

/**
 * Asks for registers, and once more, which `onRepeat` is told, when no answer comes: reading does no harm. Rejects like `Requester.request`;
 * `TimeoutError` means that the connection had better be made anew.
 */
export async function readTwice(
  link: Requester,
  inverter: string,
  request: ReadRequest,
  signal: AbortSignal,
  onRepeat: () => void = () => {},
): Promise<LxpFrame> {
  try {
    return await link.request(inverter, request, signal)
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error
    onRepeat()
  }
  return link.request(inverter, request, signal)
}
