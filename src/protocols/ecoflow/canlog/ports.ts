import type { Files } from '../../../core/files.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import type { StructSet } from '../../../decode/struct-set.ts'
import type { Palette } from './paint.ts'
import type { Complain } from './problems.ts'

/** The ways of showing what was found. */
export type Format = 'text' | 'ndjson' | 'json'

/** What a run works with: where lines go, where remarks go, and the files of reports. */
export interface CanlogPorts {
  readonly out: ByteWriter
  /** Prints a remark for people. */
  readonly note: (text: string) => void
  /** Prints a problem with `--err`, or a frame with `--debug`. */
  readonly complain: Complain
  readonly files: Files
  readonly palette: Palette
  readonly format: Format
  /** NDJSON: the payload in hex too. */
  readonly raw: boolean
  /** NDJSON: fields that are guesses too. */
  readonly guesses: boolean
  /** Columns of the terminal; undefined where there is none to fit. */
  readonly width: number | undefined
}

/** The definitions in use, by true identity and by the original's record keys; read when they are first asked for. */
export interface CanlogStructs {
  readonly identities: StructSet
  readonly records: StructSet
}
