/** Wakes one who waits for something to do. */
export class Doorbell {
  #wake: (() => void) | undefined

  ring(): void {
    this.#wake?.()
  }

  /** Resolves at the next ring; rejects with the reason of `signal`. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      this.#wake = () => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
    })
  }
}
