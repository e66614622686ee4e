import { type Endpoint, endpointText, parseEndpoint } from '../core/endpoint.ts'
import { BroadcastKeys } from '../protocols/lxp/broadcast-keys.ts'
import { type LxpOptions, lxpBroadcast } from '../protocols/lxp/lxp.ts'
import type { Message } from '../protocols/protocol.ts'
import { readLink } from '../read-link.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { liveRun } from './live-run.ts'
import { LXP_TRAITS, PUSH_MS } from './lxp-traits.ts'
import { openStructs } from './open-structs.ts'

export interface ListenOptions extends LiveFlags, LxpOptions {
  readonly at: Endpoint
  /** The lines and keys of the older monitor. */
  readonly compat?: true
}

/** Runs `lxp listen`: takes datagrams until the run ends; what is wrong with them is counted. */
export async function runListen(io: Io, options: ListenOptions): Promise<void> {
  const structs = (await openStructs(io, options.structs)).load('lxp')
  const keys = new BroadcastKeys()
  let first: string | undefined
  const traits = {
    ...LXP_TRAITS,
    protocol: lxpBroadcast(structs, options),
    intervalMs: PUSH_MS,
    ...(options.compat === true ? { document: () => (first === undefined ? undefined : keys.of(first)) } : {}),
  }
  await liveRun(io, options, traits, async run => {
    await using link = await io.network.datagrams({ at: options.at })
    run.note(`listening on UDP ${endpointText(options.at)}`)
    await readLink(link, run.stream(options.compat === true ? keep : undefined), io.clock, run.signal, packet =>
      // a dongle sends from any port of its own
      run.received({ ...packet, origin: parseEndpoint(packet.origin, options.at.port).host }),
    )
    if ((link.dropped ?? 0) > 0) run.note(`${link.dropped} datagrams dropped: they came too fast`)
  })

  function keep(message: Message): void {
    if (!keys.add(message)) return
    first ??= message.device
    const { soc, v_bat: volts } = keys.of(message.device)!
    if (options.format === undefined) io.out.write(`${zonedTime(message.at)} ${soc}% ${volts}V\n`)
  }
}

/** `2026-11-20 09:08:01 +0000`, in the local zone. */
function zonedTime(ms: number): string {
  const east = -new Date(ms).getTimezoneOffset()
  const text = new Date(ms + east * 60_000).toISOString()
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
  return `${text.slice(0, 10)} ${text.slice(11, 19)} ${east < 0 ? '-' : '+'}${two(east / 60)}${two(east % 60)}`
}
