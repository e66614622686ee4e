import { isWattzupError } from '../../core/errors.ts'
import type { Value } from '../../core/values.ts'
import { jsonText } from '../ndjson.ts'
import type { Devices } from './devices.ts'
import { type MqttMessage, PASSING, type ReceivedMessage } from './message.ts'
import { parseCommand, type Settable } from './settable.ts'
import { resultTopic, topicSafe } from './topics.ts'

/** Something is to be set. */
export interface SetCommand {
  readonly family: string
  readonly device: string
  /** Name of the field. */
  readonly field: string
  readonly value: Value
}

/** What may be set, and who does it. */
export interface Commands {
  /** Settings that may be changed, by the name of their field, which is of category `config`. */
  readonly settable: ReadonlyMap<string, Settable>
  /** Carries a command out; gives the value that was read back, or rejects with a `WattzupError`. */
  readonly execute: (command: SetCommand) => Promise<Value>
}

/** Commands that may wait for the one before; nobody turns so many knobs. */
const MAX_WAITING = 32
const MAX_PAYLOAD = 1000

/** Takes commands to `<root>/<device_id>/cmd/<name>/set`, has them carried out one by one, and publishes results. */
export class CommandDesk {
  /** Commands that were retained: they would be carried out again with every connection. */
  retained = 0
  /** What a command threw that is no `WattzupError`. */
  defect: unknown
  readonly #root: string
  readonly #commands: Commands
  readonly #devices: Devices
  readonly #publish: (message: MqttMessage) => void
  readonly #names: ReadonlyMap<string, string>
  #waiting = 0
  #last: Promise<void> = Promise.resolve()

  constructor(root: string, commands: Commands, devices: Devices, publish: (message: MqttMessage) => void) {
    this.#root = root
    this.#commands = commands
    this.#devices = devices
    this.#publish = publish
    this.#names = new Map([...commands.settable.keys()].map(name => [topicSafe(name), name]))
  }

  receive({ topic, payload, retained }: ReceivedMessage): void {
    const [id, , name] = topic.slice(this.#root.length + 1).split('/')
    if (id === undefined || name === undefined) return
    if (retained) {
      this.retained++
      return
    }
    const command = this.#commandOf(id, name, payload)
    if ('error' in command) this.#answer(id, name, { ok: false, error: command.error })
    else this.#enqueue(() => this.#execute(id, name, command))
  }

  #commandOf(id: string, name: string, payload: string): SetCommand | { readonly error: string } {
    const device = this.#devices.withId(id)
    const field = this.#names.get(name)
    if (device === undefined) return { error: 'no such device has been heard' }
    if (field === undefined) return { error: 'it cannot be set' }
    if (payload.length > MAX_PAYLOAD) return { error: 'the command is too long' }
    if (this.#waiting >= MAX_WAITING) return { error: 'too many commands wait already' }
    const parsed = parseCommand(this.#commands.settable.get(field)!, payload)
    return 'error' in parsed ? parsed : { family: device.family, device: device.name, field, value: parsed.value }
  }

  #enqueue(work: () => Promise<void>): void {
    this.#waiting++
    this.#last = this.#last.then(work).finally(() => {
      this.#waiting--
    })
  }

  async #execute(id: string, name: string, command: SetCommand): Promise<void> {
    try {
      this.#answer(id, name, { ok: true, value: await this.#commands.execute(command) })
    } catch (error) {
      if (!isWattzupError(error)) this.defect = error
      this.#answer(id, name, { ok: false, error: error instanceof Error ? error.message : String(error) })
    }
  }

  #answer(id: string, name: string, result: object): void {
    this.#publish({ topic: resultTopic(this.#root, id, name), payload: jsonText(result), ...PASSING })
  }
}
