import type { Clock } from '../../../core/clock.ts'
import { requestFrame } from '../commands.ts'
import { frameLine } from '../frame-log.ts'
import type { SimulatedStack } from './stack.ts'

/** What a poller asks each module once, and then again and again. */
const ONCE = [0x4f, 0x47, 0x51]
const ONCE_EACH = [0x93, 0x96]
const CYCLE = [0x42, 0x44, 0x92]

/** From one request to the next, ms. */
const GAP_MS = 250

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
    yield frameLine(clock.now(), request, '>')
    const reply = stack.answer(request)
    const latencyMs = stack.latencyMs()
    clock.wait(latencyMs)
    if (reply !== undefined) yield frameLine(clock.now(), reply, '<')
    clock.wait(Math.max(0, GAP_MS - latencyMs))
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
