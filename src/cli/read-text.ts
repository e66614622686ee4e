import { TransportError } from '../core/errors.ts'
import type { Io } from './io.ts'

const BLOCK = 65_536

/** A whole small file as text; throws `TransportError` where it is missing, larger than `limit` bytes or not UTF-8. */
export async function readText(io: Io, path: string, limit: number): Promise<string> {
  return utf8Text(await readBytes(io, path, limit), path)
}

/** A whole small file; throws `TransportError` where it is missing or larger than `limit` bytes. */
export async function readBytes(io: Io, path: string, limit: number): Promise<Uint8Array> {
  const input = await io.open(path)
  try {
    const blocks: Uint8Array[] = []
    for (let size = 0; ; ) {
      const block = new Uint8Array(BLOCK)
      const count = await input.read(block, 0)
      if (count === 0) return Buffer.concat(blocks)
      size += count
      if (size > limit) throw new TransportError(`${path} is larger than ${Math.floor(limit / 1e6)} MB`, { path })
      blocks.push(block.subarray(0, count))
    }
  } finally {
    input.close()
  }
}

function utf8Text(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new TransportError(`${path} is not text in UTF-8`, { path }, error)
  }
}
