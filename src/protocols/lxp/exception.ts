import { WattzupError } from '../../core/errors.ts'
import { errorName, type LxpFrame } from './frame.ts'

/** Error codes of exceptions. */
export const ILLEGAL_FUNCTION = 1
export const ILLEGAL_ADDRESS = 2
export const ILLEGAL_VALUE = 3
export const FAILURE = 4
export const BUSY = 6

/** The inverter refused a request. */
export class LxpException extends WattzupError {
  readonly code: number
  readonly codeName: string
  /** The answer, all of it. */
  readonly frame: LxpFrame

  /** `what` was refused: `hold 21`. */
  constructor(what: string, frame: LxpFrame) {
    const code = frame.errorCode ?? 0
    const codeName = errorName(code)
    super(`${frame.inverter ?? ''} refuses ${what}: ${codeName} (${code})`, { request: what, code, codeName })
    this.code = code
    this.codeName = codeName
    this.frame = frame
  }
}
