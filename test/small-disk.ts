import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own that is soon full; undefined where this user may not mount one. Dispose of it. */
export function smallDisk(size: string): ({ readonly folder: string } & Disposable) | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'wattzup-disk-'))
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' })
  if (status === 0) return { folder, [Symbol.dispose]: () => unmount(folder) }
  rmSync(folder, { recursive: true })
  return undefined
}

/** Why a test that needs one is skipped. */
export const NO_DISK = 'mounting a small disk needs root'

function unmount(folder: string): void {
  spawnSync('umount', ['-l', folder], { stdio: 'inherit' })
  rmSync(folder, { recursive: true })
}
