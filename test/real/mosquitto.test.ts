import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type BrokerOptions, openBroker } from '../../src/sinks/mqtt/broker.ts'
import { KEPT } from '../../src/sinks/mqtt/message.ts'
import { brokerAt } from '../sinks/mqtt/setup.ts'
import { Brokers, freePort, isMosquitto, needsMosquitto } from './broker.ts'
import { kept, Observer } from './observer.ts'
import { realPart } from './real-part.ts'

const brokers = new Brokers()
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await brokers[Symbol.asyncDispose]()
})

const never = new AbortController().signal
const silent = { received: () => {}, alive: () => {} }

/** Why a connection cannot be made. */
async function failure(options: BrokerOptions): Promise<string> {
  try {
    await using _link = await openBroker(options, silent, never)
    return 'connected'
  } catch (error) {
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/s3cret|a:wrong/)
    return (error as Error).message
  }
}

/** Starts a program that publishes; waits until the broker has its state. */
async function publishingProgram(url: string): Promise<ChildProcess> {
  await using observer = await Observer.connect(url)
  const script = join(import.meta.dirname, 'mqtt-child.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, url], { stdio: 'inherit' })
  children.push(child)
  await observer.message('wattzup/demo_a_1/state')
  return child
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise(resolve => child.once('exit', resolve))
}

describe('a program that publishes', () => {
  test('is offline for everybody as soon as it is killed', async () => {
    const broker = await brokers.start()
    const child = await publishingProgram(broker.url)
    await using observer = await Observer.connect(broker.url, 'wattzup/status')
    await observer.message('wattzup/status', 'online')
    child.kill('SIGKILL')
    await observer.message('wattzup/status', 'offline')
    expect((await kept(broker.url)).get('wattzup/status')).toBe('offline')
  })

  test('says itself that it and its devices are offline when it is ended', async () => {
    const broker = await brokers.start()
    const child = await publishingProgram(broker.url)
    const code = ended(child)
    child.kill('SIGTERM')
    expect(await code).toBe(0)
    const all = await kept(broker.url)
    expect(all.get('wattzup/status')).toBe('offline')
    expect(all.get('wattzup/demo_a_1/availability')).toBe('offline')
    expect(JSON.parse(all.get('wattzup/demo_a_1/state')!)).toMatchObject({ voltage: 53.2 })
  })
})

describe('a connection', () => {
  const user = { name: 'solar', password: 'a:secret@%' }

  test('that the broker refuses says so without the password', async () => {
    const broker = await brokers.start({ user })
    const at = broker.url.slice('mqtt://'.length)
    expect(await failure(brokerAt(`mqtt://solar:a%3Asecret%40%25@${at}`))).toBe('connected')
    expect(await failure(brokerAt(`mqtt://solar:a%3Awrong@${at}`))).toBe(
      `cannot log in to ${broker.url}: the broker refuses the user name or password`,
    )
    expect(await failure(brokerAt(broker.url))).toBe(
      `cannot log in to ${broker.url}: the broker wants a user name and a password; see --mqtt-credentials`,
    )
  })

  test('to where nothing listens says so', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`
    expect(await failure(brokerAt(url))).toBe(`cannot connect to ${url}: connection refused, nothing listens there`)
  })

  test('to a host that does not exist says so', async () => {
    const text = await failure(brokerAt('mqtt://no-such-host.invalid'))
    expect(text).toMatch(
      /^cannot connect to mqtt:\/\/no-such-host\.invalid:1883: (no such host|its name cannot be looked up now)$/,
    )
  })

  test('is given up when it is no longer wanted', async () => {
    const stop = new AbortController()
    const reason = new Error('enough')
    const broker = await brokers.start()
    const opening = openBroker(brokerAt(broker.url), silent, stop.signal)
    stop.abort(reason)
    await expect(opening).rejects.toBe(reason)
  })
})

describe.skipIf(needsMosquitto.missing)(`with mosquitto${needsMosquitto.reason}`, () => {
  test('MQTT 5 works', async () => {
    const broker = await brokers.start()
    await using link = await openBroker(brokerAt(broker.url, { version: 5 }), silent, never)
    await new Promise<void>(resolve => link.send({ topic: 'a', payload: 'b', ...KEPT }, () => resolve()))
    expect((await kept(broker.url)).get('a')).toBe('b')
  })

  test('MQTT 5 tells of messages and subscriptions that are not allowed', async () => {
    const broker = await brokers.start({
      lines: ['acl_file @acl'],
      files: { acl: 'topic readwrite ours/#\ntopic read theirs/#\n' },
    })
    await using link = await openBroker(brokerAt(broker.url, { version: 5 }), silent, never)
    const refusal = (topic: string) =>
      new Promise(resolve => link.send({ topic, payload: '1', qos: 1, retain: false }, resolve))
    expect(await refusal('ours/a')).toBe(undefined)
    expect(await refusal('theirs/a')).toBe('the broker does not allow it')
  })

  test('MQTT 5 with a wrong password is refused in the same words', async () => {
    const broker = await brokers.start({ user: { name: 'solar', password: 'secret' } })
    const url = broker.url.replace('//', '//solar:wrong@')
    expect(await failure(brokerAt(url, { version: 5 }))).toBe(
      `cannot log in to ${broker.url}: the broker refuses the user name or password`,
    )
  })

  test('web sockets work', async () => {
    const port = await freePort()
    await brokers.start({ lines: [`listener ${port} 127.0.0.1`, 'protocol websockets'] })
    expect(await failure(brokerAt(`ws://127.0.0.1:${port}/mqtt`))).toBe('connected')
  })
})

const openssl = realPart('openssl', 'openssl')

describe.skipIf(!isMosquitto || openssl.missing)(`over TLS${openssl.reason || needsMosquitto.reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'wattzup-tls-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  function certificate(name: string, host: string): { readonly cert: string; readonly key: string } {
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`]
    const names = ['-addext', `subjectAltName=DNS:${host}`, '-keyout', `${name}.key`, '-out', `${name}.crt`]
    const { status, stderr } = spawnSync('openssl', [...args, ...names], { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return {
      cert: readFileSync(join(folder, `${name}.crt`), 'utf8'),
      key: readFileSync(join(folder, `${name}.key`), 'utf8'),
    }
  }

  const own = certificate('broker', 'localhost')
  const client = certificate('client', 'wattzup')

  async function secureBroker(more: readonly string[] = []) {
    const port = await freePort()
    const lines = [`listener ${port} 127.0.0.1`, 'certfile @cert', 'keyfile @key', ...more]
    await brokers.start({ lines, files: { cert: own.cert, key: own.key, ca: client.cert } })
    return port
  }

  test('the certificate of the broker is checked', async () => {
    const port = await secureBroker()
    const at = (url: string, tls: BrokerOptions['tls']) => failure(brokerAt(url, { tls }))
    const url = `mqtts://localhost:${port}`
    expect(await at(url, { insecure: false })).toBe(
      `cannot connect to ${url}: the broker's certificate is self-signed; give it with --mqtt-ca`,
    )
    expect(await at(url, { insecure: false, ca: own.cert })).toBe('connected')
    expect(await at(`mqtts://127.0.0.1:${port}`, { insecure: false, ca: own.cert })).toBe(
      `cannot connect to mqtts://127.0.0.1:${port}: the broker's certificate is for another host name`,
    )
    expect(await at(`mqtts://127.0.0.1:${port}`, { insecure: true })).toBe('connected')
  })

  test('a broker that wants a certificate gets ours', async () => {
    const port = await secureBroker(['require_certificate true', 'cafile @ca'])
    const url = `mqtts://localhost:${port}`
    const tls = { insecure: false, ca: own.cert }
    expect(await failure(brokerAt(url, { tls: { ...tls, ...client } }))).toBe('connected')
    expect(await failure(brokerAt(url, { tls }))).not.toBe('connected')
  })

  test('a key that does not fit its certificate is told, and not shown', async () => {
    const url = 'mqtts://localhost:1'
    const text = await failure(brokerAt(url, { tls: { insecure: false, cert: own.cert, key: client.key } }))
    expect(text).toMatch(/^cannot connect to mqtts:\/\/localhost:1: a certificate or key cannot be used: .*mismatch$/)
    const nonsense = await failure(brokerAt(url, { tls: { insecure: false, cert: own.cert, key: 's3cret' } }))
    expect(nonsense).toMatch(/a certificate or key cannot be used/)
  })

  test('a port without TLS is told', async () => {
    const broker = await brokers.start()
    const url = broker.url.replace('mqtt:', 'mqtts:')
    expect(await failure(brokerAt(url))).toMatch(/^cannot connect to mqtts:/)
  })
})
