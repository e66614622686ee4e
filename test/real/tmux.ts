import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'

const ROOT = join(import.meta.dirname, '../..')
/** A screen tells nobody when it changes: it is looked at so often. */
const LOOK_MS = 20
const never = new AbortController().signal
let terminals = 0

/** A real terminal with a shell in it that knows job control, and hands to type in it; for one test, however that ends. */
export class Tmux implements Disposable {
  readonly #socket = `wattzup-${process.pid}-tmux-${terminals++}`

  constructor(columns: number, rows: number, env: Readonly<Record<string, string>> = { LANG: 'C.UTF-8' }) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const shell = ['env', '-u', 'NO_COLOR', '-u', 'LC_ALL', '-u', 'LANG', ...variables, 'bash', '--norc', '--noprofile']
    const size = ['-x', String(columns), '-y', String(rows)]
    onTestFinished(() => this[Symbol.dispose]()) // a test that runs out of time leaves no block
    this.#run('-u', '-f', '/dev/null', 'new-session', '-d', ...size, shell.join(' '))
  }

  /** Types a line and Enter. */
  enter(line: string): void {
    this.#run('send-keys', '-l', line)
    this.press('Enter')
  }

  /** Presses keys by their names in tmux: `q`, `C-c`, `PageUp`. */
  press(...keys: readonly string[]): void {
    this.#run('send-keys', ...keys)
  }

  resize(columns: number, rows: number): void {
    this.#run('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** What is on the screen, line by line; with escape codes if wanted. */
  screen(withEscapes = false): string {
    return this.#run('capture-pane', '-p', ...(withEscapes ? ['-e'] : []))
  }

  /** Waits for a text; gives the whole screen. */
  async shows(text: string | RegExp): Promise<string> {
    for (;;) {
      const screen = this.screen()
      if (typeof text === 'string' ? screen.includes(text) : text.test(screen)) return screen
      await systemClock.sleep(LOOK_MS, never)
    }
  }

  /** Waits until the terminal is in such modes. */
  async isIn(modes: string): Promise<void> {
    while (this.modes() !== modes) await systemClock.sleep(LOOK_MS, never)
  }

  /** Whether the second screen is on, the cursor is seen, and lines go on behind the last column: 0 or 1 each. */
  modes(): string {
    return this.#run('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag}').trim()
  }

  [Symbol.dispose](): void {
    this.#run('kill-server')
  }

  #run(...args: readonly string[]): string {
    return spawnSync('tmux', ['-L', this.#socket, ...args], { cwd: ROOT, encoding: 'utf8' }).stdout
  }
}
