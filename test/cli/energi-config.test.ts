import { describe, expect, test } from 'vitest'
import { parseOriginalConfig } from '../../src/cli/energi-config.ts'
import { main } from '../../src/cli/main.ts'
import { fakeIo } from '../fake-io.ts'
import { frame, payload } from '../protocols/myenergi/frames.ts'
import { CaptureWorld, MemoryCapture } from './energi-capture.ts'

// The file of PeterTM/mqtt-energi as its README has it, read as Python's configparser does.

const FILE = `[NETWORK]
nic = eno1

[MQTT]
broker = 10.0.0.5
port = 1884
topic = house/eddi
id = Bridge-1
user =
pass =

[DEBUG]
enabled = False
`

const parse = (text: string) => parseOriginalConfig(text, 'config.ini')

describe('config.ini of the original', () => {
  test('says interface, broker, topic and name', () => {
    expect(parse(FILE)).toEqual({
      iface: 'eno1',
      mqtt: 'mqtt://10.0.0.5:1884',
      topic: 'house/eddi',
      mqttClientId: 'Bridge-1',
    })
  })

  test('may say who logs in, with any characters in the password', () => {
    const { mqtt } = parse('[MQTT]\nbroker=b.lan\nuser=me\npass = a/b@c:100%% = x\n')
    const url = new URL(mqtt!)
    expect([url.username, decodeURIComponent(url.password), url.host]).toEqual(['me', 'a/b@c:100% = x', 'b.lan:1883'])
  })

  test.each(['True', 'yes', 'ON', '1'])('enables debugging by %s', word => {
    expect(parse(`[DEBUG]\nEnabled: ${word}\n`)).toEqual({ debugKeys: true })
  })

  test('may have comments, capitals, a byte order mark and line ends of Windows', () => {
    expect(parse('\uFEFF# mine\r\n[NETWORK]\r\n; the cable\r\nNIC=eth0\r\n')).toEqual({ iface: 'eth0' })
  })

  test('of a broker in IPv6 becomes a URL', () => {
    expect(parse('[MQTT]\nbroker = fd00::5\n').mqtt).toBe('mqtt://[fd00::5]:1883')
  })

  test.each([
    ['nic = eth0\n', 'config.ini:1: this is no [SECTION], and no key = value in one'],
    ['[MQTT]\nbroker = x\nsecret\n', 'config.ini:3: this is no [SECTION], and no key = value in one'],
    ['[OTHER]\na = b\n', 'config.ini: there is no section [NETWORK], [MQTT] or [DEBUG] in it'],
    ['', 'config.ini: there is no section [NETWORK], [MQTT] or [DEBUG] in it'],
    ['[DEBUG]\nenabled = perhaps\n', 'config.ini: [DEBUG] enabled is neither true nor false'],
  ])('%j is refused without quoting it', (text, message) => {
    expect(() => parse(text)).toThrow(message)
  })
})

describe('energi sniff --config', () => {
  const files = { 'config.ini': '[NETWORK]\nnic = eno1\n[DEBUG]\nenabled = on\n' }

  async function sniff(...options: readonly string[]) {
    const capture = new MemoryCapture()
    const { clock, network, asked } = new CaptureWorld(capture)
    const args = ['energi', 'sniff', '--config', 'config.ini', '--count', '1', ...options]
    const io = fakeIo(args, { files, clock, network })
    capture.send(0, frame(payload(0x2b)))
    expect(await main(io)).toBe(0)
    return { ifaces: asked.map(({ iface }) => iface), out: io.stdout }
  }

  test('captures on its interface and publishes what it wants', async () => {
    const { ifaces, out } = await sniff('--no-filter')
    expect(ifaces).toEqual(['eno1'])
    expect(JSON.parse(out).message).toBe('0x2B')
  })

  test('gives way to the command line', async () => {
    expect((await sniff('--no-filter', '--iface', 'eth9')).ifaces).toEqual(['eth9'])
  })

  test('that is missing says so', async () => {
    const io = fakeIo(['energi', 'sniff', '--config', 'other.ini'], { files })
    expect(await main(io)).toBe(1)
    expect(io.stderr).toContain('other.ini')
  })
})
