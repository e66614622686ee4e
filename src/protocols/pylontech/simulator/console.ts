import type { Clock } from '../../../core/clock.ts'
import type { Transport } from '../../../core/transport.ts'
import { consoleText } from './console-text.ts'
import type { ServerCounts } from './server.ts'
import type { SimulatedStack } from './stack.ts'

/** A line that is longer is no command. */
const LONGEST = 256
const PROMPT = 'pylon>'
const SUCCESS = 'Command completed successfully'

/**
 * Answers on the text console until the connection ends or `signal` aborts. Throws `TransportError` when it is lost. The
 * bytes come as fast as the connection takes them.
 */
export async function serveConsole(
  stack: SimulatedStack,
  link: Transport,
  counts: ServerCounts,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<void> {
  let rest = ''
  try {
    for await (const { data } of link.packets(signal)) {
      const lines = (rest + Buffer.from(data).toString('latin1').replaceAll('\n', '')).split('\r')
      rest = lines.pop()!.slice(-LONGEST)
      for (const line of lines) await link.send(Buffer.from(answer(line), 'latin1'), signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }

  function answer(line: string): string {
    if (line.trim() === '') return `\r\n${PROMPT}`
    counts.requests++
    stack.advance()
    const payload = consoleText(line, stack.packs, clock.now())
    if (payload !== undefined) counts.answered++
    const printed = payload === undefined ? [`Unknown command '${line}' - try 'help'`] : [...payload, SUCCESS]
    return [line, '@', ...printed, '$$', PROMPT].join('\r\n')
  }
}
