import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderRegistry } from '../packages/core/node/registry/folder-registry.ts'
import { fileNameOf } from '../packages/core/node/registry/registry-folder.ts'
import { sketchKernel } from '../packages/core/node/registry/sketch-kernel.ts'
import type { Fingerprint } from '../packages/core/src/audit/registry/fingerprint.ts'
import { encodeFingerprint } from '../packages/core/src/audit/registry/fingerprint-file.ts'
import { registryTokenizers } from '../packages/core/src/audit/registry/registry-tokenizers.ts'
import { searchRegistry } from '../packages/core/src/audit/registry/search-registry.ts'
import type { Sketch } from '../packages/core/src/audit/registry/sketch.ts'
import { createRng } from '../packages/core/src/base/rng.ts'

// A whole search of a registry folder, from files: simulated fingerprints of 7B models with 32 KiB of
// sketches and 289 × 16 hashed blocks each. Every search runs in a process of its own, so that its peak of
// memory can be told: it must not grow with the registry.

const SIZES = [250, 1000, 4000]
const MATRICES = 289
const BLOCKS = 16

export async function benchPackedSearch(runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dokja-bench-registry-'))
  try {
    await mkdir(join(folder, 'models'))
    let written = 0
    for (const models of SIZES) {
      for (; written < models; written++) {
        const fingerprint = simulated(written)
        const path = join(folder, 'models', fileNameOf(fingerprint))
        await writeFile(path, encodeFingerprint(fingerprint))
      }
      report(models, folder, runs)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function report(models: number, folder: string, runs: number): void {
  const { seconds: first } = searchAside(folder)
  const searches = Array.from({ length: runs }, () => searchAside(folder))
  const [{ seconds, baseRates, memoryBytes }] = searches.sort((x, y) => x.seconds - y.seconds) as [
    Figures,
  ]
  const packs = join(folder, 'packs')
  const bytes = readdirSync(packs).reduce((sum, name) => sum + statSync(join(packs, name)).size, 0)
  const rate = Math.round(models / seconds).toLocaleString('en')
  console.log(
    `${models.toLocaleString('en').padStart(6)} models: packed and searched in ${first.toFixed(1)} s, searched from packs in ${seconds.toFixed(2)} s (${rate} models/s), base rates in ${baseRates.toFixed(2)} s, peak of ${(memoryBytes / 1e6).toFixed(0)} MB, packs of ${(bytes / models / 1e3).toFixed(0)} kB a model`,
  )
}

type Figures = {
  readonly seconds: number
  /** For the base rates of tokenizers after that, in seconds. */
  readonly baseRates: number
  readonly memoryBytes: number
}

function searchAside(folder: string): Figures {
  return JSON.parse(execFileSync(process.execPath, [import.meta.filename, folder]).toString())
}

async function searchHere(folder: string): Promise<void> {
  const suspect = simulated(-1)
  const started = performance.now()
  const store = folderRegistry(folder)
  const scanner = sketchKernel()
  const search = await searchRegistry(suspect, store, { scanner })
  if (search.hits.length > 0 || search.models === 0) {
    throw new Error('random bits were found to be related')
  }
  const seconds = (performance.now() - started) / 1000
  const context = { registry: store, catalogue: null, scanner }
  const tokenizers = await registryTokenizers(suspect, search, context)
  if (tokenizers?.models !== search.models) throw new Error('a tokenizer was passed over')
  await store.close()
  const baseRates = (performance.now() - started) / 1000 - seconds
  console.log(JSON.stringify({ seconds, baseRates, memoryBytes: peakBytes() } satisfies Figures))
}

/** Of this process alone: getrusage counts that of the parent before it became this program. */
function peakBytes(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

function simulated(model: number): Fingerprint {
  const rng = createRng(`simulated model ${model}`)
  const bytes = (count: number) => {
    const words = new Uint32Array(count / 4)
    for (let i = 0; i < words.length; i++) words[i] = rng.nextUint32()
    return new Uint8Array(words.buffer)
  }
  const sketch = (role: 'up' | 'value'): Sketch => ({
    role,
    width: 4096,
    layers: 32,
    rowsPerLayer: 64,
    bits: bytes(32 * 64 * 8),
    valid: new Uint8Array(32 * 8).fill(255),
    signs: { units: 2048, positiveFirst: 1024, positiveLargest: 1024, positiveSum: 1024 },
  })
  return {
    source: { id: `simulated/${model}`, commit: null, files: [], date: '2026-01-15' },
    model: {
      format: 'safetensors',
      modelType: 'llama',
      licence: null,
      parameters: 7e9,
      layerCount: 32,
      tensorCount: 291,
      inventoryDigest: `sha256:${'0'.repeat(64)}`,
      config: {},
    },
    claims: { baseModels: [], saysFromScratch: false, licence: null },
    tokenizer: { tokens: 32_000, buckets: new Uint32Array(bytes(1024).buffer) },
    components: [
      {
        component: 'language_model',
        parameters: 7e9,
        dtype: 'BF16',
        sketches: [sketch('up'), sketch('value')],
        content: Array.from({ length: MATRICES }, (_, at) => ({
          label: `${at}/gate`,
          rows: 11_008,
          cols: 4096,
          hashes: bytes(BLOCKS * 16),
        })),
        norms: null,
      },
    ],
  }
}

if (import.meta.main) await searchHere(process.argv[2] ?? '')
