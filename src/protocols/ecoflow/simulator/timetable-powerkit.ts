import { COMMAND } from './frames.ts'
import { type Definitions, encodeAs, handWritten, type Payload, type Report, report } from './messages.ts'
import { packPayloads } from './messages-pack.ts'
import { announce, type KitPayloads, kitPayloads } from './messages-powerkit.ts'
import { ADDRESS, KIT, kitPack, type Module } from './modules.ts'
import type { Home, PowerKit } from './physics.ts'
import type { Timetable } from './timetable.ts'

/**
 * Fills the timetable of a PowerKit. Rates, addresses and commands of batteries are those of captures; of the other
 * modules only record, destination and node are known, so their command sets are invented.
 */
export function scheduleKit(timetable: Timetable, definitions: Definitions, home: Home, kit: PowerKit): void {
  const payloads = kitPayloads(definitions, home, kit)
  scheduleModules(timetable, definitions, home, kit, payloads)
  schedulePanels(timetable, definitions, kit, payloads)
  scheduleDock(timetable, kit)
  for (const [i, pack] of kit.bank.packs.entries()) {
    const module = kitPack(i)
    const { status, cells } = packPayloads(definitions, home, pack, module)
    announceOn(timetable, definitions, module, 4000)
    timetable.every(1000, report('B', module, ADDRESS.collector, 0x031a, status))
    timetable.every(1000, report('B', module, ADDRESS.pack, 0x0301, cells))
    timetable.every(
      300,
      report(
        'B',
        module,
        ADDRESS.pack,
        0x0302,
        handWritten(11, view => view.setUint8(0, i)),
      ),
    )
    timetable.tail(100, COMMAND.D, module.node, module)
  }
  scheduleMaster(timetable, kitPack(0), kit, payloads.totals)
}

/** Sends the announce of a module to all. */
export function announceOn(timetable: Timetable, definitions: Definitions, module: Module, ms: number): void {
  const bytes = announce(definitions, module)
  const to = module.address === KIT.wireless.address ? ADDRESS.all : KIT.wireless.address
  timetable.announce(
    ms,
    report('B', module, to, 0x3510, () => bytes),
  )
}

/** What the first battery says for all of them. */
function scheduleMaster(timetable: Timetable, master: Module, kit: PowerKit, totals: Payload): void {
  const { node } = master
  const limits = handWritten(26, view => {
    view.setUint32(1, kit.bank.packs.length * 100_000, true)
    view.setUint8(15, kit.bank.packs.length)
    view.setUint8(19, Math.round(kit.bank.soc * 100))
  })
  const byte = (value: number) => handWritten(1, view => view.setUint8(0, value))
  const to = (channel: 'A' | 'B', address: number, command: number, payload: Payload, toDynamic = 0): Report =>
    report(channel, master, address, command, payload, { toDynamic })
  const { inverter, solar, dcIn } = KIT
  timetable.every(250, ...[inverter, solar, dcIn].map(({ address }) => to('B', address, 0x0307, limits)))
  timetable.every(250, to('A', ADDRESS.slaves, 0x0307, limits))
  timetable.every(500, to('A', ADDRESS.slaves, 0x0150, byte(0)), to('B', ADDRESS.slaves, 0x0150, byte(0)))
  timetable.every(1000, to('A', ADDRESS.slaves, 0x0321, byte(1)), to('A', ADDRESS.slaves, 0x0322, handWritten(10)))
  timetable.every(300, to('B', ADDRESS.all, 0x0304, byte(0)))
  const enable = handWritten(5, view => view.setUint8(0, 1))
  timetable.every(500, to('B', ADDRESS.pack, 0x0313, enable, 0x02), to('B', ADDRESS.pack, 0x0313, enable, 0x03))
  timetable.every(500, to('B', ADDRESS.collector, 0x031c, totals))
  timetable.tail(20_000, COMMAND.E, node + 0x12f, master, 10) // 03130, seen in bursts of ten
}

function scheduleModules(
  timetable: Timetable,
  definitions: Definitions,
  home: Home,
  kit: PowerKit,
  payloads: KitPayloads,
): void {
  const { dcLow, inverter, solar, dcIn, dcOut, wireless, touch } = KIT
  for (const module of [dcLow, inverter, solar, KIT.console, wireless, dcIn, dcOut]) {
    announceOn(timetable, definitions, module, 15_000)
  }
  for (const module of [dcLow, KIT.console, wireless]) timetable.tail(1000, COMMAND.D, module.node, module)
  timetable.tail(20_000, COMMAND.E, 0x34f96, KIT.console)
  timetable.every(500, report('B', dcLow, ADDRESS.collector, 0x0201, payloads.dcLow))
  timetable.every(1000, report('B', dcLow, inverter.address, 0x0202, payloads.dcLowShort))
  timetable.every(1000, report('B', dcLow, inverter.address, 0x0203, counting(6)))
  timetable.every(500, report('B', inverter, ADDRESS.collector, 0x0401, payloads.inverter))
  timetable.every(500, report('B', inverter, ADDRESS.collector, 0x0402, payloads.inverterOutput))
  timetable.every(500, report('B', solar, ADDRESS.collector, 0x0501, payloads.solar))
  timetable.every(1000, report('B', solar, dcLow.address, 0x0502, payloads.pv1State))
  timetable.every(1000, report('B', dcIn, solar.address, 0x0502, payloads.pv2State))
  timetable.every(2000, report('B', solar, ADDRESS.pack, 0x0503, switches(120, kit)))
  timetable.every(1000, report('B', dcIn, touch.address, 0x5001, payloads.dcIn))
  timetable.every(1000, report('B', dcIn, dcOut.address, 0x5002, payloads.dcStates))
  timetable.every(1000, report('B', dcOut, ADDRESS.collector, 0x5101, payloads.dcOut))
  timetable.every(500, report('B', touch, ADDRESS.pack, 0x5201, switches(23, kit)))
  timetable.every(2000, report('B', wireless, ADDRESS.pack, 0x3501, switches(219, kit)))
  const clock = (record: string, length: number) => () =>
    encodeAs(definitions.records, record, { time: clockText(home.at) }, length)
  timetable.every(10_000, report('B', wireless, ADDRESS.all, 0x3502, clock('8F', 56)))
  timetable.every(10_000, report('B', wireless, KIT.dock.address, 0x3502, clock('8C:12', 44)))
}

/** Names of the circuits, as people give them in the app. */
const CIRCUITS: readonly string[] = ['Refrigerator', 'Kitchen', 'Living room', 'Office', 'Pump', 'Heat pump']

function schedulePanels(timetable: Timetable, definitions: Definitions, kit: PowerKit, payloads: KitPayloads): void {
  const { acPanel, dcPanel } = KIT
  for (const module of [acPanel, dcPanel]) announceOn(timetable, definitions, module, 15_000)
  timetable.every(1000, report('B', acPanel, ADDRESS.collector, 0x5301, payloads.acPanel))
  timetable.every(1000, report('B', dcPanel, ADDRESS.collector, 0x5401, payloads.dcPanel))
  let circuit = 0
  const name = () => {
    circuit = (circuit + 1) % CIRCUITS.length
    return encodeAs(definitions.records, '4F:20', { value: circuit, channel: CIRCUITS[circuit]! }, 35)
  }
  timetable.every(5000, report('B', acPanel, ADDRESS.app, 0x5302, name))
  const line = () => asciiLine(`ld_sys.c LD_RUNING load ${kit.dcWatts} W relay 3`, 63)
  timetable.every(10_000, report('B', dcPanel, ADDRESS.host, 0x5402, line))
}

/** The Power Dock, the only one on channel C; none of its payloads is known. */
function scheduleDock(timetable: Timetable, kit: PowerKit): void {
  const { dock, wireless } = KIT
  timetable.tail(1000, COMMAND.D, dock.node, dock)
  const percent = () => Math.round(kit.bank.soc * 100)
  const say = (ms: number, length: number, command: number, toDynamic: number) =>
    timetable.every(
      ms,
      report(
        'C',
        dock,
        ADDRESS.collector,
        command,
        handWritten(length, view => view.setUint8(0, percent())),
        { toDynamic },
      ),
    )
  say(500, 12, 0x1201, 0x01)
  say(1000, 35, 0x1202, 0x21)
  say(1000, 8, 0x1203, 0x01)
  say(2000, 5, 0x1204, wireless.address)
  say(5000, 2, 0x1205, 0x01)
}

/** A payload whose second byte counts up. */
function counting(length: number): Payload {
  return handWritten(length, view => view.setUint8(1, view.getUint8(1) + 1))
}

/** A payload that begins with the two PV switches. */
function switches(length: number, kit: PowerKit): Payload {
  return handWritten(length, view => {
    view.setUint8(0, Number(kit.pv[0].on))
    view.setUint8(1, Number(kit.pv[1].on))
  })
}

function clockText(at: number): string {
  return new Date(at / 1000).toISOString().slice(0, 19).replace('T', ' ')
}

function asciiLine(text: string, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i < text.length ? text.charCodeAt(i) : 0))
}
