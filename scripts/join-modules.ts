import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { type InputOptions, type OutputChunk, type Plugin, rolldown } from 'rolldown'

// Joins the modules of the command into a few scripts and compiles them, from which it starts in a third of
// the time: most of a start is finding, linking and compiling five hundred modules. packages/cli/bin/dokja.js takes them
// while every source they were made of is as it was, and the sources themselves otherwise.
//   node scripts/join-modules.ts

const ROOT = join(import.meta.dirname, '..')
const PACKAGES = join(ROOT, 'packages') + sep
const ENTRY = join(ROOT, 'packages', 'cli', 'src', 'main.ts')
const COMMANDS = join(ROOT, 'packages', 'cli', 'src', 'commands')
const JOINED = join(ROOT, 'packages', 'cli', 'joined')
const FACADE = 'command.js'
/** Packages that every start loads. Others stay where npm put them. */
const INLINED = [
  '@dokja/',
  '@noble/',
  '@oxc-project/runtime',
  'canonicalize',
  'commander',
  'decimal.js',
  'picocolors',
  'yaml',
  'zod',
]
/** What most commands import and few runs use: loading one takes milliseconds, so the first use does. */
const ON_USE = ['node:child_process', 'node:crypto', 'node:worker_threads', 'yaml']
const ON_USE_MARK = '\0on-use:'

/** Files beside a module (kernels, workers, the catalogue) are found from where its source lies. */
const placesOfSources: Plugin = {
  name: 'places-of-sources',
  transform(code, id) {
    if (!id.startsWith(PACKAGES) || !code.includes('import.meta')) return null
    const place = (path: string) =>
      `process.getBuiltinModule('node:path').join(__dirname, ${JSON.stringify(
        relative(JOINED, path).split(sep).join('/'),
      )})`
    return code
      .replaceAll(
        'import.meta.url',
        `process.getBuiltinModule('node:url').pathToFileURL(${place(id)}).href`,
      )
      .replaceAll('import.meta.dirname', place(dirname(id)))
  },
}

/** Stands for a package with an object whose properties load it when they are read. */
const loadedOnUse: Plugin = {
  name: 'loaded-on-use',
  resolveId: (name, importer) =>
    ON_USE.includes(name) && !importer?.startsWith(ON_USE_MARK) ? ON_USE_MARK + name : null,
  async load(id) {
    if (!id.startsWith(ON_USE_MARK)) return null
    const name = id.slice(ON_USE_MARK.length)
    // A part of Node that is required would be required at the head of the file.
    const loaded = isBuiltin(name) ? `process.getBuiltinModule('${name}')` : `require('${name}')`
    const properties = Object.keys(await import(name))
      .filter((key) => /^\w+$/.test(key) && key !== 'default')
      .map((key) => `get ${key}() { return ${loaded}.${key} }`)
    return `module.exports = { ${properties.join(',\n')} }`
  },
}

const isInlined = (name: string): boolean =>
  /^[./\0]/.test(name) || ON_USE.includes(name) || INLINED.some((start) => name.startsWith(start))

const reading = (entry: string): InputOptions => ({
  // From wherever this runs.
  cwd: ROOT,
  input: entry,
  platform: 'node',
  external: (name) => !isInlined(name),
  plugins: [placesOfSources, loadedOnUse],
  // No module does anything when it is loaded but the first one: each command gets what it uses.
  treeshake: { moduleSideEffects: (id) => id === ENTRY },
})

/** Modules that an entry loads at once. */
async function modulesOf(entry: string): Promise<ReadonlySet<string>> {
  const alone = await rolldown(reading(entry))
  const { output } = await alone.generate()
  await alone.close()
  return modulesFrom(
    [output[0]],
    output.filter((one) => one.type === 'chunk'),
  )
}

/** Of chunks and of all that they import. */
function modulesFrom(
  begin: readonly OutputChunk[],
  chunks: readonly OutputChunk[],
  importsOf = (chunk: OutputChunk): readonly string[] => chunk.imports,
): ReadonlySet<string> {
  const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const seen = new Set<OutputChunk>()
  const open = [...begin]
  for (let chunk = open.pop(); chunk; chunk = open.pop()) {
    if (seen.has(chunk)) continue
    seen.add(chunk)
    open.push(...importsOf(chunk).flatMap((one) => named.get(one) ?? []))
  }
  return new Set([...seen].flatMap((chunk) => Object.keys(chunk.modules)))
}

/** Scripts, since Node links modules much slower; names stay, for those who read a stack. */
async function joinModules(): Promise<{ chunks: OutputChunk[]; sources: string[] }> {
  const ofStart = await modulesOf(ENTRY)
  const ofComparison = await modulesOf(join(COMMANDS, 'compare.ts'))
  const build = await rolldown(reading(ENTRY))
  const { output } = await build.write({
    dir: JOINED,
    format: 'cjs',
    exports: 'named',
    minify: { compress: true, mangle: false, codegen: true },
    entryFileNames: FACADE,
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: {
      groups: [
        { name: 'start', test: (id) => ofStart.has(id), priority: 2 },
        { name: 'comparison', test: (id) => ofComparison.has(id), priority: 1 },
      ],
    },
  })
  const sources = (await build.watchFiles).filter((file) => file.startsWith(PACKAGES))
  await build.close()
  return { chunks: output.filter((one) => one.type === 'chunk'), sources }
}

/**
 * As `require` wraps a module, with escapes for all signs that are not ASCII: text that is read as it lies.
 * In String.raw, which only makes patterns here, an escape means its sign too.
 */
async function wrap({ fileName }: OutputChunk): Promise<void> {
  const path = join(JOINED, fileName)
  const plain = (await readFile(path, 'utf8')).replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  await writeFile(path, `(function (exports, require, module, __filename, __dirname) {${plain}\n})`)
}

/** Compiles what a comparison runs; without it every start compiles as it goes. */
function keepCompiled(): void {
  const models = ['sft1', 's1'].map((name) => join(ROOT, 'testdata', 'models', name))
  const code = `
    const { ended, keepCompiled } = require(${JSON.stringify(join(JOINED, 'main.js'))})
    ended.then(keepCompiled)`
  // Room for all of it: code that collections find unused is let go. Other flags V8 would note, and
  // refuse the code where they are not set. The status of a comparison is its verdict.
  const room = ['--min-semi-space-size=64', '--max-semi-space-size=64']
  spawnSync(process.execPath, [...room, '-e', code, 'dokja', 'compare', ...models, '--json'])
}

/** Sources of all files that a command may load, now or later: those of every start among them. */
function sourcesOf(command: string, chunks: readonly OutputChunk[]): ReadonlySet<string> {
  const holding = (file: string) => chunks.filter(({ modules }) => Object.hasOwn(modules, file))
  const start = holding(ENTRY)
  // Every start names all commands, and loads one.
  const later = (chunk: OutputChunk) => (start.includes(chunk) ? [] : chunk.dynamicImports)
  return modulesFrom([...start, ...holding(command)], chunks, (chunk) => [
    ...chunk.imports,
    ...later(chunk),
  ])
}

/** As main.ts lists them. */
async function namesOfCommands(): Promise<string[]> {
  const found = (await readFile(ENTRY, 'utf8')).matchAll(/import\('\.\/commands\/([a-z]+)\.ts'\)/g)
  return [...found].map(([, name]) => name as string)
}

type Noted = readonly [file: string, size: number, mtimeMs: number]

async function note(file: string): Promise<readonly [string, Noted]> {
  const { size, mtimeMs } = await stat(file)
  return [file, [relative(JOINED, file), size, mtimeMs]]
}

await rm(JOINED, { recursive: true, force: true })
await mkdir(JOINED)
await writeFile(join(JOINED, 'package.json'), '{"type":"commonjs"}')
const { chunks, sources } = await joinModules()
const noted = await Promise.all(sources.map(note))
for (const chunk of chunks) await wrap(chunk)
await copyFile(join(import.meta.dirname, 'joined-main.cjs'), join(JOINED, 'main.js'))
keepCompiled()

// Written last: without these lists nothing here is used.
const write = (name: string, list: typeof noted) =>
  writeFile(join(JOINED, name), JSON.stringify(list.map(([, one]) => one)))
const held = new Set(chunks.flatMap((chunk) => Object.keys(chunk.modules)))
for (const command of await namesOfCommands()) {
  const own = sourcesOf(join(COMMANDS, `${command}.ts`), chunks)
  // What no file holds was passed on the way to what they hold, and counts for every command.
  const list = noted.filter(([file]) => own.has(file) || !held.has(file))
  await write(`sources-${command}.json`, list)
}
await write('sources.json', noted)
