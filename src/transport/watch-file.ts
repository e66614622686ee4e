import { statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/**
 * Calls `changed` when a file may have changed, also when it is replaced by another or is not there yet: its folder is
 * watched. The system need not tell of every change, and of none on some file systems or where the folder is missing; so
 * look now and then, too.
 */
export function watchFile(path: string, changed: () => void): Disposable {
  const name = basename(path)
  try {
    const watcher = watch(dirname(path), (_, file) => {
      if (file === null || file === name) changed()
    })
    watcher.on('error', () => watcher.close())
    return { [Symbol.dispose]: () => watcher.close() }
  } catch {
    return { [Symbol.dispose]: () => {} }
  }
}

/** When a file was written, Unix ms; undefined where that cannot be told. */
export function writtenAt(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs
  } catch {
    return undefined
  }
}
