import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutTelnet } from '../../../src/protocols/pylontech/poll/telnet.ts'
import { ManualClock } from '../../manual-clock.ts'
import { memoryPair } from '../../memory-transport.ts'

const never = new AbortController().signal

/** What comes through of bytes that arrive in these pieces. */
async function through(...pieces: readonly Uint8Array[]): Promise<string> {
  const { near, far } = memoryPair(new ManualClock())
  for (const piece of pieces) await far.send(piece, never)
  far.close()
  const parts: Uint8Array[] = []
  for await (const { data } of withoutTelnet(near).packets(never)) parts.push(data)
  return Buffer.concat(parts).toString('latin1')
}

const FRAME = '~200246000000FDB2\r'
// RFC 854: IAC WILL ECHO, IAC DO SUPPRESS-GO-AHEAD; RFC 2217: IAC SB COM-PORT-OPTION NOTIFY-MODEMSTATE 30 IAC SE
const COMMANDS = ['fffb01', 'fffd03', 'fffa2c6b30fff0', 'fff1'].map(hex => Buffer.from(hex, 'hex'))

test('commands of telnet are taken out, wherever they stand and however they are cut', async () => {
  const bytes = Buffer.concat([...COMMANDS, Buffer.from(FRAME.slice(0, 7)), ...COMMANDS, Buffer.from(FRAME.slice(7))])
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), async cuts => {
      const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), bytes.length]
      expect(await through(...edges.slice(1).map((end, i) => bytes.subarray(edges[i], end)))).toBe(FRAME)
    }),
  )
})

test('a doubled FF is one, and noise that is no command stays', async () => {
  expect(await through(Buffer.from('f7ffffbbffbbef', 'hex'))).toBe('\xf7\xff\xbb\xff\xbb\xef')
})

test('no noise takes the start of a frame away', async () => {
  for (const noise of ['ff', 'fffb', 'fffa', 'fffa2c', 'fffaff']) {
    expect((await through(Buffer.from(noise, 'hex'), Buffer.from(FRAME))).endsWith(FRAME)).toBe(true)
  }
})

test('what is sent goes out as it is', async () => {
  const { near, far } = memoryPair(new ManualClock())
  await using link = withoutTelnet(near)
  await link.send(Buffer.from('ff7e', 'hex'), never)
  for await (const { data } of far.packets(never)) {
    expect(Buffer.from(data).toString('hex')).toBe('ff7e')
    break
  }
})
