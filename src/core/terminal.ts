/** Columns and rows of a screen. */
export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** A terminal that a program has for itself: a screen that does not scroll, no cursor, keys as they are pressed. */
export interface Terminal {
  readonly size: ScreenSize
  /** Takes escape codes and text in one piece; never waits. */
  write(text: string): void
  /** Of what a slow terminal has not taken yet; undefined when there is nothing. Never rejects. */
  drained(): Promise<void> | undefined
  /** Gives the terminal back and stops the program until the user goes on with it; `onBlank` is called then. */
  suspend(): void
  /** Gives the terminal back as it was, at once. May be called again, and does nothing then. */
  close(): void
}

/** What a terminal tells the program that has it. */
export interface TerminalEvents {
  /** Keys as the terminal sends them: characters and escape sequences. */
  onInput(text: string): void
  /** Nothing that was written can be relied on any more: the size has changed, or the program was stopped meanwhile. */
  onBlank(): void
  /** Its window was closed, or its connection. */
  onGone(): void
}
