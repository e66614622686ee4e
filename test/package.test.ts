import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const ROOT = join(import.meta.dirname, '..')
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>
}
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Readonly<Record<string, unknown>>
const packages = Object.entries(lock.packages).filter(([path]) => path !== '')

describe('package-lock.json', () => {
  test('names no hosts', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })

  test('pins every package by version and content', () => {
    expect(packages.filter(([, { version, integrity }]) => !version || !integrity).map(([path]) => path)).toEqual([])
  })

  test('holds what packages need on other platforms too, or npm ci fails there', () => {
    const wanted = packages.flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}))
    expect(wanted.filter(name => !packages.some(([path]) => path.endsWith(`node_modules/${name}`)))).toEqual([])
  })
})

test('package.json pins exact versions', () => {
  for (const group of ['dependencies', 'optionalDependencies', 'devDependencies']) {
    for (const version of Object.values(manifest[group] as Record<string, string>))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  }
})
