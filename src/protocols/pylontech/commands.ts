import { BATTERY, frameBytes, VERSION } from './frame.ts'

/** A command that reads. Nothing here changes anything in a battery, and no request can be made of what is not here. */
export interface ReadCommand {
  readonly name: string
  /** INFO of the request: the module that is asked, or nothing. */
  readonly info: 'module' | 'none'
  /** Knows module FF, "all of them". */
  readonly all: boolean
  /** Length of a reply of one module, the longest known, in bytes from SOI to EOI. */
  readonly replyBytes: number
}

/**
 * The allow-list, by CID2. The write commands of the protocol (baud rate, limits, module off, buzzer) are left out on
 * purpose: unknown commands have sent a stack into protection.
 */
export const READ_COMMANDS: ReadonlyMap<number, ReadCommand> = new Map<number, ReadCommand>([
  [0x42, { name: 'analog', info: 'module', all: true, replyBytes: 156 }],
  [0x44, { name: 'alarm', info: 'module', all: true, replyBytes: 92 }],
  [0x47, { name: 'system_parameters', info: 'none', all: false, replyBytes: 68 }],
  [0x4f, { name: 'protocol_version', info: 'none', all: false, replyBytes: 18 }],
  [0x51, { name: 'manufacturer', info: 'none', all: false, replyBytes: 82 }],
  [0x60, { name: 'system_info', info: 'none', all: false, replyBytes: 400 }],
  [0x61, { name: 'system_analog', info: 'none', all: false, replyBytes: 116 }],
  [0x62, { name: 'system_alarm', info: 'none', all: false, replyBytes: 26 }],
  [0x63, { name: 'system_management', info: 'none', all: false, replyBytes: 36 }],
  [0x90, { name: 'pack_count', info: 'none', all: false, replyBytes: 20 }],
  [0x92, { name: 'management', info: 'module', all: true, replyBytes: 38 }],
  [0x93, { name: 'serial', info: 'module', all: false, replyBytes: 52 }],
  [0x96, { name: 'firmware', info: 'module', all: false, replyBytes: 30 }],
])

/** The module of a request to all of them. */
export const ALL_MODULES = 0xff

/**
 * The frame that asks the module at `adr` (16 x group + n). With `all` the module, the first of its stack, answers for
 * every one. Throws `RangeError` for a command that is not on the allow-list or cannot be asked so.
 */
export function requestFrame(cid2: number, adr: number, all = false): Uint8Array {
  const command = READ_COMMANDS.get(cid2)
  if (command === undefined) throw new RangeError(`${hex2(cid2)} is not a command that reads`)
  if (all && !command.all) throw new RangeError(`${hex2(cid2)} cannot ask all modules`)
  if (!(adr > 0 && adr < 0xff)) throw new RangeError(`${adr} is not an address; 1 to 254 are`)
  const info = command.info === 'none' ? [] : [all ? ALL_MODULES : adr]
  return frameBytes({ ver: VERSION, adr, cid1: BATTERY, code: cid2, info: Uint8Array.from(info) })
}

/** What RTN says, by number; anything else is `unknown`. */
export const RTN_TEXTS: ReadonlyMap<number, string> = new Map([
  [0x00, 'normal'],
  [0x01, 'ver_error'],
  [0x02, 'chksum_error'],
  [0x03, 'lchksum_error'],
  [0x04, 'cid2_invalid'],
  [0x05, 'command_format_error'],
  [0x06, 'invalid_data'],
  [0x90, 'adr_error'],
  [0x91, 'communication_error'],
])

/** Two upper-case hex digits. */
export function hex2(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0')
}
