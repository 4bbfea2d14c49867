import { beforeAll, describe, expect, it } from 'vitest'
import { simulatedShape } from '../../bench/power/cases.ts'
import { LOG10_ALPHA } from '../../bench/power/curve.ts'
import { bodyAgainst, mixture, phiUAgainst, simulatedModel, withNoise } from './diluted.ts'
import { type Loaded, load } from './transforms.ts'

// What the tests can see: a fraction of a descendant mixed into an independent model, noise on a
// copy, whether the detection limit that "no evidence" prints is kept, and how much less than φ_U
// needs is enough. The whole curves: npm run bench -- power.

let child: Loaded
let stranger: Loaded
let parent: Loaded
beforeAll(async () => {
  child = await load('cpt1')
  stranger = await load('s2')
  parent = await load('s1')
})

describe('power', () => {
  it.each([0.5, 0.2, 0.1])('finds %f of a descendant inside an independent model', async (t) => {
    const body = await bodyAgainst(mixture(stranger, child, t), child)
    expect(body.verdict).toBe('derived')
    expect(body.log10P).toBeLessThan(-9)
  })

  it('does not call a small mixture a shared seed', async () => {
    const body = await bodyAgainst(mixture(stranger, child, 0.1), child)
    expect(body.verdict).not.toBe('shared_initialisation')
  })

  it.each([1, 2])(
    'finds a copy under noise of %f standard deviations of each tensor',
    async (level) => {
      const body = await bodyAgainst(withNoise(parent, level, 'noise'), parent)
      expect(body.verdict).toBe('derived')
      expect(body.log10P).toBeLessThan(-9)
    },
  )

  it.each([
    ['sign_all', /mlp\.up_proj|self_attn\.[kv]_proj/],
    ['sign_up', /mlp\.up_proj/],
  ] as const)('keeps the detection limit of %s', async (test, where) => {
    const silent = await bodyAgainst(stranger, parent)
    const limit = silent.tests.find((entry) => entry.test === test)!.minDetectableCorrelation!
    if (test === 'sign_all') expect(silent.minDetectableCorrelation).toBe(limit)
    // Mix in as much of the reference as gives each row this correlation, and a little more.
    const planted = withCorrelation(1.3 * limit, where)
    const found = await bodyAgainst(planted, parent)
    const rejecting = found.tests.find((entry) => entry.test === test && entry.layer === null)!
    expect(rejecting.meanCorrelation).toBeGreaterThan(limit)
    expect(rejecting.log10PAdjusted).toBeLessThan(-9)
    expect(found.verdict).not.toBe('no_evidence')
  })
})

function withCorrelation(rho: number, where: RegExp): Loaded {
  const size = (v: Float32Array) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))
  const tensors = Object.entries(stranger.tensors).map(([name, { shape, values }]) => {
    if (!where.test(name)) return [name, { shape, values }] as const
    const other = parent.tensors[name]!.values
    const scale = (rho / Math.sqrt(1 - rho * rho)) * (size(values) / size(other))
    return [name, { shape, values: values.map((x, i) => x + scale * other[i]!) }] as const
  })
  return { ...stranger, tensors: Object.fromEntries(tensors) }
}

describe('a tenth of what φ_U needs is enough', () => {
  // Simulated weights: independent normal rows of width 128, 512 hidden units, 4 layers.
  const SHAPE = simulatedShape(128, 512, 4)
  const DRAWS = [0, 1, 2]
  const found = (log10Ps: readonly number[]) => log10Ps.filter((p) => p <= LOG10_ALPHA).length

  it('of a descendant in an independent model', async () => {
    const share = 0.014
    const [dokja, phiU]: [number[], number[]] = [[], []]
    for (const draw of DRAWS) {
      const descendant = simulatedModel(SHAPE, `descendant ${draw}`)
      const other = simulatedModel(SHAPE, `stranger ${draw}`)
      dokja.push((await bodyAgainst(mixture(other, descendant, share), descendant)).log10P ?? 0)
      phiU.push(phiUAgainst(mixture(other, descendant, 10 * share), descendant))
    }
    expect(found(dokja)).toBeGreaterThanOrEqual(2)
    expect(found(phiU)).toBeLessThan(2)
  })

  it('under ten times the noise', async () => {
    const level = 6.8
    const [dokja, phiU]: [number[], number[]] = [[], []]
    for (const draw of DRAWS) {
      const original = simulatedModel(SHAPE, `descendant ${draw}`)
      const noisy = (noise: number) => withNoise(original, noise, `noise ${draw}`)
      dokja.push((await bodyAgainst(noisy(10 * level), original)).log10P ?? 0)
      phiU.push(phiUAgainst(noisy(level), original))
    }
    expect(found(dokja)).toBeGreaterThanOrEqual(2)
    expect(found(phiU)).toBeLessThan(2)
  })
})
