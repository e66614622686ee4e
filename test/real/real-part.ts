import { spawnSync } from 'node:child_process'

/** A program that a test runs for real, and why it cannot where it is missing. */
export interface RealPart {
  readonly missing: boolean
  /** For the name of a test that is skipped. */
  readonly reason: string
}

/**
 * Looks for a program. Where WATTZUP_REQUIRE_REAL is set, as in CI, a missing one is not a reason to skip: the test runs
 * and fails.
 */
export function realPart(program: string, debianPackage: string): RealPart {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  const required = process.env['WATTZUP_REQUIRE_REAL'] === '1'
  const reason = found || required ? '' : ` (skipped: ${program} is missing; apt-get install ${debianPackage})`
  return { missing: !found && !required, reason }
}
