import type { ServerResponse } from 'node:http'
import { jsonText } from '../ndjson.ts'

/** What a request is answered with: a JSON document. */
export interface Answer {
  readonly status: number
  readonly body: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** A document as it is sent. */
export function documentBytes(document: unknown): Uint8Array {
  return Buffer.from(`${jsonText(document)}\n`)
}

export function jsonAnswer(status: number, document: unknown, headers: Answer['headers'] = {}): Answer {
  return { status, body: documentBytes(document), headers }
}

export function errorAnswer(status: number, error: string, headers?: Answer['headers']): Answer {
  return jsonAnswer(status, { error }, headers)
}

/** Nothing is kept by caches, taken for anything but data, or shown inside another page. */
const COMMON = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
}

/** Headers of every answer. `cors` is the origin whose web pages may read it, `*` for all; undefined: its own only. */
export function commonHeaders(cors: string | undefined): Readonly<Record<string, string>> {
  if (cors === undefined) return { ...COMMON, 'Cross-Origin-Resource-Policy': 'same-origin' }
  return { ...COMMON, 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': cors }
}

/** Sends an answer; of one to HEAD only what stands before the body. */
export function sendAnswer(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    ...headers,
  })
  response.end(body)
}
