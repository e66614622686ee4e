import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { watchFile, writtenAt } from '../../src/transport/watch-file.ts'
import { until } from '../until.ts'

const folder = mkdtempSync(join(tmpdir(), 'wattzup-watch-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a file that is watched', () => {
  test('is told to have changed when it is made, written, and replaced by another', async () => {
    const path = join(folder, 'a.json')
    let changes = 0
    using _ = watchFile(path, () => changes++)
    for (const change of [
      () => writeFileSync(path, '1'),
      () => writeFileSync(path, '2'),
      () => {
        writeFileSync(join(folder, 'a.part'), '3')
        renameSync(join(folder, 'a.part'), path)
      },
      () => writeFileSync(path, '4'), // of the other one, too
    ]) {
      const before = changes
      change()
      await until(() => changes > before)
    }
  })

  test('may be in a folder that is not there', () => {
    using _ = watchFile(join(folder, 'none', 'a.json'), () => {})
    expect(writtenAt(join(folder, 'none', 'a.json'))).toBeUndefined()
  })

  test('tells when it was written', () => {
    const path = join(folder, 'b.json')
    writeFileSync(path, '1')
    expect(Math.abs(writtenAt(path)! - Date.now())).toBeLessThan(60_000)
  })
})
