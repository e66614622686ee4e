import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { within } from './within.ts'

export interface HeardFrame {
  /** When it came, ms of `performance.now()`. */
  readonly at: number
  /** As candump writes it. */
  readonly text: string
}

/** An slcan adapter behind a TCP port: the other end of a bus of a program under test. It is taken by one at a time. */
export class SlcanAdapter implements AsyncDisposable {
  readonly heard: HeardFrame[] = []
  /** How often its channel was opened. */
  opened = 0
  readonly #server: Server
  readonly #waiting = new Set<() => void>()
  #socket: Socket | undefined

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', socket => this.#serve(socket))
  }

  static async start(): Promise<SlcanAdapter> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new SlcanAdapter(server)
  }

  get url(): string {
    return `slcan:tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Whether a program is connected. */
  get isTaken(): boolean {
    return this.#socket !== undefined
  }

  /** Puts frames on the bus; without a program they are lost, as on a real one. */
  say(...texts: readonly string[]): void {
    this.#socket?.write(texts.map(lineOf).join(''))
  }

  /** Pulls the plug; the port is still there. */
  drop(): void {
    this.#socket?.destroy()
  }

  /** The first frame that came at `since` or later and that is wanted; `why` says what is waited for. */
  async next(why: string, since: number, isWanted: (frame: HeardFrame) => boolean): Promise<HeardFrame> {
    const find = () => this.heard.find(frame => frame.at >= since && isWanted(frame))
    return within(why, this.#until(find), () => this.heard.slice(-5).map(({ text }) => text))
  }

  async until(why: string, holds: () => boolean): Promise<void> {
    await within(
      why,
      this.#until(() => (holds() ? true : undefined)),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
  }

  #serve(socket: Socket): void {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#socket = undefined
      this.#changed()
    })
    let rest = ''
    socket.setEncoding('latin1').on('data', (data: unknown) => {
      const lines = (rest + String(data)).split('\r')
      rest = lines.pop()!
      for (const line of lines) this.#take(line, socket)
      this.#changed()
    })
  }

  #take(line: string, socket: Socket): void {
    const text = textOf(line)
    if (text !== undefined) this.heard.push({ at: performance.now(), text })
    if (line === 'O') this.opened++
    socket.write(line === 'F' ? 'F00\r' : text === undefined ? '\r' : 'z\r')
  }

  #changed(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

/** `t1102ABCD` for `110#ABCD`; `T` with eight digits of ID. */
function lineOf(text: string): string {
  const [id = '', hex = ''] = text.split('#')
  return `${id.length === 8 ? 'T' : 't'}${id}${hex.length / 2}${hex}\r`
}

function textOf(line: string): string | undefined {
  const match = /^(?:t([\dA-F]{3})|T([\dA-F]{8}))([0-8])([\dA-F]*)$/.exec(line)
  return match === null ? undefined : `${match[1] ?? match[2]}#${match[4]}`
}
