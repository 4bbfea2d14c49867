import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

// The code about the code: who may import whom, how large a file may grow, which words are banned.

const ROOT = join(import.meta.dirname, '..')

/** Rooms of packages/core/src and what each may import; the longest matching room counts. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  numeric: ['base'],
  stats: ['base', 'numeric'],
  model: ['base'],
  audit: ['base', 'numeric', 'stats', 'model'],
  evaluation: ['base', 'stats', 'model'],
  round: ['base', 'stats', 'record/format'],
  'record/format': ['base'],
  'record/sign': ['base', 'record/format'],
  'record/verify': ['base', 'record/format'],
  render: ['base', 'model', 'stats', 'audit', 'evaluation', 'round', 'record/format'],
  'index.ts': [
    'base',
    'numeric',
    'stats',
    'model',
    'audit',
    'evaluation',
    'round',
    'record',
    'render',
  ],
}

/** npm packages that each part of the repository may use. */
const MAY_DEPEND: Record<string, readonly string[]> = {
  'packages/core/src': [
    'zod',
    'yaml',
    'canonicalize',
    'decimal.js',
    '@noble/hashes',
    '@noble/curves',
  ],
  'packages/core/node': ['yaml', 'zod', '@noble/curves', '@noble/hashes', 'kysely', 'pg'],
  'packages/cli': ['@dokja/core', '@dokja/core/node', '@dokja/server', 'commander', 'picocolors'],
  'packages/server': ['@dokja/core', '@dokja/core/node', 'hono', '@hono/node-server'],
  'packages/web': ['@dokja/core'],
}

const BANNED_NAMES = /(^|[-/])(utils?|helpers?|common|shared|misc|manager)([-./]|$)/
const LINES_MAX = 400

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT })
  .toString()
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)))

const code = tracked.filter((path) => /\.(ts|tsx|js)$/.test(path) && !path.endsWith('.d.ts'))
const source = code.filter((path) => path.startsWith('packages/'))

type Import = { readonly file: string; readonly target: string; readonly isType: boolean }

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"\n]+)['"]/g,
  )
  const dynamic = text.matchAll(/import\(\s*['"]([^'"]+)['"]\s*\)/g)
  return [
    ...[...found].map((m) => ({ file, target: m[2]!, isType: m[1] !== undefined })),
    ...[...dynamic].map((m) => ({ file, target: m[1]!, isType: false })),
  ]
}

const resolveImport = (entry: Import): string => normalize(join(dirname(entry.file), entry.target))

function roomOf(path: string): string | undefined {
  if (!path.startsWith('packages/core/src/')) return undefined
  const inner = relative('packages/core/src', path)
  return Object.keys(MAY_IMPORT)
    .filter((room) => inner === room || inner.startsWith(`${room}/`))
    .sort((x, y) => y.length - x.length)[0]
}

const isTest = (path: string): boolean => /\.test\.ts$/.test(path) || path.includes('/testing/')

/** Faults of one import against the table; exported shape kept small so that it can be tested. */
function importFault(entry: Import): string | null {
  const from = roomOf(entry.file)
  if (from === undefined || isTest(entry.file) || !entry.target.startsWith('.')) return null
  const path = resolveImport(entry)
  if (!path.startsWith('packages/core/src/')) return `${entry.file} leaves the pure core: ${path}`
  const to = roomOf(path)
  if (to === undefined) return `${entry.file} imports ${path}, which is in no room`
  if (to === 'index.ts') return `${entry.file} imports its own package's index`
  const allowed = MAY_IMPORT[from] ?? []
  const isAllowed = to === from || allowed.some((room) => to === room || to.startsWith(`${room}/`))
  return isAllowed ? null : `${from} may not import ${to} (${entry.file} → ${path})`
}

describe('walls', () => {
  it('holds the import table of the pure core', () => {
    const faults = source
      .flatMap(importsOf)
      .map(importFault)
      .filter((fault) => fault !== null)
    expect(faults).toEqual([])
  })

  it('notices a planted fault', () => {
    const planted = {
      isType: false,
      file: 'packages/core/src/stats/x.ts',
      target: '../audit/result.ts',
    }
    expect(importFault(planted)).toContain('stats may not import audit')
    const leaving = {
      isType: false,
      file: 'packages/core/src/base/x.ts',
      target: '../../node/index.ts',
    }
    expect(importFault(leaving)).toContain('leaves the pure core')
  })

  it('lets web import types of the server only, and the cli load the server only when asked', () => {
    const faults = source.flatMap(importsOf).filter((entry) => {
      if (entry.target !== '@dokja/server') return false
      if (entry.file.startsWith('packages/web/')) return !entry.isType
      return !/commands\/(serve|worker)\.ts$/.test(entry.file)
    })
    expect(faults).toEqual([])
  })

  it('uses only the npm packages listed for each part', () => {
    const faults = source.flatMap(importsOf).filter((entry) => {
      if (entry.target.startsWith('.') || entry.target.startsWith('node:')) return false
      if (isTest(entry.file) || entry.file.endsWith('.bench.ts')) return false
      const part = Object.keys(MAY_DEPEND).find((prefix) => entry.file.startsWith(`${prefix}/`))
      const name = entry.target
      return !(MAY_DEPEND[part ?? ''] ?? []).some(
        (allowed) => name === allowed || name.startsWith(`${allowed}/`),
      )
    })
    expect(faults).toEqual([])
  })

  it('has no import cycles among source files', () => {
    const graph = new Map<string, string[]>()
    for (const file of source.filter((path) => !isTest(path))) {
      const targets = importsOf(file)
        .filter((entry) => entry.target.startsWith('.'))
        .map(resolveImport)
      graph.set(file, targets)
    }
    expect(findCycle(graph)).toEqual([])
  })

  it('finds a planted cycle', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
    ])
    expect(findCycle(graph).length).toBeGreaterThan(0)
  })
})

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>()
  const walk = (file: string, path: readonly string[]): string[] => {
    if (state.get(file) === 'done') return []
    if (state.get(file) === 'open') return [...path.slice(path.indexOf(file)), file]
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...path, file])
      if (cycle.length > 0) return cycle
    }
    state.set(file, 'done')
    return []
  }
  for (const file of graph.keys()) {
    const cycle = walk(file, [])
    if (cycle.length > 0) return cycle
  }
  return []
}

describe('habits', () => {
  it('keeps files within the hard limit', () => {
    const long = code
      .map((path) => [path, readFileSync(join(ROOT, path), 'utf8').split('\n').length] as const)
      .filter(([path, lines]) => lines > LINES_MAX && path.startsWith('packages/') && !isTest(path))
    expect(long).toEqual([])
  })

  it('gives no file a name that means nothing', () => {
    expect(code.filter((path) => BANNED_NAMES.test(path))).toEqual([])
  })

  it('never exports everything of a file', () => {
    const faults = source.filter((path) =>
      /^export \* /m.test(readFileSync(join(ROOT, path), 'utf8')),
    )
    expect(faults).toEqual([])
  })

  it('keeps clock and chance out of the pure core', () => {
    const faults = source.filter(
      (path) =>
        path.startsWith('packages/core/src/') &&
        !isTest(path) &&
        /Math\.random|Date\.now|new Date\(\)|performance\.now/.test(
          readFileSync(join(ROOT, path), 'utf8'),
        ),
    )
    expect(faults).toEqual([])
  })

  it('names no path of a machine and no registry host', () => {
    const pattern = new RegExp(
      ['/work/' + '(main|shared|\\.)', 'registry\\.' + 'npmjs', '/ro' + 'ot/'].join('|'),
    )
    const faults = tracked
      .filter((path) => !/\.(safetensors|png|onnx|bin)$/.test(path))
      .filter((path) => pattern.test(readFileSync(join(ROOT, path), 'utf8')))
    expect(faults).toEqual([])
  })

  it('has a method page for every test that a report can name', () => {
    const result = readFileSync(join(ROOT, 'packages/core/src/audit/result.ts'), 'utf8')
    const list = /TEST_NAMES = \[([\s\S]*?)\]/.exec(result)?.[1] ?? ''
    const names = [...list.matchAll(/^\s*'([a-z_0-9]+)'/gm)].map((m) => m[1]!)
    expect(names.length).toBeGreaterThan(12)
    const pages = tracked
      .filter((path) => path.startsWith('docs/methods/'))
      .map((path) => readFileSync(join(ROOT, path), 'utf8'))
      .join('\n')
    expect(names.filter((name) => !pages.includes(`\`${name}\``))).toEqual([])
  })

  it('links only to files that exist', () => {
    const faults = tracked
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => {
        const text = readFileSync(join(ROOT, path), 'utf8')
        return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
          .map((m) => ({ path, target: m[1]! }))
          .filter(({ target }) => !existsSync(join(ROOT, dirname(path), target)))
      })
    expect(faults).toEqual([])
  })
})
