import { deviceId } from '../device-id.ts'
import { type DeviceState, deviceDocument, namedDevices, type Snapshot } from '../snapshot.ts'
import { type Answer, documentBytes, errorAnswer, jsonAnswer } from './answer.ts'
import type { HealthReport } from './health.ts'

/** Seconds after which to ask again for what is not there yet. */
const RETRY_AFTER = { 'Retry-After': '5' }

/** The documents and where they are found. What they hold is turned into bytes once per reading, not once per request. */
export class Site {
  readonly #snapshot: Snapshot
  readonly #health: () => HealthReport
  readonly #ofDevices = new WeakMap<DeviceState, Uint8Array>()
  /** The document after the reading of a device, which is another object after every reading. */
  #root: Uint8Array | undefined
  #rootOf: DeviceState | undefined

  constructor(snapshot: Snapshot, health: () => HealthReport) {
    this.#snapshot = snapshot
    this.#health = health
  }

  /** The answer to a request for a path, as it stands in the request. */
  answer(path: string): Answer {
    if (path === '/') return this.#all()
    if (path === '/healthz') return this.#healthz()
    const name = decoded(path.slice(1))
    return name === undefined ? errorAnswer(400, 'the path is not well-formed') : this.#one(name)
  }

  #all(): Answer {
    const { newest } = this.#snapshot
    if (newest !== this.#rootOf) {
      const document = this.#snapshot.document()
      this.#root = document === undefined ? undefined : documentBytes(document)
      this.#rootOf = newest
    }
    return this.#root === undefined ? NOT_YET : { status: 200, body: this.#root }
  }

  #one(name: string): Answer {
    const { devices, newest } = this.#snapshot
    if (newest === undefined) return NOT_YET
    const state =
      namedDevices(devices).find(([known]) => known === name)?.[1] ??
      devices.find(({ family, device }) => deviceId(family, device) === name)
    if (state === undefined) return errorAnswer(404, 'no such device; /healthz names those that were heard')
    let body = this.#ofDevices.get(state)
    if (body === undefined) {
      body = documentBytes(deviceDocument(state))
      this.#ofDevices.set(state, body)
    }
    return { status: 200, body }
  }

  #healthz(): Answer {
    const report = this.#health()
    return report.status === 'ok' ? jsonAnswer(200, report) : jsonAnswer(503, report, RETRY_AFTER)
  }
}

const NOT_YET = errorAnswer(503, 'nothing has been read yet', RETRY_AFTER)

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
