/** What an error was about, for machines: plain values only. */
export type ErrorContext = Readonly<Record<string, unknown>>

const BRAND = Symbol.for('wattzup.error')

/** Base of all errors that are shown to the user as one line; anything else that is thrown is a defect of ours. */
export class WattzupError extends Error {
  readonly [BRAND] = true
  readonly context: ErrorContext
  /** Exit status of a run that this error ends. */
  readonly exitCode: number = 1

  constructor(message: string, context: ErrorContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.context = context
  }
}

/** The command line asks for something that makes no sense. */
export class UsageError extends WattzupError {
  override readonly exitCode = 2
}

/** A struct definition is broken. */
export class StructError extends WattzupError {}

/** Bytes could not be had or delivered: a missing file, a lost connection, a full disk. */
export class TransportError extends WattzupError {}

/** Nothing answered before the deadline. */
export class TimeoutError extends WattzupError {
  override readonly exitCode = 3
}

/** A frame that does not hold together: checksum, length, order. Reported and counted, not thrown across a pipeline. */
export class FrameError extends WattzupError {}

/** A payload does not fit its definition, or values do not fit the wire. */
export class DecodeError extends WattzupError {}

/** Whether `error` is one of ours, also when it comes from another bundle. */
export function isWattzupError(error: unknown): error is WattzupError {
  return typeof error === 'object' && error !== null && BRAND in error
}

/** Thrown by an output whose reader has gone: the program ends at once and says nothing. */
export class ClosedPipe extends Error {}
