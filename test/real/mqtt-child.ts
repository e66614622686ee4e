/*
 * A program with an MQTT sink, to be killed: `node --import tsx mqtt-child.ts URL`. It publishes one reading and waits;
 * SIGTERM ends it in order.
 */
import { systemClock } from '../../src/core/clock.ts'
import { StateLayout } from '../../src/sinks/mqtt/layout.ts'
import { KEPT } from '../../src/sinks/mqtt/message.ts'
import { MqttSink } from '../../src/sinks/mqtt/sink.ts'
import { brokerAt, reading } from '../sinks/mqtt/setup.ts'

const sink = new MqttSink(
  {
    broker: brokerAt(process.argv[2]!),
    root: 'wattzup',
    intervalMs: 60_000,
    queueLimit: 100,
    layouts: [new StateLayout('wattzup', KEPT)],
    report: line => console.error(line),
  },
  systemClock,
  Math.random,
)
sink.write(reading({ voltage: 53.2 }))
process.once('SIGTERM', () => void sink.close().then(() => process.exit(0)))
setInterval(() => {}, 60_000)
