import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { localNetwork } from '../../src/transport/local-network.ts'
import { fakeIo } from '../fake-io.ts'
import { pump, replier, server, simulated, WatchedClock } from '../protocols/sec1000/controllers.ts'
import { LIMIT_REPLY, reply, statusReply } from '../protocols/sec1000/replies.ts'
import { until } from '../until.ts'
import { asked, BLANK, DOCUMENT, ENV, GOOD, hostOf, lines, never, ran, STRANGE } from './sec1000-run.ts'

describe('sec1000 query', () => {
  test('prints the document of the original, and what else is known behind its keys', async () => {
    const { io, code, complaints } = await asked([GOOD])
    expect([io.stdout, complaints, code]).toEqual([DOCUMENT, '', 0])
  })

  test.each([[['--json']], [['--format', 'json']]])('prints the same with %j', async args => {
    expect((await asked([GOOD], args)).io.stdout).toBe(DOCUMENT)
  })

  test('prints only the keys of the original with --compat, on one line with --compact', async () => {
    const { io } = await asked([GOOD], ['--compat', '--compact', '--derived'])
    const eleven = Object.entries(JSON.parse(DOCUMENT)).slice(0, 11)
    expect(io.stdout).toBe(`${JSON.stringify(Object.fromEntries(eleven))}\n`)
  })

  test('adds what the house takes with --derived', async () => {
    const { io } = await asked([GOOD], ['--derived'])
    expect(Object.entries(JSON.parse(io.stdout)).at(-1)).toEqual(['load_power', 2.262])
  })

  test('prints a line of NDJSON, text or CSV where that is wanted', async () => {
    const { io, host } = await asked([GOOD], ['--format', 'ndjson'])
    const [{ values, ...rest }] = lines(io)
    expect(rest).toEqual({ time: '2026-03-01T10:00:00.000Z', family: 'sec1000', device: host, message: 'power' })
    expect(Object.keys(values)).toEqual(Object.keys(JSON.parse(DOCUMENT)))
    const csv = (await asked([GOOD], ['--format', 'csv'])).io.stdout
    expect(csv).toMatch(/^time,family,device,message,v1,.*,substituted\n2026-.*,238\.6,240\.1,.*,false\n$/)
    expect((await asked([GOOD], ['-f', 'text'])).io.stdout).toMatch(/ power {2}v1 238\.6 V {2}.* substituted false\n$/)
  })

  test('calls a controller at the usual port by its host alone', async () => {
    const clock = new WatchedClock()
    await using listener = await replier(clock, [GOOD])
    const real = localNetwork(clock)
    const wanted: string[] = []
    const network = {
      ...real,
      connect: (to: { host: string; port: number }, ms: number, signal: AbortSignal) => {
        wanted.push(`${to.host} ${to.port}`)
        return real.connect(listener.endpoint, ms, signal)
      },
    }
    const { io } = await ran(clock, ['query', 'sec.lan', '-f', 'ndjson'], { network })
    expect(wanted).toEqual(['sec.lan 1234'])
    expect(lines(io)[0].device).toBe('sec.lan')
    expect([...io.files.contents.keys()]).toEqual(['/state/wattzup/sec1000-sec.lan-1234.json'])
  })

  test('writes the newest values to a file, and the bytes as they came to a log that it reads itself', async () => {
    const { io, host } = await asked([statusReply(6), GOOD], ['--json-file', 'now.json', '--log', 'raw', '--no-cache'])
    const values = JSON.parse(DOCUMENT)
    expect(JSON.parse(io.files.readText('now.json')).devices[host].values).toEqual(values)
    const path = [...io.files.contents.keys()].find(name => name.startsWith('raw/'))!
    const log = io.files.readText(path)
    expect(log).toBe(
      `2026-03-01T10:00:00.000Z ${statusReply(6).toString('hex')}\n2026-03-01T10:00:05.000Z ${GOOD.toString('hex')}\n`,
    )
    const replay = await ran(new WatchedClock(), ['query', 'file:x.log'], { files: { 'x.log': log } })
    expect(lines(replay.io)).toEqual([
      { time: '2026-03-01T10:00:05.000Z', family: 'sec1000', device: 'x.log', message: 'power', values },
    ])
    expect(replay.complaints).toBe('wattzup: rejected: 1 status instead of data\n')
  })

  test('prints the bytes and what they mean with --raw', async () => {
    const { io, complaints } = await asked([GOOD], ['--raw'])
    const [size, hex, , head, prefix, ...rows] = io.stdout.split('\n')
    expect([size, hex, complaints]).toEqual(['56 bytes', GOOD.toString('hex'), ''])
    expect(head).toMatch(/^at +bytes +part +raw +value +meaning$/)
    expect(prefix).toMatch(/^ 0 +045245564f +prefix$/)
    expect(rows[2]).toMatch(/^10 +00000952 +v1 +2386 +238\.6 V +Grid voltage L1$/)
    expect(rows[13]).toMatch(/^54 +\w{4} +checksum +\d+ +right$/)
  })
})

describe('a try that fails', () => {
  test('is told with the status byte, and followed by another one after 5 s', async () => {
    const { io, code, complaints, clock } = await asked([statusReply(0x15), GOOD])
    expect([io.stdout, code]).toEqual([DOCUMENT, 0])
    expect(complaints).toBe('wattzup: try 1 of 10: status 0x15 (refused) instead of data; next try in 5 s\n')
    expect(clock.asked).toContain(5000)
    expect(clock.now()).toBe(Date.UTC(2026, 2, 1, 10, 0, 5))
  })

  test('for the tenth time is the end: 1, with one line that says why', async () => {
    const clock = new WatchedClock()
    await using listener = await server(clock, async client => {
      await using link = client
      for await (const _ of link.packets(never)) return await link.send(GOOD.subarray(0, 30), never)
    })
    const host = hostOf(listener)
    const { io, code, complaints } = await ran(clock, ['query', host])
    const why = 'connection closed after 30 of 56 bytes'
    expect([io.stdout, code]).toEqual(['', 1])
    expect(clock.asked.filter(ms => ms === 5000)).toHaveLength(9)
    expect(complaints).toBe(
      `wattzup: try 1 of 10: ${why}; next try in 5 s\nwattzup: no data from ${host} in 10 tries; the last time: ${why}\n`,
    )
  })

  test('has the time that --deadline gives it in all, however many bytes come', async () => {
    const clock = new WatchedClock()
    const { controller, listener } = await simulated(clock, new Map([['trickle', 1]]))
    await using _ = listener
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--deadline', '3.5', '--retries', '1'], {
      clock,
      env: ENV,
    })
    expect(await pump(clock, main(io), 3500)).toBe(1)
    expect(io.stderr).toMatch(/the last time: [123] bytes? of a reply, and no more within 3\.5 s\n$/)
    expect(controller.requests).toBe(1)
  })

  test('shows its bytes with --trace-bytes', async () => {
    const wrong = Buffer.from(GOOD)
    wrong[55]! ^= 1
    const { complaints, host } = await asked([wrong, BLANK, GOOD], ['--trace-bytes'])
    const spaced = (bytes: Buffer) => bytes.toString('hex').replace(/..(?=.)/g, '$& ')
    expect(complaints).toContain(`wattzup: rejected from ${host}: sec1000: bad checksum: got 0x`)
    expect(complaints).toContain(`: ${spaced(wrong)}\n`)
    expect(complaints).toContain(`wattzup: rejected from ${host}: sec1000: all values are 0: ${spaced(BLANK)}\n`)
  })

  test('is no reason for another one with --retries 1', async () => {
    const { code, complaints, host } = await asked([statusReply(3)], ['--retries', '1'])
    const why = 'status 0x03 (clock set) instead of data'
    expect([code, complaints]).toEqual([1, `wattzup: no data from ${host}; the last time: ${why}\n`])
  })

  test('waits as long as was wanted, with a warning where that is too short', async () => {
    const { clock, complaints } = await asked([statusReply(6), GOOD], ['--retry-wait', '0.5'])
    expect(clock.asked).toContain(500)
    expect(complaints).toContain('wattzup: --retry-wait 0.5: controllers that are asked more often than every 5 s may')
  })
})

describe('silence', () => {
  const silent = (clock: WatchedClock, onAsked: () => void) =>
    server(clock, async client => {
      for await (const _ of client.packets(never)) onAsked()
    })

  test('in every try is 3', async () => {
    const clock = new WatchedClock()
    let requests = 0
    await using listener = await silent(clock, () => requests++)
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--retries', '2', '--no-cache'], { clock })
    const done = main(io)
    for (const turn of [1, 2]) {
      await until(() => requests === turn)
      await clock.advance(10_000)
      await clock.advance(5000)
    }
    expect(await done).toBe(3)
    expect(io.stderr).toMatch(/nothing came from 127\.0\.0\.1:\d+ in 2 tries; check the address/)
  })

  test('until --timeout is 3, too', async () => {
    const clock = new WatchedClock()
    let requests = 0
    await using listener = await silent(clock, () => requests++)
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--timeout', '7', '--no-cache'], { clock })
    const done = main(io)
    await until(() => requests === 1)
    await clock.advance(7000)
    expect(await done).toBe(3)
    expect(io.stderr).toContain('wattzup: nothing came within 7 s\n')
    expect(clock.sleeping).toBe(0)
  })

  test('ends with SIGINT: 0, and nothing on standard output', async () => {
    const clock = new WatchedClock()
    let requests = 0
    await using listener = await silent(clock, () => requests++)
    const io = fakeIo(['sec1000', 'query', hostOf(listener), '--no-cache'], { clock })
    const done = main(io)
    await until(() => requests === 1)
    io.abort()
    expect([await done, io.stdout]).toEqual([0, ''])
  })

  test('of a port where nobody listens is none: 1', async () => {
    const clock = new WatchedClock()
    const listener = await replier(clock, [GOOD])
    await listener[Symbol.asyncDispose]()
    const { code, complaints } = await ran(clock, ['query', hostOf(listener), '--retries', '2'])
    expect(code).toBe(1)
    expect(complaints).toMatch(/in 2 tries; the last time: cannot connect to .*: connection refused/)
  })
})

describe('--no-verify', () => {
  const wrong = Buffer.from(GOOD)
  wrong[0] = 0x05
  wrong[55]! ^= 1

  test('takes a wrong prefix and checksum, and warns', async () => {
    const { io, complaints } = await asked([wrong], ['--no-verify'])
    expect(io.stdout).toBe(DOCUMENT)
    expect(complaints).toMatch(
      /^wattzup: taken all the same: bad prefix: 055245564f0031\nwattzup: taken .*: bad checksum: got 0x\w+, computed 0x\w+\n$/,
    )
  })

  test('takes nothing else', async () => {
    const { code } = await asked([LIMIT_REPLY], ['--no-verify', '--retries', '1'])
    expect(code).toBe(1)
  })

  test('is needed', async () => {
    expect((await asked([wrong], ['--retries', '1'])).code).toBe(1)
  })
})

describe('values that are hard to believe', () => {
  test('are printed with a warning', async () => {
    const { io, code, complaints } = await asked([STRANGE])
    expect(JSON.parse(io.stdout).v1).toBe(400)
    expect([code, complaints]).toEqual([
      0,
      'wattzup: implausible, published all the same: no voltage of a phase: v1 400\n',
    ])
  })

  test('are asked for again with --strict', async () => {
    const { io, complaints } = await asked([STRANGE, GOOD], ['--strict'])
    expect(io.stdout).toBe(DOCUMENT)
    expect(complaints).toBe('wattzup: try 1 of 10: no voltage of a phase: v1 400; next try in 5 s\n')
  })

  test('are none when all are 0: the controller is asked again', async () => {
    const { io, complaints } = await asked([BLANK, GOOD])
    expect(io.stdout).toBe(DOCUMENT)
    expect(complaints).toBe('wattzup: try 1 of 10: all values are 0; next try in 5 s\n')
  })

  test('are not looked at with --no-filter', async () => {
    const { io, complaints } = await asked([BLANK], ['--no-filter', '--strict', '--no-cache'])
    expect(Object.values(JSON.parse(io.stdout))).toEqual([...new Array(14).fill(0), false])
    expect(complaints).toBe('')
    expect((await asked([STRANGE], ['--no-filter'])).complaints).toBe('')
  })
})

describe('sec1000 limit', () => {
  test('prints the limit as a document', async () => {
    const { io, code, complaints } = await asked([LIMIT_REPLY], [], {}, 'limit')
    const text = `{
    "mode": 3,
    "mode_name": "value",
    "total_capacity_kw": 15,
    "ct_ratio_raw": 25,
    "export_limit_kw": 7.5
}
`
    expect([io.stdout, complaints, code]).toEqual([text, '', 0])
    expect([...io.files.contents.keys()]).toEqual([])
  })

  test('sends the request for it, and nothing else', async () => {
    const clock = new WatchedClock()
    const received: string[] = []
    await using listener = await server(clock, async client => {
      await using link = client
      for await (const { data } of link.packets(never)) {
        received.push(Buffer.from(data).toString('hex'))
        await link.send(LIMIT_REPLY, never)
      }
    })
    await ran(clock, ['limit', hostOf(listener), '--compact'])
    expect(received).toEqual(['00050101430045'])
  })

  test('shows the bytes with --raw, and lines with --format', async () => {
    const { io } = await asked([LIMIT_REPLY], ['--raw'], {}, 'limit')
    expect(io.stdout).toMatch(/19 +00001d4c +export_limit_kw +7500 +7\.5 kW/)
    const { io: text } = await asked([LIMIT_REPLY], ['-f', 'text'], {}, 'limit')
    expect(text.stdout).toMatch(/ limit {2}mode 3 {2}mode_name value {2}/)
  })

  test('is asked for again after a status, and fails like a query', async () => {
    const { io } = await asked([reply(1, 1, 0x43, 0x15), LIMIT_REPLY], ['--compact'], {}, 'limit')
    expect(JSON.parse(io.stdout).export_limit_kw).toBe(7.5)
    expect((await asked([GOOD], ['--retries', '1'], {}, 'limit')).code).toBe(1)
  })
})

describe('usage', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['no host', ['query'], /missing required argument/],
    ['a bad port', ['query', 'x:99999'], /a port is a number from 1 to 65535/],
    ['no tries', ['query', 'x', '--retries', '0'], /whole number, 1 or more/],
    ['a negative wait', ['query', 'x', '--retry-wait', '-1'], /must be a number from 0 on/],
    ['--raw with lines', ['query', 'x', '--raw', '--watch'], /--raw prints no readings/],
    ['--raw with a format', ['query', 'x', '--raw', '-f', 'csv'], /--raw prints no readings/],
    ['--watch of a file', ['query', 'file:x', '--watch'], /a file is read once/],
    ['--count of one reading', ['query', 'x', '--count', '2'], /--count is for --watch/],
    ['Home Assistant for the limit', ['limit', 'x', '--mqtt', 'mqtt://x', '--ha'], /--ha is for sec1000 query/],
    ['the limit of a file', ['limit', 'file:x'], /sec1000 query file:PATH/],
    ['a terminal', ['query', 'file:-'], /standard input is a terminal/],
  ])('%s is refused', async (_, args, text) => {
    const { io, code } = await ran(new WatchedClock(), args, { stdinIsTerminal: true })
    expect([code, io.stdout]).toEqual([2, ''])
    expect(io.stderr).toMatch(text)
  })

  test('there is no command that sets anything', async () => {
    const { io } = await ran(new WatchedClock(), ['--help'])
    expect(io.stdout.match(/^ {2}\w+ \[options\]/gm)).toEqual(['  query [options]', '  limit [options]'])
  })
})
