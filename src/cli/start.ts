/**
 * Loads the bundles with the code that V8 compiled for them when they were built: parsing them anew is a tenth of the
 * time of a short run, and cron starts one every minute. A cache of another version of V8 is refused by V8 and costs
 * nothing but its reading.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Script } from 'node:vm'

interface Bundle {
  readonly script: Script
  readonly module: { exports: unknown }
}

const bundles = new Map<string, Bundle>()
const requirePackage = createRequire(__filename)
const BUNDLE = /^\.\/([a-z-]+)\.cjs$/

function load(name: string): unknown {
  const known = bundles.get(name)
  if (known !== undefined) return known.module.exports
  const file = `${__dirname}/${name}.cjs`
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'utf8')}\n})`
  const cachedData = cacheOf(name)
  const script = new Script(source, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) })
  const bundle: Bundle = { script, module: { exports: {} } }
  bundles.set(name, bundle)
  script.runInThisContext()(bundle.module.exports, requireFrom, bundle.module, file, __dirname)
  return bundle.module.exports
}

function requireFrom(id: string): unknown {
  const name = BUNDLE.exec(id)?.[1]
  return name === undefined ? requirePackage(id) : load(name)
}

function cacheOf(name: string): Buffer | undefined {
  try {
    return readFileSync(`${__dirname}/${name}.cache`)
  } catch {
    return undefined // built without, or by hand
  }
}

// the build runs a few commands like this, so that the cache holds the functions that runs begin with
if (process.env['WATTZUP_WRITE_CODE_CACHE'] === '1') {
  process.on('exit', () => {
    for (const [name, { script }] of bundles) writeFileSync(`${__dirname}/${name}.cache`, script.createCachedData())
  })
}

load('main')
