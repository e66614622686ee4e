import { existsSync, readFileSync } from 'node:fs'

/** Linux has a folder for each interface. */
const INTERFACES = '/sys/class/net'
/** It is there once the kernel has loaded its CAN part. */
const CAN_FOLDER = '/proc/net/can'
/** ARPHRD_CAN of linux/if_arp.h. */
const CAN_TYPE = 280
/** IFF_UP of linux/if.h. */
const UP = 1

const NO_INTERFACE = 'no such interface; see: ip link'
const NO_CAN = "no such interface; the kernel has no CAN loaded: sudo modprobe can_raw, then the adapter's module"

/** What is wrong with an interface, and what to do; undefined where nothing can be seen. */
export function interfaceTrouble(iface: string): string | undefined {
  if (!existsSync(INTERFACES)) return undefined // no Linux, or a container without it: opening will tell
  const type = numberIn(iface, 'type')
  if (type === undefined) return existsSync(CAN_FOLDER) ? NO_INTERFACE : NO_CAN
  if (type !== CAN_TYPE) return 'it is no CAN interface; see: ip link show type can'
  const flags = numberIn(iface, 'flags') ?? UP
  if ((flags & UP) === 0) return `the interface is down; sudo ip link set ${iface} up type can bitrate 500000`
  return undefined
}

/** Why no socket could be had of an interface that seems to be all right. */
export function refusalReason(iface: string): string {
  if (!existsSync(INTERFACES)) return 'SocketCAN is a part of Linux; other systems reach a bus by slcan or socketcand'
  if (!existsSync(CAN_FOLDER)) return 'the kernel has no raw CAN sockets; sudo modprobe can_raw'
  return `the system refuses a CAN socket; a container needs the host's network (--network host) to see ${iface}`
}

function numberIn(iface: string, file: string): number | undefined {
  try {
    return Number(readFileSync(`${INTERFACES}/${iface}/${file}`, 'latin1'))
  } catch {
    return undefined
  }
}
