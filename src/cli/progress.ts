import type { ByteInput } from '../core/input.ts'

const MB = 1e6

/** How far the reading of an input is: share, bytes, rate and time left. */
export function progressText({ name, size }: ByteInput, bytes: number, elapsedMs: number): string {
  const rate = bytes / Math.max(elapsedMs, 1)
  const speed = `${(bytes / MB).toFixed(0)} MB, ${((rate * 1000) / MB).toFixed(0)} MB/s`
  if (size === 0) return `${name}: ${speed}`
  const left = Math.ceil((size - bytes) / rate / 1000)
  return `${name}: ${Math.floor((bytes / size) * 100)} %, ${speed}, ${left} s left`
}
