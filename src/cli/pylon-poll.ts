import { FrameError, isWattzupError } from '../core/errors.ts'
import type { LinkEvent } from '../core/keep-connected.ts'
import { portText } from '../core/serial-address.ts'
import type { StructSet } from '../decode/struct-set.ts'
import { frameLine } from '../protocols/pylontech/frame-log.ts'
import { strangeness } from '../protocols/pylontech/plausible.ts'
import { isSilence } from '../protocols/pylontech/poll/attempt.ts'
import type { Backend } from '../protocols/pylontech/poll/backend.ts'
import { disconnected, type StackHolder } from '../protocols/pylontech/poll/poll-loop.ts'
import { pylontech } from '../protocols/pylontech/pylontech.ts'
import type { Reply } from '../protocols/pylontech/reply.ts'
import type { PackState } from '../protocols/pylontech/stack-state.ts'
import { jsonText } from '../sinks/ndjson.ts'
import type { RawLogFormat } from '../sinks/raw-log/format.ts'
import type { Io } from './io.ts'
import type { LiveFlags } from './live-options.ts'
import { type LiveRun, liveRun } from './live-run.ts'
import { openStructs } from './open-structs.ts'
import { type BackendEvents, openBackend } from './pylon-backend.ts'
import { pollForever, pollOnce, silenceAdvice } from './pylon-connect.ts'
import type { LineOptions } from './pylon-line-options.ts'
import { deviceInfo, forBroker, PollOutput } from './pylon-poll-output.ts'

export interface PollOptions extends LiveFlags, LineOptions {
  readonly strict?: true
  readonly compat?: true
  readonly redact?: true
}

const LOG_FORMAT: RawLogFormat = {
  extension: 'log',
  record: (out, { at, data }) => {
    out.text(frameLine(at, data))
    out.endLine()
  },
}

/** Runs `pylon poll`: asks the stacks of a line until the run ends. */
export async function runPoll(io: Io, options: PollOptions): Promise<void> {
  const structs = (await openStructs(io, options.structs)).load('pylontech')
  const note = (line: string) => io.err.write(`wattzup: ${line}\n`)
  const output = new PollOutput(structs, {
    compat: options.compat === true,
    redact: options.redact === true,
    parts: options.mqtt !== undefined,
    note,
  })
  const traits = {
    protocol: pylontech(structs),
    reasons: {},
    log: LOG_FORMAT,
    intervalMs: options.interval * 1000,
    countsItself: true,
    quiet: options.once === true,
    document: output.document,
    deviceInfo,
    forBroker,
  }
  await liveRun(io, sinkFlags(options), traits, run => new PollRun(io, options, structs, run, output).poll())
}

/** With `--once --json` the document is all that is printed. */
function sinkFlags({ json, format, ...flags }: PollOptions): LiveFlags {
  if (json === true) return flags.once === true ? flags : { ...flags, json }
  return format === undefined ? flags : { ...flags, format }
}

class PollRun {
  readonly #io: Io
  readonly #options: PollOptions
  readonly #run: LiveRun
  readonly #output: PollOutput
  readonly #backend: Backend
  #warned = false
  readonly #advised = new Set<number>()

  constructor(io: Io, options: PollOptions, structs: StructSet, run: LiveRun, output: PollOutput) {
    this.#io = io
    this.#options = options
    this.#run = run
    this.#output = output
    this.#backend = this.#backendOf(structs)
  }

  async poll(): Promise<void> {
    const { signal } = this.#run
    try {
      if (this.#options.once !== true) {
        await pollForever(this.#io, this.#options, this.#backend, event => this.#report(event), signal)
        return
      }
      await pollOnce(this.#io, this.#options, this.#backend, signal)
      this.#conclude()
    } catch (error) {
      const isEnd = signal.aborted && (error === signal.reason || isWattzupError(error))
      if (!isEnd) throw error
    }
  }

  #backendOf(structs: StructSet): Backend {
    const { port, redact } = this.#options
    const events: BackendEvents = {
      onRound: stack => this.#publish(stack),
      onTraffic: packet => this.#run.received(packet),
      onReply: reply => this.#warn(reply),
      onReject: error => this.#run.rejected(shown(error, portText(port), redact === true)),
    }
    return openBackend(this.#options, structs, events, this.#io.clock)
  }

  async #publish({ group, state }: StackHolder): Promise<void> {
    if (state.packs.size === 0) this.#advise(group)
    else if (this.#run.bounds.take()) {
      await this.#output.publish(group, state, this.#io.clock.now(), this.#run.sink)
    }
  }

  #advise(group: number): void {
    if (this.#advised.has(group)) return
    this.#advised.add(group)
    const isOnly = this.#backend.stacks.length === 1
    this.#run.note(isOnly ? silenceAdvice(this.#options) : `group ${group}: no module answers`)
  }

  /** Says what happens to the connection; who reads the documents learns that they are old. */
  #report(event: LinkEvent): void {
    this.#run.linkReporter(portText(this.#options.port))(event)
    if (event.type !== 'lost') return
    for (const stack of this.#backend.stacks) {
      if ([...stack.state.packs.values()].every(({ error }) => error !== null)) continue
      stack.state = disconnected(stack.state)
      void this.#publish(stack)
    }
  }

  /** Modules of another dialect would give values that are believed. */
  #warn({ values }: Reply): void {
    const strange = this.#warned ? undefined : strangeness(values)
    if (strange === undefined) return
    this.#warned = true
    this.#run.note(strange)
  }

  /** After the only round: the document, and the exit status. */
  #conclude(): void {
    const packs = this.#backend.stacks.flatMap(({ state }) => [...state.packs.values()])
    const document = packs.some(isRead) ? this.#output.document() : undefined
    if (document !== undefined && this.#options.json === true) this.#io.out.write(`${jsonText(document)}\n`)
    this.#io.status.code = statusOf(packs, this.#options.strict === true)
  }
}

/** The bytes of this protocol are text, and said so; they may hold a serial number. */
function shown({ message, context }: FrameError, origin: string, redact: boolean): FrameError {
  const bytes = redact ? 'X' : String(context['frame'] ?? context['info'] ?? '')
  return new FrameError(`${message}: ${bytes}`, { reason: context['reason'], origin })
}

function isRead({ updatedAt }: PackState): boolean {
  return updatedAt !== null
}

/** 0 something was read (strict: all of it), 1 nothing was, 3 nothing even answered. */
function statusOf(packs: readonly PackState[], strict: boolean): number {
  if (packs.every(({ updatedAt, error }) => updatedAt === null && isSilence(error ?? 'timeout'))) return 3
  return packs.some(isRead) && !(strict && packs.some(({ error }) => error !== null)) ? 0 : 1
}
