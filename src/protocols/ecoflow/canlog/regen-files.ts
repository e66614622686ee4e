import type { OpenFile } from '../../../core/files.ts'
import { ByteWriter } from '../../../core/writer.ts'
import type { FrameGroup } from './frame-groups.ts'
import type { CanlogPorts } from './ports.ts'
import { regenPath } from './regen-path.ts'
import type { Sampler } from './sampler.ts'

/** Writes the frames of messages to files named after their time: a log cut up, sorted and thinned. */
export class RegenFiles {
  readonly #pattern: string
  readonly #compat: boolean
  readonly #ports: CanlogPorts
  readonly #sampler: Sampler
  readonly #writer = new ByteWriter(bytes => this.#file?.write(bytes))
  #path: string | undefined
  #file: OpenFile | undefined
  #second = Number.NaN

  constructor(pattern: string, compat: boolean, ports: CanlogPorts, sampler: Sampler) {
    this.#pattern = pattern
    this.#compat = compat
    this.#ports = ports
    this.#sampler = sampler
  }

  /** Adds the frames of one message. */
  add(group: FrameGroup): void {
    this.#choose(group.startMs)
    group.write(this.#writer)
  }

  close(): void {
    this.#writer.flush()
    this.#file?.close()
    this.#file = undefined
  }

  #choose(ms: number): void {
    const second = Math.floor(ms / 1000) // no pattern is finer
    if (second === this.#second) return
    this.#second = second
    const path = regenPath(this.#pattern, ms, this.#compat)
    if (path === this.#path) return
    this.close()
    this.#path = path
    this.#file = this.#ports.files.append(path)
    this.#switchSampling()
  }

  /** Files in the working directory switch the sampling while a long log is cut up. */
  #switchSampling(): void {
    const { files, note } = this.#ports
    if (!this.#sampler.enabled && files.exists('sample.on')) {
      this.#sampler.enabled = true
      note('enabling sampling')
    } else if (this.#sampler.enabled && files.exists('sample.off')) {
      this.#sampler.enabled = false
      note('disabling sampling')
    }
  }
}
