/**
 * Builds dist/: one CommonJS bundle per entry, because a CommonJS entry starts 5 ms sooner than an ES module and
 * `require` loads only what a command needs. What bundles share by identity (error classes, commander) is an entry
 * of its own; packages that only some runs need stay in node_modules and load when they are used.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const commands = readdirSync(join(root, 'src/cli/commands')).filter(file => file.endsWith('.ts'))

/** Modules that several bundles load as one instance: what they are imported as, and their bundle. */
const SHARED = [
  [/^commander$/, 'commander'],
  [/\/core\/errors\.ts$/, 'errors'],
]

const split = {
  name: 'split',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/commands\/[a-z-]+\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: `./${basename(path, '.ts')}.cjs`, external: true } : undefined,
    )
    for (const [filter, name] of SHARED) {
      onResolve({ filter }, ({ kind }) =>
        kind === 'entry-point' ? undefined : { path: `./${name}.cjs`, external: true },
      )
    }
    // commander wants it for subcommands in files of their own; we have none, and loading it takes a millisecond
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('commander') ? { path: 'child_process', namespace: 'unused' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
  },
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
mkdirSync(join(root, 'dist'))
await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/cli/start.ts', out: 'start' },
    { in: 'src/cli/process.ts', out: 'main' },
    { in: 'src/core/errors.ts', out: 'errors' },
    { in: 'commander', out: 'commander' },
    ...commands.map(file => ({ in: `src/cli/commands/${file}`, out: basename(file, '.ts') })),
  ],
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  define: { 'import.meta.dirname': '__dirname' },
  minify: process.env['WATTZUP_READABLE'] !== '1', // readable names for a profiler
  legalComments: 'linked',
  supported: { 'dynamic-import': false }, // becomes require: no ES module loader at start-up
  external: ['csv-parse', 'koffi', 'mqtt', 'serialport', 'socketcan'],
  logLevel: 'warning',
  plugins: [split],
})

// Runs whose compiled code is kept: see src/cli/start.ts. Each keeps what it loaded.
const sample = 'samples/ecoflow/powerkit.log'
const packets = [1, 2].map(number => `samples/lxp/2026-0301-100000.192_0_2_7.000${number}.bin`)
for (const args of [
  ['structs', 'list'],
  ['modbus', 'analyze', ...packets, ...packets, ...packets],
  ['canlog', sample, '--rec', '--sum'],
]) {
  execFileSync(process.execPath, ['bin/wattzup.js', ...args], {
    cwd: root,
    env: { ...process.env, WATTZUP_WRITE_CODE_CACHE: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
