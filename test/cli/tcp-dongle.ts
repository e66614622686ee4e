import type { Listener } from '../../src/core/network.ts'
import type { Transport } from '../../src/core/transport.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import type { LiveWorld } from '../live-world.ts'
import { type Answer, FakeDongle, noRegisters, obedient, type Received } from '../protocols/lxp/fake-dongle.ts'

export type TcpAnswer = Answer<Transport>

export interface TcpDongleOptions {
  readonly answer?: TcpAnswer
  /** What it sends to who connects, by the number of the connection; nothing by default. */
  readonly greeting?: (connection: number) => readonly Uint8Array[]
}

/** A dongle at a TCP port, by the protocol page and without any of the code under test; its registers stay. */
export class TcpDongle implements AsyncDisposable {
  readonly registers = noRegisters()
  /** In the order in which they were made. */
  readonly connections: FakeDongle<Transport>[] = []
  readonly #listener: Listener

  private constructor(listener: Listener, { answer = obedient, greeting = () => [] }: TcpDongleOptions) {
    this.#listener = listener
    const serve = async () => {
      for await (const end of listener.connections(new AbortController().signal)) {
        const dongle = new FakeDongle(end, answer, this.registers)
        dongle.push(...greeting(this.connections.length))
        this.connections.push(dongle)
      }
    }
    void serve()
  }

  static async open({ clock }: LiveWorld, options: TcpDongleOptions = {}): Promise<TcpDongle> {
    return new TcpDongle(await localNetwork(clock).listen({ host: '127.0.0.1', port: 0 }), options)
  }

  /** HOST:PORT. */
  get address(): string {
    return `127.0.0.1:${this.#listener.endpoint.port}`
  }

  /** Requests of all connections. */
  get received(): readonly Received[] {
    return this.connections.flatMap(({ received }) => received)
  }

  /** The same in short: function, register, and count or value. */
  get heard(): readonly (readonly number[])[] {
    return this.received.map(({ code, register, word }) => [code, register, word])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]()
  }
}
