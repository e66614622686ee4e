import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

interface Source {
  /** Path below src/. */
  readonly path: string
  readonly text: string
  /** The text without comments, and with nothing in its strings. */
  readonly code: string
  /** Paths below src/ that it imports, at once or when needed. */
  readonly imports: readonly string[]
  /** Packages and modules of Node. */
  readonly packages: readonly string[]
}

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.ts'))
  .sort()
  .map(read)

function read(path: string): Source {
  const text = readFileSync(join(SRC, path), 'utf8')
  const plain = withoutComments(text)
  const names = [...plain.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name!)
  return {
    path,
    text,
    code: plain.replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''"),
    imports: names.filter(name => name.startsWith('.')).map(name => posix.normalize(posix.join(dirname(path), name))),
    packages: names.filter(name => !name.startsWith('.')),
  }
}

/** Comments are found where they begin a line or follow a blank: `//` stands in strings too, but never so. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}

/** The folder of src/ that a file is in; files straight in src/ join the others and are the pipeline. */
function layerOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : 'pipeline'
}

/** The device family of a file below protocols/; what all families share has none. */
function familyOf(path: string): string | undefined {
  const [, family, rest] = path.split('/')
  return rest === undefined ? undefined : family
}

const BELOW_CLI = ['core', 'decode', 'framing', 'transport', 'explore', 'sinks', 'protocols', 'pipeline']

/** What the files of a layer may import beside those of their own layer. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  decode: ['core'],
  framing: ['core'],
  transport: ['core'],
  explore: ['core'],
  sinks: ['core'],
  protocols: ['decode', 'framing', 'explore', 'core'],
  pipeline: BELOW_CLI,
  cli: BELOW_CLI,
}

function isAllowed(from: string, to: string): boolean {
  const [layer, target] = [layerOf(from), layerOf(to)]
  if (target !== layer) return ALLOWED[layer]?.includes(target) ?? false
  if (layer !== 'protocols') return true
  const [own, family] = [familyOf(from), familyOf(to)]
  return own === undefined || family === undefined || own === family
}

describe('imports', () => {
  test('are found in the sources at all', () => {
    const main = sources.find(({ path }) => path === 'cli/main.ts')!
    expect(main.imports).toContain('core/errors.ts')
    expect(main.imports).toContain('cli/commands/canlog.ts')
    expect(main.packages).toContain('commander')
  })

  test('go in one direction: cli, pipeline, protocols, then decode, framing, explore, transport and sinks, then core', () => {
    const breaches = sources.flatMap(({ path, imports }) =>
      imports.filter(to => !to.startsWith('..') && !isAllowed(path, to)).map(to => `${path} -> ${to}`),
    )
    expect(breaches).toEqual([])
  })

  test('leave src/ for package.json only', () => {
    const outside = sources.flatMap(({ imports }) => imports.filter(to => to.startsWith('..')))
    expect([...new Set(outside)]).toEqual(['../package.json'])
  })

  test('of Node in core are none, so that it runs anywhere', () => {
    const node = sources.filter(({ path }) => path.startsWith('core/')).flatMap(({ packages }) => packages)
    expect(node).toEqual([])
  })

  test('know every layer', () => {
    expect(
      [...new Set(sources.map(({ path }) => layerOf(path)))].filter(layer => ALLOWED[layer] === undefined),
    ).toEqual([])
  })
})

/** Where time, chance and the process come from; start.ts only loads what process.ts is bundled into. */
const OWNERS = ['core/clock.ts', 'cli/process.ts', 'cli/start.ts']

const LONGEST = 250

describe('every source', () => {
  const matching = (pattern: RegExp, but: readonly string[] = []) =>
    sources.filter(({ path, code }) => !but.includes(path) && pattern.test(code)).map(({ path }) => path)

  test('takes time, chance and the process as arguments', () => {
    const words =
      /\b(process|setTimeout|setInterval|setImmediate)\b|\b(Date\.now|Math\.random|performance\.now|console\.\w+)\b/
    expect(matching(words, OWNERS)).toEqual([])
    expect(matching(/\bnew Date\(\)/, ['core/clock.ts'])).toEqual([])
  })

  test('has named exports, and no file that only hands on those of others', () => {
    expect(matching(/\bexport default\b|\bas default\b/)).toEqual([])
    expect(matching(/^(?:\s*export\s+(?:type\s+)?(?:\*|\{[^}]*\})[^\n]*\bfrom\s+''\s*)+$/)).toEqual([])
  })

  test('has no any, no enum and no namespace', () => {
    expect(matching(/([:<|&]|=>|\bas)\s*any\b(?!\s*:)|\bany\[\]|,\s*any\s*>/)).toEqual([])
    expect(matching(/^\s*(export\s+)?(const\s+)?(enum|namespace)\s+\w/m)).toEqual([])
  })

  test(`has at most ${LONGEST} lines`, () => {
    const lengths = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    expect(lengths.filter(({ lines }) => lines > LONGEST)).toEqual([])
  })

  test('is not a drawer for everything', () => {
    expect(
      sources.map(({ path }) => path).filter(path => /(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(path)),
    ).toEqual([])
  })
})
