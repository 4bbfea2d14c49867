import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import asc from 'assemblyscript/asc'

// Compiles the kernels of packages/core/wasm. With --check nothing is written: it fails where a
// committed .wasm is not what its source compiles to.
//   node scripts/build-wasm.ts [--check]

const FOLDER = join(import.meta.dirname, '..', 'packages', 'core', 'wasm')
export const KERNELS = [
  'code-sizes',
  'json-counts',
  'row-pairs',
  'row-products',
  'scaled-columns',
  'sketch-scan',
  'stream-sums',
] as const
/** Imported by kernels; no modules of their own. */
const SHARED = ['lanes.ts', 'row-distances.ts']

/**
 * Memory that a kernel has from the start, in pages of 64 KiB, of which only those in use take any: a memory
 * that grows slows every loop over numbers in the process from then on. More is grown where it is needed.
 */
const PAGES: Readonly<Record<string, number>> = { 'json-counts': 704, 'row-products': 512 }

/** Kernels that work in a memory which is given to them. */
const WITHOUT_MEMORY = ['code-sizes', 'row-pairs', 'scaled-columns', 'stream-sums']

export async function compileKernel(name: string): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined
  const result = await asc.main(
    [
      `${name}.ts`,
      '--outFile',
      `${name}.wasm`,
      '--optimizeLevel',
      '3',
      '--shrinkLevel',
      '0',
      '--noAssert',
      '--runtime',
      'stub',
      '--enable',
      'simd',
      ...(WITHOUT_MEMORY.includes(name) ? ['--importMemory'] : []),
      ...(PAGES[name] === undefined ? [] : ['--initialMemory', `${PAGES[name]}`]),
    ],
    {
      readFile: (file) => {
        if (![`${name}.ts`, ...SHARED].includes(file)) return null
        return readFileSync(join(FOLDER, file), 'utf8')
      },
      writeFile: (_, content) => {
        if (typeof content !== 'string') compiled = content
      },
      listFiles: () => [],
    },
  )
  if (result.error || compiled === undefined) {
    throw result.error ?? new Error(`${name}: nothing was compiled\n${result.stderr.toString()}`)
  }
  return compiled
}

if (import.meta.main) {
  const isCheck = argv.includes('--check')
  for (const name of KERNELS) {
    const path = join(FOLDER, `${name}.wasm`)
    const compiled = await compileKernel(name)
    if (!isCheck) writeFileSync(path, compiled)
    else if (Buffer.compare(readFileSync(path), compiled) !== 0) {
      console.error(`error: ${name}.wasm is not what ${name}.ts compiles to`)
      console.error('hint: node scripts/build-wasm.ts')
      process.exitCode = 1
    }
  }
}
