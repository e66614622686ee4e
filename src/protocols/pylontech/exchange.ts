import { FrameError } from '../../core/errors.ts'
import type { Values } from '../../core/values.ts'
import type { Emit, Reject } from '../protocol.ts'
import { ALL_MODULES, hex2, READ_COMMANDS, RTN_TEXTS } from './commands.ts'
import { BATTERY, type Frame } from './frame.ts'
import { layoutKey, moduleOf, possibleKeys } from './layout.ts'

export interface ExchangeOptions {
  /** CID2 that a reply answers whose request was not seen. */
  readonly command?: number
  /** Told which CID2 was assumed for a reply that fits no other. */
  readonly onAssumed?: (cid2: number) => void
}

/** What was asked last and has not been answered. */
interface Request {
  readonly cid2: number
  readonly adr: number
  /** The module of INFO, FF for all; undefined where the request names none. */
  readonly asked: number | undefined
  readonly text: string
}

/** Smallest CID2 of any command; what is below is a return code. */
const FIRST_COMMAND = 0x42
const ADR_ERROR = 0x90
const COMMUNICATION_ERROR = 0x91

/** Requests and replies of one line, in order: a reply gets its meaning from the request before it. */
export class Exchange {
  readonly #options: ExchangeOptions
  #request: Request | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /** A frame was lost: it may have been the request to the next reply. */
  damaged(): void {
    this.#request = undefined
  }

  /**
   * Whether a frame asks. 90 and 91 are commands and return codes: without a request before it, or as a copy of that,
   * such a frame is a request. Some emulators repeat the command in the place of RTN; a system request never has INFO.
   */
  isRequest({ code, info }: Frame, text: Uint8Array): boolean {
    if (code < FIRST_COMMAND) return false
    if (code === ADR_ERROR || code === COMMUNICATION_ERROR) {
      return this.#request === undefined || this.#request.text === latin1(text)
    }
    return !(isSystem(code) && info.length > 0 && layoutKey(code, info, 0, undefined) !== undefined)
  }

  /** Takes a sound frame; `text` is what it looked like. */
  frame(frame: Frame, text: Uint8Array, at: number, emit: Emit, reject: Reject): void {
    if (frame.cid1 !== BATTERY) {
      reject(refusal('cid1', `CID1 is ${hex2(frame.cid1)}, not 46`, frame))
      return
    }
    if (this.isRequest(frame, text)) this.#request = requestOf(frame, latin1(text))
    else if (frame.code === 0 || isSystem(frame.code)) this.#reply(frame, at, emit, reject)
    else this.#refused(frame, at, emit, reject)
  }

  #refused(frame: Frame, at: number, emit: Emit, reject: Reject): void {
    if (this.#isMisaddressed(frame, reject)) return
    this.#request = undefined
    emit({ keys: ['RTN'], payload: frame.info, device: deviceOf(frame.adr), at, header: headerOf(frame) })
  }

  #reply(frame: Frame, at: number, emit: Emit, reject: Reject): void {
    if (this.#isMisaddressed(frame, reject)) return
    const key = this.#keyOf(frame, reject)
    if (key === undefined) return
    this.#request = undefined
    emit({ keys: [key], payload: frame.info, device: deviceOf(frame.adr), at, header: headerOf(frame) })
  }

  #isMisaddressed(frame: Frame, reject: Reject): boolean {
    const asked = this.#request?.adr ?? frame.adr
    if (asked === frame.adr) return false
    reject(refusal('address', `address ${frame.adr} answers for ${asked}`, frame))
    return true
  }

  #keyOf(frame: Frame, reject: Reject): string | undefined {
    const cid2 = this.#request?.cid2 ?? this.#options.command ?? (frame.code === 0 ? undefined : frame.code)
    if (cid2 === undefined) return this.#assumed(frame, reject)
    if (!READ_COMMANDS.has(cid2)) {
      this.#request = undefined
      reject(refusal('unknown command', `answers command ${hex2(cid2)}, which nothing is known of`, frame))
      return undefined
    }
    const asked = this.#request?.asked
    const module = moduleOf(cid2, frame.info)
    const key = layoutKey(cid2, frame.info, frame.adr, asked)
    if (key === undefined) reject(refusal('layout', `INFO is no answer to ${hex2(cid2)}`, frame))
    else if (asked === undefined || asked === ALL_MODULES || module === undefined || module === asked) return key
    else reject(refusal('module', `module ${module} answers for ${asked}`, frame))
    return undefined
  }

  /** The layout of a reply whose request nobody saw, if there is but one that fits. */
  #assumed(frame: Frame, reject: Reject): string | undefined {
    const [first, ...others] = possibleKeys(frame.info, frame.adr)
    if (first !== undefined && others.length === 0) {
      this.#options.onAssumed?.(first.cid2)
      return first.key
    }
    const fitting = [first, ...others].map(fit => (fit === undefined ? '' : hex2(fit.cid2))).join(', ')
    if (first === undefined) reject(refusal('layout', 'INFO is no answer to any known command', frame))
    else reject(refusal('ambiguous', `no request before it, and INFO fits ${fitting}`, frame))
    return undefined
  }
}

/** The system commands of protocol V3.5. */
function isSystem(code: number): boolean {
  return code >= 0x61 && code <= 0x63
}

function requestOf({ code, adr, info }: Frame, text: string): Request {
  const asked = READ_COMMANDS.get(code)?.info === 'module' ? info[0] : undefined
  return { cid2: code, adr, asked, text }
}

function latin1(text: Uint8Array): string {
  return Buffer.from(text).toString('latin1')
}

/** `group/n`, as the address is made of. */
export function deviceOf(adr: number): string {
  return `${adr >> 4}/${adr & 15}`
}

function headerOf({ ver, adr, code }: Frame): Values {
  return { ver: `${ver >> 4}.${ver & 15}`, adr, rtn: code, rtn_text: RTN_TEXTS.get(code) ?? 'unknown' }
}

function refusal(reason: string, text: string, { adr, code, info }: Frame): FrameError {
  return new FrameError(`pylontech: ${text}`, { reason, adr, code, info: Buffer.from(info).toString('hex') })
}
