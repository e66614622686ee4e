import type { CaptureOptions } from '../core/ethernet.ts'

/** A program that writes pcap to its standard output. */
export interface CaptureProgram {
  readonly name: string
  readonly args: (options: CaptureOptions) => readonly string[]
  /** How somebody who is not root may use it, given its path. */
  readonly grant: (path: string) => string
  /** Finds in its last words how many frames the kernel dropped. */
  readonly dropped: RegExp
}

/**
 * Room for frames in the kernel, MiB: some 13 000 of them, so that a program that has to wait for its turn loses none. The
 * usual 2 MiB hold 3000, and far fewer without a snap length, which is what the room is divided by.
 */
const BUFFER_MIB = 8

/** The programs that can capture, the best first. Both leave promiscuous mode as they found it, even when killed. */
export const CAPTURE_PROGRAMS: readonly CaptureProgram[] = [
  {
    name: 'tcpdump',
    // -U and immediate mode: each frame as it comes, and not a second later with others
    args: ({ iface, filter, snapLength }) => [
      ...['-i', iface, '-s', `${snapLength}`, '-B', `${BUFFER_MIB * 1024}`],
      ...['-U', '--immediate-mode', '-w', '-', filter],
    ],
    grant: path => `sudo setcap cap_net_raw+ep ${path}`,
    dropped: /(\d+) packets? dropped by kernel/,
  },
  {
    name: 'dumpcap',
    args: ({ iface, filter, snapLength }) => [
      ...['-i', iface, '-s', `${snapLength}`, '-B', `${BUFFER_MIB}`],
      ...['-q', '-P', '-w', '-', '-f', filter],
    ],
    grant: path => `sudo setcap cap_net_raw,cap_net_admin+ep ${path}`,
    dropped: /received\/dropped on interface .*: \d+\/(\d+)/,
  },
]

/** Why a capture did not begin, or has ended. */
export type CaptureTrouble = 'no_shell' | 'missing' | 'forbidden' | 'no_interface' | 'down' | 'other'

/** What stands for an exit status where there is no shell to give one. */
export const NO_SHELL = -1
/** Exit statuses of shells. */
const NOT_EXECUTABLE = 126
const NOT_FOUND = 127

const TROUBLES: readonly (readonly [CaptureTrouble, RegExp])[] = [
  ['forbidden', /permission|not permitted|CAP_NET_RAW/i],
  ['no_interface', /no such device|no device named|interface disappeared|no longer attached|doesn't exist/i],
  ['down', /is not up|went down|network is down/i],
]

/** What is wrong, by the exit status and the last words of a program. Both speak English when they are told to. */
export function captureTrouble(status: number, said: string): CaptureTrouble {
  if (status === NO_SHELL) return 'no_shell'
  if (status === NOT_FOUND) return 'missing'
  if (status === NOT_EXECUTABLE) return 'forbidden'
  return TROUBLES.find(([, words]) => words.test(said))?.[0] ?? 'other'
}

/** What programs say when all is well. */
const CHATTER = /: listening on |: verbose output |^Capturing on |^File: |packets (captured|received|dropped)|^Packets /

/** The line of a program's last words that says most, without the program's name; empty where there is none. */
export function lastWords(said: string): string {
  const lines = said.split('\n').filter(line => line.trim() !== '' && !CHATTER.test(line))
  const spoken = lines.filter(line => /^(tcpdump|dumpcap): /.test(line))
  return (spoken.at(-1) ?? lines.at(-1) ?? '').replace(/^(tcpdump|dumpcap): |\.?\s*$/g, '')
}
