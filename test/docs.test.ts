import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { addCanlogOptions } from '../src/cli/canlog-flags.ts'
import type { Io } from '../src/cli/io.ts'
import { main } from '../src/cli/main.ts'
import { type FakeIo, fakeIo } from './fake-io.ts'
import { LiveWorld } from './live-world.ts'
import { until } from './until.ts'

/*
 * Every command that the documents show is run here, and what they show of its output has to be what it prints.
 *
 * A block ```console holds commands, each behind `$ ` and followed by the first lines of its standard output; `...` as
 * the last line says that it goes on, and within a line that something was left out. Commands run from the repository's root. They may be joined by `|` and `&&`, show
 * standard error with `2>&1`, and use `cat`, `head -N`, `tail -N` and `cut -cA-B`. Files that commands write stay in
 * memory until the end of the block. A command with `&` at its end goes on until the end of the block, and the time of
 * such a block passes as fast as its programs let it. A block with a path in its first line, ```json folder/name.json, is a file that the
 * commands of its document may name.
 */

process.env['TZ'] = 'UTC'

const ROOT = join(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'wattzup-docs-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Fence {
  /** Words behind the opening backticks. */
  readonly info: readonly string[]
  /** Line number of the fence. */
  readonly line: number
  readonly text: readonly string[]
}

interface Example {
  readonly command: string
  readonly shown: readonly string[]
}

interface Document {
  readonly name: string
  readonly text: string
  readonly fences: readonly Fence[]
}

const documents = ['README.md', ...markdownFiles(join(ROOT, 'docs'))].map(readDocument)

for (const document of documents) {
  describe(document.name, () => {
    const own = ownFiles(document)
    const folder = writeFiles(own)
    for (const fence of document.fences) {
      if (fence.info[0] !== 'console') continue
      const examples = examplesOf(fence)
      test(`prints what line ${fence.line} shows: ${examples[0]?.command}`, async () => {
        await using shell = new Shell(new Map(own), folder)
        for (const { command, shown } of examples) {
          const { text, status } = await shell.run(command)
          expect(firstLines(text, shown)).toEqual(shown)
          if (!command.includes('2>&1')) expect(status, command).toBe(0)
        }
      })
    }

    test('links to files and headings that exist', () => {
      expect(brokenLinks(document)).toEqual([])
    })
  })
}

test('the page of canlog describes every option and shows it at work', () => {
  const page = documents.find(({ name }) => name === 'docs/commands/canlog.md')!
  const names = addCanlogOptions(new Command())
    .options.flatMap(({ long, short }) => [long, short])
    .filter(name => name)
  const tables = page.text.match(/^\|.*$/gm)!.join('\n')
  const commands = page.fences.flatMap(({ text }) => text.filter(line => line.startsWith('$ '))).join('\n')
  expect(names.filter(name => !new RegExp(`\`${name}(?![\\w-])`).test(tables))).toEqual([])
  expect(names.filter(name => !new RegExp(` ${name}(?![\\w-])`).test(commands))).toEqual([])
})

test('a command line is taken apart as a shell does it', () => {
  expect(tokensOf(`wattzup x --a='1 2' "b c"|head -3 2>&1 && cat f`)).toEqual([
    ...['wattzup', 'x', '--a=1 2', 'b c', { operator: '|' }, 'head', '-3', { operator: '2>&1' }],
    ...[{ operator: '&&' }, 'cat', 'f'],
  ])
})

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.md'))
    .map(file => relative(ROOT, join(folder, file)))
    .sort()
}

function readDocument(name: string): Document {
  const text = readFileSync(join(ROOT, name), 'utf8')
  return { name, text, fences: fencesOf(text) }
}

function fencesOf(text: string): Fence[] {
  const fences: Fence[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    if (!lines[at]!.startsWith('```')) continue
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`the block of line ${at + 1} has no end`)
    fences.push({ info: lines[at]!.slice(3).trim().split(/\s+/), line: at + 1, text: lines.slice(at + 1, end) })
    at = end
  }
  return fences
}

/** Commands of a block with what follows them; a backslash at the end of a line goes on with the next. */
function examplesOf({ text, line }: Fence): Example[] {
  const examples: { command: string; shown: string[] }[] = []
  for (let at = 0; at < text.length; at++) {
    let own = text[at]!
    if (!own.startsWith('$ ')) {
      if (examples.length === 0) throw new Error(`the block of line ${line} does not begin with a command`)
      examples.at(-1)!.shown.push(own)
      continue
    }
    while (own.endsWith('\\')) own = own.slice(0, -1) + text[++at]!
    examples.push({ command: own.slice(2), shown: [] })
  }
  return examples
}

/** As many lines as are shown; the dots if more follow where dots are shown, all lines where none are. */
function firstLines(text: string, shown: readonly string[]): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  if (shown.at(-1) !== '...') return elided(lines, shown)
  const count = shown.length - 1
  return lines.length > count ? [...elided(lines.slice(0, count), shown), '...'] : lines
}

/** Lines with `...` for what the document leaves out of them, where they are like that. */
function elided(lines: readonly string[], shown: readonly string[]): string[] {
  return lines.map((line, i) => {
    const pattern = shown[i] ?? ''
    if (!pattern.includes('...')) return line
    const parts = pattern.split('...').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return new RegExp(`^${parts.join('.*')}$`).test(line) ? pattern : line
  })
}

type Token = string | { readonly operator: string }

function tokensOf(line: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(?:(2>&1|&&|\|)|((?:'[^']*'|"[^"]*"|[^\s|&'"])+))/y
  const text = line.trimEnd()
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) throw new Error(`cannot take apart: ${line}`)
    const [, operator, word = ''] = match
    tokens.push(operator === undefined ? word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2') : { operator })
  }
  return tokens
}

interface Result {
  readonly text: string
  readonly status: number
}

/** Runs the commands of one block. */
class Shell implements AsyncDisposable {
  readonly #files: Map<string, Uint8Array>
  readonly #folder: string
  readonly #jobs: { readonly io: FakeIo; readonly done: Promise<number> }[] = []
  #live: LiveWorld | undefined

  /** `folder` is where the document's own files are on disk. */
  constructor(files: Map<string, Uint8Array>, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  /** Runs a line; in the background if it ends with `&`. */
  async run(line: string): Promise<Result> {
    if (!line.endsWith(' &')) {
      const running = runLine(line, this.#files, this.#folder, this.#live)
      return this.#live === undefined ? running : this.#live.while(running)
    }
    this.#live ??= new LiveWorld()
    const [program, ...args] = tokensOf(line.slice(0, -2)).filter(token => typeof token === 'string')
    if (program !== 'wattzup') throw new Error(`the test knows no program ${program}`)
    const io = fakeIo(args, { ...this.#live, files: Object.fromEntries(this.#files) })
    this.#jobs.push({ io, done: main(io) })
    await this.#live.while(until(() => io.stderr !== ''))
    return done('')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { io, done } of this.#jobs) {
      io.abort()
      const status = await this.#live!.while(done)
      expect(status, io.stderr).toBe(0)
    }
  }
}

/** Runs pipelines joined by `&&`. The status is that of the first stage that failed, as with `pipefail`. */
async function runLine(
  line: string,
  files: Map<string, Uint8Array>,
  folder: string,
  live: LiveWorld | undefined,
): Promise<Result> {
  let text = ''
  let failed = 0
  for (const pipeline of split(tokensOf(line), '&&')) {
    let input: string | undefined
    for (const stage of split(pipeline, '|')) {
      const words = stage.filter(token => typeof token === 'string').flatMap(word => expanded(word, files))
      const args = words.map((word, i) => (words[i - 1] === '--structs' ? join(folder, word) : moved(word, folder)))
      const result = await runStage(
        args,
        input,
        stage.some(token => typeof token !== 'string'),
        files,
        live,
      )
      failed ||= result.status
      input = result.text
    }
    text += input ?? ''
    if (failed !== 0) break
  }
  return { text, status: failed }
}

/** What `*` stands for in names of files that earlier commands wrote. */
function expanded(word: string, files: ReadonlyMap<string, Uint8Array>): string[] {
  if (!word.includes('*')) return [word]
  const pattern = word.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const names = [...files.keys()].filter(path => new RegExp(`^${pattern.join('[^/]*')}$`).test(path))
  return names.length === 0 ? [word] : names.sort()
}

/** Definitions are read from disk, not through `Io`. */
function moved(word: string, folder: string): string {
  const [option, path] = word.split('=')
  return option === '--structs' && path !== undefined ? `--structs=${join(folder, path)}` : word
}

function split(tokens: readonly Token[], operator: string): Token[][] {
  const parts: Token[][] = [[]]
  for (const token of tokens) {
    if (typeof token !== 'string' && token.operator === operator) parts.push([])
    else parts.at(-1)!.push(token)
  }
  return parts
}

async function runStage(
  words: readonly string[],
  input: string | undefined,
  withErrors: boolean,
  files: Map<string, Uint8Array>,
  live: LiveWorld | undefined,
): Promise<Result> {
  const [program, ...rest] = words[0] === 'npx' ? words.slice(1) : words
  const [option = ''] = rest
  const lines = () => (input ?? '').split(/(?<=\n)/)
  if (program === 'cat') return done(rest.map(path => contentOf(path, files)).join(''))
  if (program === 'head') return done(lines().slice(0, -Number(option)).join(''))
  if (program === 'tail') return done(lines().slice(Number(option)).join(''))
  if (program === 'cut')
    return done(
      lines()
        .map(line => cut(line, option))
        .join(''),
    )
  if (program !== 'wattzup') throw new Error(`the test knows no program ${program}`)
  const io = fakeIo(rest, {
    stdin: input ?? '',
    stdinIsTerminal: input === undefined,
    files: Object.fromEntries(files),
    ...live,
  })
  const status = await main(withErrors ? joined(io) : io)
  for (const [path, bytes] of io.files.contents) files.set(path, bytes)
  return { text: io.stdout, status }
}

function done(text: string): Result {
  return { text, status: 0 }
}

/** Standard error goes where standard output goes. */
function joined(io: FakeIo): Io {
  return Object.create(io, { err: { value: io.out } }) as Io
}

function contentOf(path: string, files: ReadonlyMap<string, Uint8Array>): string {
  const bytes = files.get(path)
  return bytes === undefined ? readFileSync(join(ROOT, path), 'utf8') : Buffer.from(bytes).toString('utf8')
}

/** `-c1-100`, for a line that may end with a line end. */
function cut(line: string, option: string): string {
  const [, from, to] = /^-c(\d*)-(\d*)$/.exec(option) ?? []
  if (from === undefined) throw new Error(`cut takes -cA-B here, not ${option}`)
  const end = line.endsWith('\n') ? '\n' : ''
  return line.slice(0, line.length - end.length).slice(Number(from || 1) - 1, to ? Number(to) : undefined) + end
}

/** The files that a document contains, by path. */
function ownFiles({ fences }: Document): Map<string, Uint8Array> {
  const named = fences.filter(({ info }) => info[0] !== 'console' && info[1]?.includes('/'))
  return new Map(named.map(({ info, text }) => [info[1]!, Buffer.from(`${text.join('\n')}\n`)]))
}

/** Writes files to a new folder; gives its path. */
function writeFiles(files: ReadonlyMap<string, Uint8Array>): string {
  const folder = mkdtempSync(join(scratch, 'page-'))
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
  }
  return folder
}

function brokenLinks({ name, text }: Document): string[] {
  const prose = withoutFences(text).replace(/`[^`\n]*`/g, '')
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]!).filter(link => !link.includes(':'))
  return targets.filter(link => {
    const [path = '', heading] = link.split('#')
    try {
      const target = path === '' ? text : readFileSync(join(ROOT, dirname(name), path), 'utf8')
      return heading !== undefined && !headingsOf(target).has(heading)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'EISDIR'
    }
  })
}

/** The names by which links reach the headings of a page. */
function headingsOf(text: string): Set<string> {
  const titles = [...withoutFences(text).matchAll(/^#+ (.*)$/gm)].map(match => match[1]!)
  return new Set(
    titles.map(title =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function withoutFences(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '')
}
