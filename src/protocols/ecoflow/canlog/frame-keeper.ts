import type { CanFrame } from '../../../core/can.ts'
import type { ByteWriter } from '../../../core/writer.ts'
import { CHANNEL } from '../arbitration.ts'
import type { GroupRecorder } from './frame-groups.ts'
import type { LogTime } from './log-time.ts'
import type { CanlogOptions } from './options.ts'
import type { CanlogPorts } from './ports.ts'
import { RegenFiles } from './regen-files.ts'
import type { Sampler } from './sampler.ts'
import type { View } from './view.ts'

/** Gives back the frames of messages that passed: to files (`--regen`), or to standard output (`--pick`). */
export class FrameKeeper {
  readonly #groups: GroupRecorder
  readonly #time: LogTime
  readonly #out: ByteWriter
  readonly #files: RegenFiles | undefined
  /** The printed time of the messages to pick, empty for all. */
  readonly #pick: string
  readonly #compat: boolean

  constructor(options: CanlogOptions, ports: CanlogPorts, groups: GroupRecorder, time: LogTime, sampler: Sampler) {
    const { regen, pick, compat } = options
    this.#groups = groups
    this.#time = time
    this.#out = ports.out
    this.#pick = pick ?? ''
    this.#compat = compat
    this.#files = pick === undefined && regen !== undefined ? new RegenFiles(regen, compat, ports, sampler) : undefined
  }

  /** Takes a message that passed every filter. */
  keep(view: View): void {
    const { message, frame } = view
    const group = this.#groups.of(message)
    if (group === undefined) return
    if (this.#files === undefined) {
      const picked = this.#pick === '' || this.#pick === this.#time.string(frame)
      if (message.channel === CHANNEL.B && picked) group.write(this.#out)
    } else if (!this.#compat || message.channel !== CHANNEL.A) {
      this.#files.add(group)
    }
  }

  /** Takes a frame that is a message by itself; these go to files only. */
  keepSingle(frame: CanFrame): void {
    this.#files?.add(this.#groups.single(frame))
  }

  close(): void {
    this.#files?.close()
  }
}
