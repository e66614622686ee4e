import { describe, expect, test } from 'vitest'
import { WRITABLE_LOGS, type WritableFormat } from '../../src/framing/writers/formats.ts'
import { capture, contents, hasCaptures, readLogFrames } from './read-frames.ts'
import { writeLog } from './write-log.ts'

/** Frames of each sample, by the README beside them; those of python-can's files are what python-can reads. */
const COUNTS: readonly (readonly [string, string, number])[] = [
  ['logfile.asc', 'asc', 20],
  ['issue_1299.asc', 'asc', 4],
  ['test_CanFdMessage.asc', 'asc', 3],
  ['test_CanRemoteMessage.asc', 'asc', 3],
  ['test_CanMessage_V1_0_BUS1.trc', 'trc', 11],
  ['test_CanMessage_V1_1.trc', 'trc', 11],
  ['test_CanMessage_V2_1.trc', 'trc', 11],
  ['test_CanMessage.blf', 'blf', 2],
  ['test_CanFdMessage.blf', 'blf', 2],
  ['savvycan-gvret-v1.csv', 'gvret-csv', 399],
  ['savvycan-candump.log', 'candump', 400],
  ['savvycan-crtd.txt', 'crtd', 299],
  ['savvycan-genericid.csv', 'generic-id-csv', 299],
  ['battery-emulator-zoe1.txt', 'battery-emulator', 124],
  ['all-kinds.log', 'candump', 7],
  ['all-kinds.pcap', 'pcap', 5],
  ['all-kinds.pcapng', 'pcapng', 5],
]

const sample = (name: string) => capture(`log-formats/${name}`)
/** Lines that are no frames in samples that have such. */
const REJECTS: Readonly<Record<string, Record<string, number>>> = {
  'battery-emulator-zoe1.txt': { comments: 5 },
  'test_CanMessage_V1_0_BUS1.trc': { 'reports of the state of the bus': 1 },
  'test_CanMessage_V1_1.trc': { 'reports of the state of the bus': 1 },
  'test_CanMessage_V2_1.trc': { 'reports of the state of the bus': 1 },
}

describe.skipIf(!hasCaptures)('samples of every format (skipped without the folder WATTZUP_CAPTURES)', () => {
  test.each(COUNTS)('%s is %s with %i frames', (name, format, count) => {
    const { frames, reader } = readLogFrames(sample(name))
    expect(reader.format).toBe(format)
    expect(frames).toHaveLength(count)
    expect(reader.tally.rejects).toEqual(REJECTS[name] ?? {})
    expect(reader.kind === 'binary' ? reader.damage : undefined).toBeUndefined()
  })

  test.each(COUNTS)('%s is the same behind a byte order mark, if it is text', name => {
    const plain = readLogFrames(sample(name))
    if (plain.reader.kind === 'binary') return
    const marked = readLogFrames(Buffer.concat([Buffer.from('\ufeff'), sample(name)]))
    expect([marked.reader.format, marked.frames]).toEqual([plain.reader.format, plain.frames])
    expect(marked.reader.tally).toEqual(plain.reader.tally)
  })

  test('one recording in two formats is the same', () => {
    const csv = readLogFrames(sample('savvycan-gvret-v1.csv')).frames
    const candump = readLogFrames(sample('savvycan-candump.log')).frames
    expect(contents(candump.slice(0, 399))).toEqual(contents(csv)) // the log has whole seconds only
    const crtd = readLogFrames(sample('savvycan-crtd.txt')).frames
    expect(crtd.map(frame => frame.replace(' rx', ''))).toEqual(csv.slice(0, 299))
    expect(contents(readLogFrames(sample('savvycan-genericid.csv')).frames)).toEqual(contents(csv.slice(0, 299)))
    expect(readLogFrames(sample('all-kinds.pcapng')).frames).toEqual(readLogFrames(sample('all-kinds.pcap')).frames)
  })

  test('ASC: kinds of frames of the long sample are those that python-can tells', () => {
    const kinds = readLogFrames(sample('logfile.asc')).frames.map(frame =>
      frame.includes(' error ')
        ? 'error'
        : frame.includes(' remote ')
          ? 'remote'
          : frame.includes(' fd ')
            ? 'fd'
            : 'data',
    )
    const count = (kind: string) => kinds.filter(other => other === kind).length
    expect([count('error'), count('remote'), count('data'), count('fd')]).toEqual([4, 4, 10, 2])
    expect(contents(readLogFrames(sample('issue_1299.asc')).frames)[2]).toBe('3FF tx dlc13 55AA010203040506')
  })

  test.each(Object.keys(WRITABLE_LOGS) as WritableFormat[])('every sample of candump comes back from %s', format => {
    for (const name of ['all-kinds.log', 'savvycan-candump.log']) {
      const log = Buffer.from(sample(name)).toString('latin1')
      const { bytes, frames, report } = writeLog(log.endsWith('\n') ? log : `${log}\n`, format)
      const back = readLogFrames(bytes)
      expect(back.frames).toHaveLength(frames)
      if (report.length === 0) expect(back.frames).toEqual(readLogFrames(log).frames)
    }
  })
})
