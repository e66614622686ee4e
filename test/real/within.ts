/** What is waited for in a test with real programs takes no longer than this, ms, however busy the machine is. */
const DEADLINE_MS = 15_000

/** Gives what `work` gives, or fails after a while with what was waited for, and what `seen` tells. */
export async function within<T>(why: string, work: Promise<T>, seen: () => unknown = () => ''): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for: ${why} ${JSON.stringify(seen())}`)), DEADLINE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
