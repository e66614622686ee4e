/** The side files that reports read and write. Paths are relative to the working directory. All throw `TransportError`. */
export interface Files {
  exists(path: string): boolean
  readText(path: string): string
  /** Replaces a file at once: its readers see the old text or the new one, never a part. */
  writeText(path: string, text: string): void
  /** Opens a file to add to; folders that are missing are made. */
  append(path: string): OpenFile
  /** Begins a new file; one that exists is an error unless `overwrite`. */
  create(path: string, overwrite: boolean): OpenFile
}

export interface OpenFile {
  /** `bytes` may be reused after the call. */
  write(bytes: Uint8Array): void
  close(): void
}
