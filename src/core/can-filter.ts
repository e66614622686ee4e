import { CAN, type CanFrame } from './can.ts'
import { UsageError } from './errors.ts'

/** Bits of the word that filters look at, beside the arbitration ID, as in linux/can.h. */
const EXTENDED = 0x80000000
const REMOTE = 0x40000000
const ERROR = 0x20000000

/** One condition: the bits of `mask` are those of `id`, or with `isInverted` they are not. */
export interface CanFilter {
  /** Arbitration ID with the bits for extended and remote frames. */
  readonly id: number
  readonly mask: number
  readonly isInverted: boolean
}

/** Which frames are wanted. */
export interface CanFilters {
  /** Data and remote frames: one of these holds, all of them with `isJoined`; none are no condition. */
  readonly conditions: readonly CanFilter[]
  readonly isJoined: boolean
  /** Error frames of these classes. */
  readonly errors: number
}

/** Classes of errors, linux/can/error.h: all of them. */
export const ALL_ERRORS = 0x1fffffff

/** Everything is wanted. */
export const NO_FILTERS: CanFilters = { conditions: [], isJoined: false, errors: ALL_ERRORS }

const CONDITION = /^([\da-f]{1,8})([:~])([\da-f]{1,8})$/i
const ERROR_CLASSES = /^#([\da-f]{1,8})$/i

/** Whether a text has the form of one filter, as candump takes them. */
export function isFilter(text: string): boolean {
  return CONDITION.test(text) || ERROR_CLASSES.test(text) || text.toLowerCase() === 'j'
}

/**
 * Reads filters as candump takes them: `123:7FF`, `123~7FF` for all others, `#FF` for error frames, `j` to have all
 * conditions hold. An ID of 8 digits is extended; it is the mask that says whether that counts. Throws `UsageError`.
 */
export function parseFilters(texts: readonly string[]): CanFilters {
  const conditions: CanFilter[] = []
  let isJoined = false
  let errors = 0
  for (const text of texts) {
    const [, id = '', sign, mask = ''] = CONDITION.exec(text) ?? []
    const classes = ERROR_CLASSES.exec(text)?.[1]
    if (sign !== undefined) conditions.push(condition(id, Number.parseInt(mask, 16), sign === '~'))
    else if (classes !== undefined) errors |= Number.parseInt(classes, 16) & ALL_ERRORS
    else if (text.toLowerCase() === 'j') isJoined = true
    else throw new UsageError(`${text} is no filter; write ID:MASK, ID~MASK, #ERRORMASK or j, in hex`, { text })
  }
  return { conditions, isJoined, errors }
}

/** Whether a frame is wanted. */
export function passes({ conditions, isJoined, errors }: CanFilters, frame: CanFrame): boolean {
  const { id, flags } = frame
  if ((flags & CAN.error) !== 0) return (id & errors) !== 0
  if (conditions.length === 0) return true
  const word = id | ((flags & CAN.extended) !== 0 ? EXTENDED : 0) | ((flags & CAN.remote) !== 0 ? REMOTE : 0)
  for (const condition of conditions) {
    const holds = ((word ^ condition.id) & condition.mask) === 0
    if ((holds !== condition.isInverted) !== isJoined) return !isJoined
  }
  return isJoined
}

function condition(digits: string, mask: number, isInverted: boolean): CanFilter {
  const id = Number.parseInt(digits, 16)
  const word = digits.length === 8 ? id | EXTENDED : id
  return { id: word >>> 0, mask: (mask & ~ERROR) >>> 0, isInverted }
}
