import type { Clock } from '../../../core/clock.ts'
import { requestFrame } from '../commands.ts'
import type { SimulatedStack } from './stack.ts'

/** What a poller asks each module once, and then again and again. */
const ONCE = [0x4f, 0x47, 0x51]
const ONCE_EACH = [0x93, 0x96]
const CYCLE = [0x42, 0x44, 0x92]

/** Between two requests, and from a request to its reply, in ms. */
const GAP_MS = 250
const LATENCY_MS = 60

/** A clock that only `wait` moves. */
export interface HandClock extends Pick<Clock, 'now'> {
  wait(ms: number): void
}

/** A clock that stands at `at`, Unix ms, until somebody waits. */
export function handClock(at: number): HandClock {
  let now = at
  return {
    now: () => now,
    wait: ms => {
      now += ms
    },
  }
}

/**
 * A log of `requests` requests to a stack and of what came back, a frame a line: time, `>` or `<`, frame. Cycles begin
 * `intervalMs` apart. With `all` the first module answers for every one where it can.
 */
export function* pollLog(
  stack: SimulatedStack,
  clock: HandClock,
  options: { readonly requests: number; readonly intervalMs: number; readonly all: boolean },
): Generator<string> {
  let cycleAt = clock.now()
  let left = options.requests
  for (const { adr, cid2, all, first } of plan(stack, options.all)) {
    if (left-- <= 0) return
    if (first) {
      clock.wait(Math.max(0, cycleAt - clock.now()))
      cycleAt += options.intervalMs
    }
    const request = requestFrame(cid2, adr, all)
    yield line(clock.now(), '>', request)
    const reply = stack.answer(request)
    clock.wait(LATENCY_MS)
    if (reply !== undefined) yield line(clock.now(), '<', reply)
    clock.wait(GAP_MS - LATENCY_MS)
  }
}

interface Step {
  readonly adr: number
  readonly cid2: number
  readonly all: boolean
  /** Begins a cycle. */
  readonly first: boolean
}

function* plan(stack: SimulatedStack, all: boolean): Generator<Step> {
  const addresses = stack.packs.map((_, i) => stack.address(i))
  for (const cid2 of ONCE) yield { adr: addresses[0]!, cid2, all: false, first: false }
  for (const adr of addresses) for (const cid2 of ONCE_EACH) yield { adr, cid2, all: false, first: false }
  for (;;) {
    let first = true
    for (const adr of addresses) {
      for (const cid2 of CYCLE) {
        const together = all && cid2 !== 0x92
        if (together && adr !== addresses[0]) continue
        yield { adr, cid2, all: together, first }
        first = false
      }
    }
  }
}

/** A log line; bytes that do not print are written as `\xNN`, the last CR is left out. */
function line(at: number, direction: '>' | '<', bytes: Uint8Array): string {
  const end = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length
  const text = Array.from(bytes.subarray(0, end), byte =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  return `${new Date(at).toISOString()} ${direction} ${text.join('')}`
}
