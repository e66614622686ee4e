import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Aedes, Client } from 'aedes'
import { realPart } from './real-part.ts'

/** A broker on a port of its own, with no memory on disk: what it keeps is gone when it is killed. */
export interface Broker {
  readonly port: number
  /** `mqtt://127.0.0.1:PORT` */
  readonly url: string
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
  /** Begins anew at the same port. */
  restart(): Promise<void>
}

export interface BrokerSetup {
  /** Who may log in; everybody without it. */
  readonly user?: { readonly name: string; readonly password: string }
  /** Further lines of mosquitto.conf, and files that they name as `@name`. */
  readonly lines?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
}

const mosquitto = realPart('mosquitto', 'mosquitto')

/** Whether brokers are mosquitto; else they are aedes, which runs in this process. */
export const isMosquitto = !mosquitto.missing

/** For the names of tests that only mosquitto can do. */
export const needsMosquitto = mosquitto

/** Starts brokers, and ends those that are left. */
export class Brokers implements AsyncDisposable {
  readonly #brokers: Broker[] = []
  readonly #folders: string[] = []

  async start(setup: BrokerSetup = {}): Promise<Broker> {
    const port = await freePort()
    const broker = isMosquitto ? new Mosquitto(port, this.#configure(port, setup)) : new InProcess(port, setup)
    this.#brokers.push(broker)
    await broker.restart()
    return broker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const broker of this.#brokers.splice(0)) await broker.kill()
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true })
  }

  #configure(port: number, { user, lines = [], files = {} }: BrokerSetup): string {
    const folder = mkdtempSync(join(tmpdir(), 'wattzup-broker-'))
    this.#folders.push(folder)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
    const config = [
      `listener ${port} 127.0.0.1`,
      'persistence false',
      `user ${userInfo().username}`, // or root's broker could not read its files
      'log_dest stderr',
      'log_type all',
      ...(user === undefined ? ['allow_anonymous true'] : ['allow_anonymous false', `password_file ${folder}/users`]),
      ...lines.map(line => line.replaceAll('@', `${folder}/`)),
    ]
    if (user !== undefined) makePasswords(join(folder, 'users'), user)
    writeFileSync(join(folder, 'mosquitto.conf'), `${config.join('\n')}\n`)
    return join(folder, 'mosquitto.conf')
  }
}

class Mosquitto implements Broker {
  readonly port: number
  readonly url: string
  readonly #config: string
  #process: ChildProcess | undefined

  constructor(port: number, config: string) {
    this.port = port
    this.url = `mqtt://127.0.0.1:${port}`
    this.#config = config
  }

  async restart(): Promise<void> {
    const child = spawn('mosquitto', ['-c', this.#config], { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process = child
    let log = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', text => {
        log += text
        if (/ running$/m.test(log)) resolve()
      })
      child.once('error', reject)
      child.once('exit', code => reject(new Error(`mosquitto ended with ${code}:\n${log}`)))
    })
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
}

/** aedes, for machines without mosquitto. */
class InProcess implements Broker {
  readonly port: number
  readonly url: string
  readonly #setup: BrokerSetup
  readonly #sockets = new Set<Socket>()
  #broker: Aedes | undefined
  #server: Server | undefined

  constructor(port: number, setup: BrokerSetup) {
    this.port = port
    this.url = `mqtt://127.0.0.1:${port}`
    this.#setup = setup
  }

  async restart(): Promise<void> {
    const { Aedes } = await import('aedes')
    const broker = await Aedes.createBroker()
    const { user } = this.#setup
    broker.authenticate = (_client: Client, name, password, done) => {
      if (user === undefined || (name === user.name && String(password) === user.password)) done(null, true)
      else done(Object.assign(new Error('refused'), { returnCode: 5 }), false)
    }
    this.#broker = broker
    this.#server = createServer(socket => {
      this.#sockets.add(socket)
      broker.handle(socket)
    })
    await new Promise<void>(resolve => this.#server!.listen(this.port, '127.0.0.1', resolve))
  }

  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
    const [server, broker] = [this.#server, this.#broker]
    this.#server = undefined
    this.#broker = undefined
    if (server !== undefined) await new Promise(resolve => server.close(resolve))
    if (broker !== undefined) await new Promise<void>(resolve => broker.close(() => resolve()))
  }
}

function makePasswords(file: string, { name, password }: { readonly name: string; readonly password: string }): void {
  const { status, stderr } = spawnSync('mosquitto_passwd', ['-b', '-c', file, name, password], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`mosquitto_passwd: ${stderr}`)
}

/** A port of the loopback interface that nothing listens at. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
