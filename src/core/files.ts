/**
 * The side files that reports and sinks read and write. Paths are relative to the working directory. All throw
 * `TransportError`, its context with the system's `code` (`ENOSPC`).
 */
export interface Files {
  exists(path: string): boolean
  /**
   * Whether both paths lead to one file that is there, also by links and other spellings; `-` is standard input. Never
   * throws: what cannot be looked at is not the same.
   */
  isSame(a: string, b: string): boolean
  /** Length in bytes; undefined where there is no such file. */
  size(path: string): number | undefined
  readText(path: string): string
  /** Replaces a file at once: its readers see the old text or the new one, never a part. */
  writeText(path: string, text: string): void
  /** The same without holding up the program while the disk is at work. */
  replaceText(path: string, text: string): Promise<void>
  /** Opens a file to add to; folders that are missing are made. */
  append(path: string): OpenFile
  /** Begins a new file; one that exists is an error unless `overwrite`. */
  create(path: string, overwrite: boolean): OpenFile
  remove(path: string): void
  /** Makes a folder, and those that it is in, unless it exists. */
  makeFolder(path: string): void
  /** Names in a folder, in no order. */
  list(folder: string): readonly string[]
}

export interface OpenFile {
  /** `bytes` may be reused after the call. */
  write(bytes: Uint8Array): void
  /** Cuts the file off after `size` bytes; nothing may be written to it after that. */
  truncate(size: number): void
  close(): void
}
