/** Waits for work, which may be broken off because the run is over: that is no error then. */
export async function unlessStopped(work: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
  }
}
