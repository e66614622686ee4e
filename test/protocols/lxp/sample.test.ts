import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { sampleFiles } from './sample.ts'

const ROOT = join(import.meta.dirname, '../../..')

test.each([...sampleFiles()])('%s is as it was made', (name, bytes) => {
  const path = join(ROOT, name)
  if (process.env['WATTZUP_WRITE_SAMPLES'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
  expect(readFileSync(path)).toEqual(Buffer.from(bytes))
})
