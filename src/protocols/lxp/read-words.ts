import { DecodeError } from '../../core/errors.ts'
import { readTwice } from './read-twice.ts'
import { rangeText, wordsOf } from './request.ts'
import type { Requester } from './requester.ts'

/**
 * Words of hold registers, read now. Rejects like `Requester.request`, and with
 * `DecodeError` when fewer come than were asked for.
 */
export async function readWords(
  link: Requester,
  inverter: string,
  register: number,
  count: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { data } = await readTwice(link, inverter, { type: 'hold', register, count }, signal)
  const words = wordsOf(data)
  if (words.length === count) return words
  const what = `hold ${rangeText(register, count)}`
  throw new DecodeError(`${link.origin} answers for ${what} with too few registers`, { register, count })
}

/** The word of one hold register, read now. */
export async function readWord(
  link: Requester,
  inverter: string,
  register: number,
  signal: AbortSignal,
): Promise<number> {
  const [word = 0] = await readWords(link, inverter, register, 1, signal)
  return word
}
