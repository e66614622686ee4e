import { main } from '../../src/cli/main.ts'
import { type FakeIo, fakeIo, type World } from '../fake-io.ts'

/** What a run of `canlog` did. */
export interface Run {
  readonly code: number
  readonly out: string
  /** Lines of standard output. */
  readonly lines: readonly string[]
  readonly err: string
  readonly io: FakeIo
  /** A side file that the run wrote, as text. */
  file(path: string): string
}

/** Runs `wattzup canlog` over one log, which is a file in memory called `x.log`. */
export async function canlog(log: string | Uint8Array, ...args: readonly string[]): Promise<Run> {
  return run(['x.log', ...args], { files: { 'x.log': log } })
}

/** Runs `wattzup canlog` with these arguments in a world of the test's own. */
export async function run(args: readonly string[], world: World = {}): Promise<Run> {
  const io = fakeIo(['canlog', ...args], world)
  const code = await main(io)
  const out = io.stdout
  if (io.stderr.includes('This is a defect')) throw new Error(io.stderr)
  return { code, out, lines: out === '' ? [] : out.replace(/\n$/, '').split('\n'), err: io.stderr, io, file }

  function file(path: string): string {
    return io.files.readText(path)
  }
}

/** The lines that a log gives; the run must not fail. */
export async function linesOf(log: string | Uint8Array, ...args: readonly string[]): Promise<readonly string[]> {
  const { code, lines, err } = await canlog(log, ...args)
  if (code !== 0) throw new Error(`status ${code}: ${err}`)
  return lines
}
