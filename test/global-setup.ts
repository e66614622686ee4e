import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Builds the binary once, before any test runs it: builds of tests that run side by side would trip each other. */
export function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../bin/build.mjs')], { stdio: 'inherit' })
}
