import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RealPart, realPart } from './real-part.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Seconds that a scenario may take: ten times what it takes where nothing else runs. What hangs is found out sooner. */
const LONGEST = 400
/** ms, for the hook that waits for it. */
export const SCENARIO_MS = (LONGEST + 30) * 1000

/** What is needed for scenarios. */
export function canVmPart(...others: readonly RealPart[]): RealPart {
  const parts = [
    realPart('linux.uml', 'user-mode-linux'),
    realPart('insmod', 'kmod'),
    realPart('ip', 'iproute2'),
    realPart('candump', 'can-utils'),
    loadedPackage('socketcan'),
    ...others,
  ]
  return parts.find(({ missing }) => missing) ?? { missing: false, reason: '' }
}

/** A native package. One that was built for another version of Node is as good as none: CI has tested with that one. */
export function loadedPackage(name: string): RealPart {
  const { status, stderr } = spawnSync(process.execPath, ['-e', `require('${name}')`], { cwd: ROOT, encoding: 'utf8' })
  const isOther = /NODE_MODULE_VERSION|did not self-register/.test(stderr)
  const missing = status !== 0 && (isOther || process.env['WATTZUP_REQUIRE_REAL'] !== '1')
  const why = isOther ? 'is built for another Node' : 'is missing'
  return { missing, reason: missing ? ` (skipped: ${name} ${why}; npm rebuild ${name})` : '' }
}

/** A script of test/real that starts programs on CAN buses in a kernel of its own, and what they said, by their names. */
export class Scenario implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'wattzup-scenario-'))

  /** Runs it to its end; rejects with all that it has said when that is not a good one. */
  async run(script: string): Promise<void> {
    const command = [`test/real/${script}`, this.folder, process.execPath]
    const env = { ...process.env, CAN_VM_SECONDS: String(LONGEST) }
    const vm = spawn('test/real/can-vm', command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [vm.stdout, vm.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        said += text
      })
    }
    const [status] = await once(vm, 'close')
    if (status !== 0) throw new Error(`${script} ended with ${status}:\n${said}`)
  }

  /** What a program printed, or a file that it wrote. */
  said(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  lines(name: string): string[] {
    return this.said(name).split('\n').slice(0, -1)
  }

  /** The exit status of a program. */
  status(name: string): number {
    return Number(this.said(`${name}.status`))
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
