import { writeSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

const STDOUT = 1

/** What the summary needs to know of a test. */
export interface Outcome {
  readonly file: string
  /** The names of the groups around it and its own. */
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending'
  /** What was given to `context.skip`. */
  readonly note?: string | undefined
}

/** Prints after a run which tests were skipped and why, and as the very last line how many there were of each kind. */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const outcomes = modules.flatMap(module =>
      Array.from(module.children.allTests(), (test): Outcome => {
        const result = test.result()
        const note = result.state === 'skipped' ? result.note : undefined
        return { file: module.relativeModuleId, name: test.fullName, state: result.state, note }
      }),
    )
    // a file that does not load and a group that cannot be set up fail without a test of their own
    const groups = modules.flatMap(module => [module, ...module.children.allSuites()])
    const broken = groups.filter(group => group.errors().length > 0).length
    writeSync(STDOUT, summary(outcomes, broken + unhandledErrors.length))
  }
}

/**
 * The skipped tests by reason, and the counts. A reason is a note, or stands in brackets in the name of a test or of a
 * group around it: `(skipped: tmux is missing)`. `failures` are those that belong to no test.
 */
export function summary(outcomes: readonly Outcome[], failures = 0): string {
  const skipped = outcomes.filter(({ state }) => state === 'skipped')
  const reasons = new Set(skipped.map(reasonOf))
  const lines = [...reasons].flatMap(reason => [
    `skipped: ${reason}`,
    ...skipped
      .filter(test => reasonOf(test) === reason)
      .map(({ file, name }) => `  ${file}: ${name.replace(REASON, '')}`),
  ])
  const count = (state: Outcome['state']) => outcomes.filter(outcome => outcome.state === state).length
  const counts = `${count('passed')} passed, ${count('failed') + failures} failed, ${skipped.length} skipped`
  return `${[...lines, counts].join('\n')}\n`
}

const REASON = / ?\(skipped:? ([^)]*)\)/

function reasonOf({ name, note }: Outcome): string {
  return note ?? REASON.exec(name)?.[1] ?? 'nobody said why'
}
