import { COMMAND } from './frames.ts'
import { type Definitions, encodeAs, handWritten, type Payload, type Report, report } from './messages.ts'
import { packPayloads } from './messages-pack.ts'
import { streamPayloads } from './messages-powerstream.ts'
import { ADDRESS, POWERSTREAM, POWERSTREAM_RADIO, streamPack } from './modules.ts'
import { FLAGS } from './packet.ts'
import type { Home, PowerStream } from './physics.ts'
import type { Timetable } from './timetable.ts'
import { announceOn } from './timetable-powerkit.ts'

/**
 * Fills the timetable of a PowerStream with a battery at its port; `place` is the battery's among those on the bus.
 * All kinds of messages and about their rates are those of captures of a PowerStream with a battery.
 */
export function scheduleStream(
  timetable: Timetable,
  definitions: Definitions,
  home: Home,
  stream: PowerStream,
  place: number,
): void {
  scheduleInverter(timetable, definitions, home, stream, place)
  scheduleBattery(timetable, definitions, home, stream, place)
}

function scheduleInverter(
  timetable: Timetable,
  definitions: Definitions,
  home: Home,
  stream: PowerStream,
  place: number,
): void {
  const { base, live, heartbeat, secondHeartbeat } = streamPayloads(definitions, home, stream)
  const battery = streamPack(place)
  const { pack, neighbours, host } = ADDRESS
  const request = { flags: FLAGS.request }
  const relay = { relay: battery }
  const say = (channel: 'A' | 'B', to: number, command: number, payload: Payload, how: object = {}): Report =>
    report(channel, POWERSTREAM, to, command, payload, { toDynamic: 0x01, ...how })
  const empty = handWritten(0)
  const ping = () => encodeAs(definitions.messages, 'ping', { value: 0 })
  announceOn(timetable, definitions, POWERSTREAM, 15_000)
  timetable.tail(100, COMMAND.D, POWERSTREAM.node, POWERSTREAM)
  timetable.every(400, say('A', pack, 0x0330, live), say('A', neighbours, 0x0330, live, relay))
  timetable.every(400, say('B', neighbours, 0x0330, live))
  timetable.every(
    500,
    say('A', pack, 0x032f, base, request),
    say('A', neighbours, 0x032f, base, { ...request, ...relay }),
  )
  timetable.every(500, say('B', pack, 0x032f, base, request))
  timetable.every(500, say('A', pack, 0x0150, ping), say('A', neighbours, 0x0150, ping, relay))
  timetable.every(500, say('A', neighbours, 0x0327, handWritten(1), relay))
  timetable.every(1000, say('A', neighbours, 0x0313, handWritten(5)), say('A', neighbours, 0x0310, handWritten(2)))
  timetable.every(
    2000,
    say('A', pack, 0x0105, empty, request),
    say('B', pack, 0x0105, empty, { ...request, toDynamic: 0 }),
  )
  timetable.every(
    2000,
    say('A', pack, 0x2002, empty, request),
    say('B', pack, 0x2002, empty, { ...request, toDynamic: 0 }),
  )
  const cloud = { version: 0x13, flags: FLAGS.request, toDynamic: 0x01 } as const
  timetable.every(4000, report('B', POWERSTREAM_RADIO, host, 0x1401, heartbeat, cloud))
  timetable.every(4000, report('B', POWERSTREAM_RADIO, host, 0x1404, secondHeartbeat, cloud))
}

function scheduleBattery(
  timetable: Timetable,
  definitions: Definitions,
  home: Home,
  stream: PowerStream,
  place: number,
): void {
  const battery = streamPack(place)
  const payloads = packPayloads(definitions, home, stream.bank.packs[0]!, battery)
  const to = POWERSTREAM.address
  const answer = { flags: FLAGS.answer }
  const asked = { flags: FLAGS.requestedAnswer }
  const say = (to: number, command: number, payload: Payload, how: object = {}): Report =>
    report('A', battery, to, command, payload, how)
  announceOn(timetable, definitions, battery, 4000)
  timetable.tail(100, COMMAND.D, battery.node, battery)
  timetable.every(400, say(to, 0x0330, payloads.live, answer))
  timetable.every(500, say(to, 0x032f, payloads.base, answer))
  timetable.every(1000, report('B', battery, to, 0x032f, payloads.base, { ...answer, toDynamic: 0x01 }))
  timetable.every(
    1000,
    say(to, 0x0150, () => encodeAs(definitions.messages, 'ping', { value: 1 }), answer),
  )
  timetable.every(2000, say(to, 0x2002, payloads.energyManagement, asked), say(to, 0x2032, payloads.management, asked))
  const { neighbours } = ADDRESS
  timetable.every(500, say(neighbours, 0x0323, handWritten(12)), say(neighbours, 0x0313, handWritten(5)))
  timetable.every(2000, report('B', battery, ADDRESS.collector, 0x031a, payloads.status))
  timetable.every(2000, report('B', battery, ADDRESS.pack, 0x0301, payloads.cells))
}
