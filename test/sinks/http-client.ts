import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../../src/core/endpoint.ts'

export interface Response {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Asks for a path, on a connection of its own, and reads all of the answer. */
export async function ask(at: Endpoint, path: string, question: Question = {}): Promise<Response> {
  const answer = await begin(at, path, question)
  const text = (await answer.setEncoding('utf8').toArray()).join('')
  return { status: answer.statusCode!, headers: answer.headers, text }
}

export async function askJson(at: Endpoint, path: string): Promise<unknown> {
  return JSON.parse((await ask(at, path)).text)
}

/** Asks, and gives the answer as soon as its head is there. */
export async function begin(at: Endpoint, path: string, { method, headers, body }: Question = {}) {
  const { host, port } = at
  const asked = request({ host, port, path, method: method ?? 'GET', headers: { ...headers }, agent: false })
  asked.end(body)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return answer
}

/** A connection on which a test may send what it likes. */
export async function rawConnection({ host, port }: Endpoint): Promise<Socket> {
  const socket = connect(port, host)
  socket.on('error', () => {}) // the server may slam the door
  await once(socket, 'connect')
  return socket
}

/** Sends bytes, and gives all that comes until the server closes the connection. */
export async function rawAnswer(at: Endpoint, bytes: string | Uint8Array): Promise<string> {
  const socket = await rawConnection(at)
  socket.write(bytes)
  const blocks: Buffer[] = []
  socket.on('data', block => blocks.push(block))
  await once(socket, 'close')
  return Buffer.concat(blocks).toString('latin1')
}

/** Blocks of a stream of events as they come, without their empty lines. */
export async function* blocksOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const text of answer.setEncoding('utf8')) {
    const blocks = (rest + text).split('\n\n')
    rest = blocks.pop()!
    yield* blocks
  }
}
