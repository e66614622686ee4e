import { TransportError } from '../core/errors.ts'
import type { Packet } from '../core/packet.ts'
import { ETHERNET, isEthernetLike } from '../protocols/myenergi/ethernet.ts'
import { HELD_BACK, type HeldBack } from '../protocols/myenergi/filters.ts'
import { REJECTS } from '../protocols/myenergi/framer.ts'
import type { StreamTally } from '../reading-stream.ts'
import { counted } from '../sinks/counted.ts'

/** What is wrong with a capture as a file, as the summary calls it. */
const CAPTURE_REJECTS: Readonly<Record<string, string>> = {
  cut_tail: 'last packet cut off',
  unknown_interface: 'unknown interface',
  lying_length: 'longer than its block',
}

/** What is not of this family, and so not wrong. */
const FOREIGN: readonly string[] = ['ethertype', 'link_type']

/** Counts the packets of a capture, and what is wrong with it. */
export class CaptureTally {
  #packets = 0
  readonly #rejects: Record<string, number> = {}
  readonly #linkTypes = new Set<number>()

  add({ linkType = ETHERNET }: Packet): void {
    this.#packets++
    this.#linkTypes.add(linkType)
  }

  /** Counts what is wrong, by the reason in the error's context. */
  reject(reason: string): void {
    this.#rejects[reason] = (this.#rejects[reason] ?? 0) + 1
  }

  /** Whether something was broken: packets that belong to others are not, nor are records that nobody knows. */
  isBad({ rejects }: StreamTally): boolean {
    return [...Object.keys(rejects), ...Object.keys(this.#rejects)].some(reason => !FOREIGN.includes(reason))
  }

  /** Throws where no packet can have been of use. `name` is that of the capture. */
  checkLinkTypes(name: string): void {
    const types = [...this.#linkTypes]
    if (types.length === 0 || types.some(isEthernetLike)) return
    const advice = 'capture with: tcpdump -i eth0 -w FILE ether proto 0x88b5'
    throw new TransportError(`cannot use ${name}: link type ${types.join(', ')} is no Ethernet; ${advice}`, { types })
  }

  /** What became of the packets, in lines for the end of a run. */
  summary({ rejects, unknown }: StreamTally, held: Readonly<Record<HeldBack, number>>): string[] {
    const skipped = [
      ...counts(this.#rejects, CAPTURE_REJECTS),
      ...counts(rejects, REJECTS),
      ...counts({ unknown }, { unknown: 'unknown length' }),
    ]
    const heldBack = counts(held, HELD_BACK)
    return [
      `${counted(this.#packets, 'packet')}${skipped.length > 0 ? `, not decoded: ${skipped.join(', ')}` : ''}`,
      ...(heldBack.length > 0 ? [`held back as implausible: ${heldBack.join(', ')}; --no-filter shows them`] : []),
    ]
  }
}

function counts(numbers: Readonly<Record<string, number>>, names: Readonly<Record<string, string>>): string[] {
  return Object.entries(numbers).flatMap(([reason, count]) =>
    count === 0 ? [] : [`${count} ${names[reason] ?? reason}`],
  )
}
