/** Command lines at the end of help, to be pasted. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ wattzup ${line}\n`).join('')}`
}
