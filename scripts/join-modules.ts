import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

// Joins the modules of the command into a few files, from which it starts in half the time: most of a
// start is finding and linking five hundred modules. packages/cli/bin/dokja.js takes them while every
// source they were made of is as it was, and the sources themselves otherwise.
//   node scripts/join-modules.ts

const ROOT = join(import.meta.dirname, '..')
const ENTRY = join(ROOT, 'packages', 'cli', 'src', 'main.ts')
const JOINED = join(ROOT, 'packages', 'cli', 'joined')
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

/** Files beside a module (kernels, workers, the catalogue) are found from where its source lies. */
const placesOfSources: Plugin = {
  name: 'places-of-sources',
  transform(code, id) {
    if (!id.startsWith(join(ROOT, 'packages') + sep) || !code.includes('import.meta')) return null
    const place = (path: string) => JSON.stringify(relative(JOINED, path).split(sep).join('/'))
    return code
      .replaceAll('import.meta.url', `new URL(${place(id)}, import.meta.url).href`)
      .replaceAll(
        'import.meta.dirname',
        `process.getBuiltinModule('node:path').join(import.meta.dirname, ${place(dirname(id))})`,
      )
  },
}

const isInlined = (name: string): boolean =>
  name.startsWith('.') || name.startsWith('/') || INLINED.some((start) => name.startsWith(start))

await rm(JOINED, { recursive: true, force: true })
await mkdir(JOINED)
const build = await rolldown({
  input: ENTRY,
  platform: 'node',
  external: (name) => !isInlined(name),
  plugins: [placesOfSources],
  // No module does anything when it is loaded but the first one: each command gets what it uses.
  treeshake: { moduleSideEffects: (id) => id === ENTRY },
})
await build.write({ dir: JOINED, format: 'esm', entryFileNames: 'main.js' })
const sources = (await build.watchFiles).filter((file) =>
  file.startsWith(join(ROOT, 'packages') + sep),
)
await build.close()

/** Written last: without it nothing here is used. */
const noted = await Promise.all(
  sources.map(async (file) => {
    const { size, mtimeMs } = await stat(file)
    return [relative(JOINED, file), size, mtimeMs] as const
  }),
)
await writeFile(join(JOINED, 'sources.json'), JSON.stringify(noted))
