/** Bytes from somewhere, pulled into the reader's own memory: no allocation per read. */
export interface ByteInput {
  /** What messages call it: the path, or `-`. */
  readonly name: string
  /** Bytes in all, 0 where that is not known (a pipe, a compressed file). */
  readonly size: number
  /** Whether more may be a long time coming, so that what has been printed must not wait for it. */
  readonly live: boolean
  /**
   * Reads at most `into.length - at` bytes to `into[at]`; gives their number, 0 at the end. A promise only where the
   * bytes are not there yet. Throws `TransportError`.
   */
  read(into: Uint8Array, at: number): number | Promise<number>
  close(): void
}
