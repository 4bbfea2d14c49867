import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../packages/core/node/index.ts'
import { sketchKernel } from '../../packages/core/node/registry/sketch-kernel.ts'
import { buildAtlas } from '../../packages/core/src/audit/registry/atlas.ts'
import {
  COPIES_DEVIATION,
  compareSketches,
  deviationOf,
  testCounts,
} from '../../packages/core/src/audit/registry/compare-sketches.ts'
import { sketchDirections, sketchRows } from '../../packages/core/src/audit/registry/directions.ts'
import type { Fingerprint } from '../../packages/core/src/audit/registry/fingerprint.ts'
import { fingerprintModel } from '../../packages/core/src/audit/registry/fingerprint-model.ts'
import { memoryRegistry } from '../../packages/core/src/audit/registry/memory-registry.ts'
import { packRuns } from '../../packages/core/src/audit/registry/packed-sketches.ts'
import { scanRows } from '../../packages/core/src/audit/registry/scan-rows.ts'
import {
  type RegistrySearch,
  searchRegistry,
} from '../../packages/core/src/audit/registry/search-registry.ts'
import {
  correlationOf,
  rowStatistics,
  type Sketch,
} from '../../packages/core/src/audit/registry/sketch.ts'
import { createRng } from '../../packages/core/src/base/rng.ts'
import type { TensorSource } from '../../packages/core/src/model/checkpoint.ts'
import { log10BinomialHalfTail } from '../../packages/core/src/stats/log-tails.ts'
import { signTest } from '../../packages/core/src/stats/sign-test.ts'
import {
  binomialGoodnessOfFit,
  kolmogorovSmirnov,
} from '../../packages/core/src/stats/uniformity.ts'
import { lineage, MODELS, subModel } from './models.ts'

const SILENT = ['no_evidence', 'not_testable']
const DATE = '2026-01-15'

const fingerprint = (source: TensorSource, id: string) =>
  fingerprintModel(source, { source: { id, commit: null, files: [], date: DATE } })

describe('a registry of all test models', () => {
  const fingerprints = new Map<string, Fingerprint>()
  const searches = new Map<string, RegistrySearch>()

  beforeAll(async () => {
    const names = readdirSync(MODELS, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(calibration|training)$/.test(entry.name))
      .map((entry) => entry.name)
    for (const name of names) {
      const source = await openCheckpoint(join(MODELS, name))
      fingerprints.set(name, await fingerprint(source, name))
      await source.close()
    }
    for (const [name, own] of fingerprints) {
      const others = [...fingerprints.values()].filter((other) => other !== own)
      searches.set(
        name,
        await searchRegistry(own, memoryRegistry(others), { scanner: sketchKernel() }),
      )
    }
  }, 60_000)

  /** Verdict of a component of the candidate against one reference of the search. */
  function verdictOf(candidate: string, reference: string, component: string): string {
    const hit = searches
      .get(candidate)!
      .hits.find(({ comparison }) => comparison.reference.id === reference)
    const found = hit?.comparison.components.find((entry) => entry.component === component)
    return found?.verdict ?? 'no_evidence'
  }

  it('finds every relative of the lineage, component by component', () => {
    let found = 0
    for (const { candidate, reference, expected } of lineage.pairs) {
      for (const [component, verdict] of Object.entries(expected)) {
        if (component === 'tokenizer' || SILENT.includes(verdict)) continue
        // Without norm weights of their own and with 48 columns, GELU embeddings have no sketch.
        if (candidate.startsWith('gpt2') && component === 'embeddings') continue
        const place = `${candidate} > ${reference}: ${component}`
        expect(SILENT, place).not.toContain(verdictOf(candidate, reference, component))
        found++
      }
    }
    expect(found).toBeGreaterThan(30)
  })

  it('accuses nobody who is independent', () => {
    let silent = 0
    for (const { candidate, reference, expected } of lineage.pairs) {
      for (const [component, verdict] of Object.entries(expected)) {
        if (component === 'tokenizer' || verdict !== 'no_evidence') continue
        const place = `${candidate} > ${reference}: ${component}`
        expect(SILENT, place).toContain(verdictOf(candidate, reference, component))
        silent++
      }
    }
    expect(silent).toBeGreaterThan(50)
    for (const name of ['s3', 'd9', 'twin-untrained', 'moe-own1', 'qvl-honest', 'vlm-honest']) {
      expect(searches.get(name)!.hits, name).toEqual([])
    }
  })

  it('is not fooled by two publishers who chose the same sign convention', () => {
    const canon = ['canon-s1', 'canon-s2'].map(
      (name) =>
        fingerprints
          .get(name)!
          .components.find((entry) => entry.component === 'language_model')!
          .sketches.find((sketch) => sketch.role === 'up')!,
    )
    expect(compareSketches(canon[0]!, canon[1]!)).toEqual({
      kind: 'untestable',
      reason: 'sign_convention',
    })
  })

  it.each([
    ['qvl-donor', 'visual.', 'qvl-borrowed-tuned', 'derived'],
    ['vlm-donor', 'vision_tower.', 'vlm-borrowed-frozen', 'identical'],
    ['vlm-donor', 'vision_tower.', 'vlm-borrowed-tuned', 'derived'],
  ])(
    'finds an encoder that is registered on its own: %s %s in %s',
    async (donor, prefix, borrower, verdict) => {
      const source = await openCheckpoint(join(MODELS, donor))
      const config = source.checkpoint.config as { readonly vision_config?: unknown }
      const bare = await fingerprint(subModel(source, prefix, config.vision_config), 'bare encoder')
      await source.close()
      const { hits } = await searchRegistry(fingerprints.get(borrower)!, memoryRegistry([bare]))
      const dependent = hits.flatMap(({ comparison }) =>
        comparison.components.filter((component) => !SILENT.includes(component.verdict)),
      )
      expect(dependent).toMatchObject([{ component: 'vision_encoder', verdict }])
      expect(dependent[0]!.log10P).toBeLessThan(-9)
    },
  )

  it('finds layers at other places where the depth differs', async () => {
    const child = fingerprints.get('sft1')!
    const pruned: Fingerprint = {
      ...child,
      components: child.components.map((component) => ({
        ...component,
        sketches: component.sketches
          .filter(({ role }) => role !== 'residual')
          .map((sketch) => ({
            ...sketch,
            layers: 2,
            bits: sketch.bits.slice(64 * 8),
            valid: sketch.valid.slice(8),
          })),
      })),
    }
    const references = memoryRegistry(
      ['s2', 's1', 'd9', 's3'].map((name) => fingerprints.get(name)!),
    )
    const search = await searchRegistry(pruned, references, { scanner: sketchKernel() })
    expect(search.hits.map(({ comparison }) => comparison.reference.id)).toEqual(['s1'])
    const body = search.hits[0]!.comparison.components.find(
      (component) => component.component === 'language_model',
    )!
    expect(body.layerMap?.map(({ candidate, reference }) => [candidate, reference])).toEqual([
      [0, 1],
      [1, 2],
    ])
    // Two families, four references: two aligned tests and four cells off the diagonal of 2 × 3.
    expect(search.hypotheses).toBe(4 * 2 * (1 + 4))
    expect(await searchRegistry(pruned, references)).toEqual(search)
  })

  it('names the nearest relatives first, and says which it cannot tell apart', () => {
    const { hits } = searches.get('sft1b')!
    const body = (id: string) =>
      hits
        .find(({ comparison }) => comparison.reference.id === id)!
        .comparison.components.find(({ component }) => component === 'language_model')!
    const order = hits.map(({ comparison }) => comparison.reference.id)
    expect(order.indexOf('s1')).toBeLessThan(order.indexOf('cpt1'))
    expect(order.indexOf('sft1')).toBeLessThan(order.indexOf('cpt1'))
    expect(body('cpt1').verdict).toBe('common_origin')
    expect(body('s1').verdict).toBe('derived')
    expect(body('s1').reasons.map(({ code }) => code)).toContain('equally_close')
  })

  it('draws the line of cpt1 to the base of the family, not to a sibling', () => {
    for (const names of [
      ['s1', 'sft1', 'sft1b', 'cpt1'],
      ['cpt1', 'sft1b', 'sft1', 's1'],
    ]) {
      const atlas = buildAtlas(names.map((name) => fingerprints.get(name)!))
      const [family] = atlas.families
      const lines = family!.tree.map(({ first, second }) => [names[first]!, names[second]!].sort())
      expect(lines.sort()).toEqual([
        ['cpt1', 's1'],
        ['s1', 'sft1'],
        ['s1', 'sft1b'],
      ])
      const ofCpt1 = family!.tree.find(({ first, second }) =>
        [names[first], names[second]].includes('cpt1'),
      )!
      expect(ofCpt1.isTied).toBe(true)
    }
  })

  it('says what its silence is worth', () => {
    const { silent, hypotheses, models } = searches.get('s3')!
    const body = silent!.components.find((entry) => entry.component === 'language_model')!
    expect(models).toBe(fingerprints.size - 1)
    expect(hypotheses).toBeGreaterThan(models)
    expect(body.verdict).toBe('no_evidence')
    expect(body.minDetectableCorrelation).toBeGreaterThan(0.1)
    expect(body.minDetectableCorrelation).toBeLessThan(0.7)
  })

  it('gives the same answer with the kernel and with the plain loop', async () => {
    for (const name of ['cpt1', 'vlm-borrowed-tuned', 's3']) {
      const own = fingerprints.get(name)!
      const others = [...fingerprints.values()].filter((other) => other !== own)
      expect(await searchRegistry(own, memoryRegistry(others))).toEqual(searches.get(name))
    }
  })
})

describe('independent models', () => {
  const models: Fingerprint[] = []

  beforeAll(async () => {
    const folder = join(MODELS, 'calibration')
    const config = JSON.parse(readFileSync(join(folder, 'swiglu-config.json'), 'utf8'))
    for (let file = 0; file < 7; file++) {
      const source = await openCheckpoint(join(folder, `swiglu-0${file}.safetensors`))
      const names = [...new Set(source.checkpoint.tensors.map((t) => `${t.name.split('.')[0]}.`))]
      for (const name of names) {
        models.push(await fingerprint(subModel(source, name, config), name))
      }
      await source.close()
    }
  }, 120_000)

  const sketchesOf = (role: Sketch['role']) =>
    models.map((model) => model.components.flatMap((c) => c.sketches).find((s) => s.role === role)!)

  it.each(['up', 'value', 'residual'] as const)('sketch_%s: signs are fair coins', (role) => {
    const sketches = sketchesOf(role)
    const rng = createRng('sketch calibration').fork(role)
    const uniform: number[] = []
    const results = []
    for (let pair = 0; pair + 1 < sketches.length; pair += 2) {
      const result = compareSketches(sketches[pair]!, sketches[pair + 1]!)
      if (result.kind !== 'tested') throw new Error('a calibration model has no signs')
      uniform.push(randomisedP(result.test.positive, result.test.n, rng.nextFloat()))
      results.push(result.test)
    }
    expect(results).toHaveLength(210)
    expect(kolmogorovSmirnov(uniform).log10P).toBeGreaterThan(-3)
    const counts = Map.groupBy(results, (result) => result.n)
    const [trials, same] = [...counts].sort((x, y) => y[1].length - x[1].length)[0]!
    const fit = binomialGoodnessOfFit(
      same.map((result) => result.positive),
      { trials, probability: 0.5 },
    )
    if (fit) expect(fit.log10P).toBeGreaterThan(-3)
    for (const level of [0.1, 0.01]) {
      const below = results.filter((result) => result.log10P <= Math.log10(level)).length
      expect(below).toBeLessThan(level * 210 + 4 * Math.sqrt(level * 210))
    }
  })

  it('never reach the level: 19,900 pairs, three families each', async () => {
    const scanners = (['up', 'value', 'residual'] as const).map((role) =>
      sketchesOf(role).slice(0, 200),
    )
    let [pairs, smallest] = [0, 0]
    for (const sketches of scanners) {
      const owned = sketches.map((sketch, position) => ({ owner: { entry: '', position }, sketch }))
      const [run, ...others] = packRuns(owned)
      expect(others).toEqual([])
      const scan = sketchKernel()(run!)
      for (const [at, sketch] of sketches.entries()) {
        scan(sketch).forEach((counts, other) => {
          if (other >= at) return
          pairs++
          if (deviationOf(counts) < 3.4) return
          smallest = Math.min(smallest, testCounts(counts)?.log10P ?? 0)
        })
      }
    }
    expect(pairs).toBe((3 * 200 * 199) / 2)
    expect(smallest).toBeGreaterThan(-9)
  }, 60_000)

  it('are silent to a search of the whole set', async () => {
    const [first, ...others] = models
    const search = await searchRegistry(first!, memoryRegistry(others), {
      scanner: sketchKernel(),
    })
    expect(search).toMatchObject({ models: 419, compared: 419, hits: [] })
  })

  it('give the same p-value from counts and from the statistics themselves', () => {
    const [a, b] = sketchesOf('up')
    const c = rowStatistics(a!, b!, { fromA: 0, fromB: 0, count: 128 })
    const direct = signTest(c)
    const counted = testCounts(scanRows(a!, b!))!
    if (direct.kind !== 'tested') throw new Error('no signs')
    expect(counted.log10P).toBeCloseTo(direct.log10P, 10)
    expect([counted.n, counted.positive]).toEqual([direct.n, direct.positive])
  })
})

describe('layers of one model', () => {
  it('are no copies of each other where their rows deviate by less than the screen', () => {
    const hoeffding = -(COPIES_DEVIATION ** 2) / 2 / Math.LN10
    let smallest = hoeffding
    for (let n = 1; n <= 4096; n++) {
      // The largest number of equal signs that stays below the screen.
      const k = Math.ceil((n + COPIES_DEVIATION * Math.sqrt(n)) / 2) - 1
      smallest = Math.min(smallest, log10BinomialHalfTail(Math.min(n, k), n))
    }
    // Two sides and two statistics; copies need 10⁻⁴ at least.
    expect(smallest + Math.log10(4)).toBeGreaterThan(-3)
  })
})

describe('power', () => {
  // Simulated rows: a suspect whose rows hold a part of another model's.
  const width = 256
  const rows = 2048
  const directions = sketchDirections('up', width)
  const draw = (seed: string) => {
    const rng = createRng(seed)
    return Float32Array.from({ length: rows * width }, () => rng.nextNormal())
  }
  const asSketch = (values: Float32Array): Sketch => ({
    role: 'up',
    width,
    layers: rows / 64,
    rowsPerLayer: 64,
    ...sketchRows(values, width, directions),
    signs: { units: 0, positiveFirst: 0, positiveLargest: 0, positiveSum: 0 },
  })

  it('grows with the mixed fraction as the formula says', () => {
    const [a, noise] = [draw('parent'), draw('own')]
    const parent = asSketch(a)
    for (const fraction of [0.02, 0.05, 0.1, 0.2]) {
      const own = Math.sqrt(1 - fraction * fraction)
      const mixed = asSketch(a.map((x, i) => fraction * x + own * (noise[i] ?? 0)))
      const { log10P, meanC } = testCounts(scanRows(parent, mixed))!
      expect(Math.abs(correlationOf(meanC) - fraction)).toBeLessThan((4 * 0.2) / Math.sqrt(rows))
      // log10 p ≈ −N·(0.64·ρ)²·64²/(2·8²)/ln 10: −1.5, −9, −36, −145 for these fractions.
      const expected = (-rows * (0.6366 * fraction * 64) ** 2) / 128 / Math.LN10
      expect(log10P).toBeLessThan(expected * 0.5 + 1)
      expect(log10P).toBeGreaterThan(expected * 1.6 - 4)
    }
  })
})

/** P(K > k) + u·P(K = k) for fair coins: uniform if the signs are fair, whatever n is. */
function randomisedP(k: number, n: number, u: number): number {
  let term = 0.5 ** n
  let [above, at] = [0, 0]
  for (let i = 0; i <= n; i++) {
    if (i === k) at = term
    if (i > k) above += term
    term = (term * (n - i)) / (i + 1)
  }
  return Math.min(1, above + u * at)
}
