import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/core/random.ts'

/*
 * Floods of nonsense, against the program as users run it: it must neither end nor grow. What it needs at most is read
 * from /proc, so these tests are for Linux.
 */

const WATTZUP = join(import.meta.dirname, '../../bin/wattzup.js')
const GIGABYTE = 1e9
/** A run without a flood needs 70 MB or so. */
const MOST_MB = 160

interface Program {
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly ended: Promise<number | null>
}

function run(...args: readonly string[]): Program {
  const child = spawn(process.execPath, [WATTZUP, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let text = ''
  child.stderr!.on('data', part => {
    text += part
  })
  return { child, stderr: () => text, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

/** The most memory that a program has had so far, MB. */
function peakMb({ pid }: ChildProcess): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

async function says({ child, stderr }: Program, pattern: RegExp): Promise<void> {
  while (!pattern.test(stderr())) await once(child.stderr!, 'data')
}

/** Bytes that look like beginnings of frames now and then. */
function nonsense(seed: number, size: number): Buffer {
  const random = new Random(seed)
  const bytes = Buffer.alloc(size)
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE(random.uint32(), i)
  for (let i = 0; i + 8 < size; i += 300) bytes.set([0xa1, 0x1a, 2, 0, 100, 0, 1, 0xc2], i)
  return bytes
}

describe.skipIf(!existsSync('/proc/self/status'))('a flood (needs Linux)', () => {
  test('of a gigabyte of datagrams does not make lxp listen grow', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    await once(socket, 'close')
    const program = run('lxp', 'listen', '--host', '127.0.0.1', '--port', String(port), '--json')
    await says(program, /listening on UDP/)
    const sender = createSocket('udp4')
    const datagrams = [9, 117, 1400, 65_000].map((size, i) => nonsense(i, size))
    for (let sent = 0, i = 0; sent < GIGABYTE; i++) {
      const datagram = datagrams[i % 20 === 0 ? i % 3 : 3]!
      await new Promise(resolve => sender.send(datagram, port, '127.0.0.1', resolve))
      sent += datagram.length
    }
    expect(peakMb(program.child)).toBeLessThan(MOST_MB)
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(program.stderr()).toMatch(/rejected: /)
    sender.close()
  }, 120_000)

  test('of 50 MB without a frame on a connection does not make modbus collect grow', async () => {
    const block = nonsense(1, 1_000_000)
    const server = createServer((socket: Socket) => {
      socket.on('error', () => {})
      let left = 50
      const more = () => {
        while (left > 0) {
          left--
          if (!socket.write(block)) return
        }
        socket.end()
      }
      socket.on('drain', more)
      more()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const program = run('modbus', 'collect', '--hosts', host, '--nosave', '--json')
    await says(program, /bytes came, but no frame/)
    expect(peakMb(program.child)).toBeLessThan(MOST_MB)
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(program.stderr()).toMatch(/rejected: /)
    server.close()
  }, 120_000)
})
