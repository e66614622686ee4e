/** Runs a TypeScript file of this folder as one bundle, as what ships is one: loading it costs nothing that counts. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

/** Bundles `name` into `folder`; gives the path of the bundle. */
export async function bundle(name, folder) {
  const out = join(folder, `${basename(name, '.ts')}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, name)],
    outfile: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['koffi', 'mqtt', 'serialport', 'socketcan', 'aedes'],
    define: { 'import.meta.dirname': JSON.stringify(join(import.meta.dirname, '..')) },
    logLevel: 'warning',
  })
  return out
}

/** Runs `name` in a process of its own with options for Node and arguments; what it prints is printed. */
export async function runBundled(name, options, ...args) {
  const folder = mkdtempSync(join(tmpdir(), 'wattzup-bench-'))
  try {
    const file = await bundle(name, folder)
    const { status } = spawnSync(process.execPath, [...options, file, ...args], { stdio: 'inherit' })
    if (status !== 0) throw new Error(`${name} failed`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
