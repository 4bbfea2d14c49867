import type { Role } from '../../model/role.ts'
import { exactSum } from '../../numeric/exact-sum.ts'
import { isAllFinite } from '../../numeric/kernels.ts'
import { type OpenModel, tensorOf } from '../technical/measure-signs.ts'
import { readRows } from '../technical/read-rows.ts'
import { labelOf } from './content-hashes.ts'
import type { NormSketch } from './fingerprint.ts'

/** Norm weights of the commonest length, each centred and written in 8 bits; null without any. */
export async function sketchNorms(
  model: OpenModel,
  roles: readonly Role[],
): Promise<NormSketch | null> {
  const norms = roles.filter(
    (role) => role.kind === 'norm' && role.part === 'weight' && role.view.cols === 1,
  )
  const lengths = Map.groupBy(norms, (role) => role.view.rows)
  const [dims = 0, chosen = []] =
    [...lengths].sort((x, y) => y[1].length - x[1].length || y[0] - x[0])[0] ?? []
  if (chosen.length === 0) return null
  const sorted = [...chosen].sort((x, y) => (x.layer ?? 1e9) - (y.layer ?? 1e9))
  const scales = new Float32Array(sorted.length)
  const values = new Int8Array(sorted.length * dims)
  for (const [at, role] of sorted.entries()) {
    const read = await readRows(model.source, tensorOf(model, role), {
      view: role.view,
      ranges: [{ first: 0, count: dims }],
      nonFinite: 'keep',
    })
    // Scale 0 stands for a vector that says nothing.
    if (isAllFinite(read)) scales[at] = quantise(read, values.subarray(at * dims, (at + 1) * dims))
  }
  return { dims, places: sorted.map(labelOf), scales, values }
}

/** Centres, then rounds to 127 steps each way; returns the step, 0 for a vector that is constant. */
function quantise(values: Float32Array, target: Int8Array): number {
  const mean = exactSum(Float64Array.from(values)) / values.length
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value - mean))
  // Rounding noise of a constant is no information.
  if (largest <= 1e-6 * Math.abs(mean)) return 0
  const step = Math.fround(largest / 127)
  for (let i = 0; i < values.length; i++) {
    target[i] = Math.max(-127, Math.min(127, Math.round(((values[i] as number) - mean) / step)))
  }
  return step
}

/**
 * Pearson correlations of the norm vectors that stand at the same place in both; constant ones
 * are left out. An empirical figure: norms are born constant, so what they share was learned.
 */
export function normCorrelations(
  a: NormSketch,
  b: NormSketch,
  /** Layers that stand elsewhere in `b`; empty where all stand at their own places. */
  layerMap: readonly { readonly candidate: number; readonly reference: number }[] = [],
): number[] {
  if (a.dims !== b.dims) return []
  const moved = new Map(layerMap.map((entry) => [`${entry.candidate}`, `${entry.reference}`]))
  const correlations: number[] = []
  for (const [at, place] of a.places.entries()) {
    const other = b.places.indexOf(placeAlong(place, moved))
    if (other < 0 || a.scales[at] === 0 || b.scales[other] === 0) continue
    const { dims } = a
    correlations.push(
      pearson(
        a.values.subarray(at * dims, (at + 1) * dims),
        b.values.subarray(other * dims, (other + 1) * dims),
      ),
    )
  }
  return correlations
}

/** A label begins with its layer. */
function placeAlong(place: string, moved: ReadonlyMap<string, string>): string {
  const [layer = '', ...rest] = place.split('/')
  return [moved.get(layer) ?? layer, ...rest].join('/')
}

function pearson(x: Int8Array, y: Int8Array): number {
  let [sx, sy, xx, yy, xy] = [0, 0, 0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [u, v] = [x[i] as number, y[i] as number]
    sx += u
    sy += v
    xx += u * u
    yy += v * v
    xy += u * v
  }
  const n = x.length
  const spread = (n * xx - sx * sx) * (n * yy - sy * sy)
  return spread > 0 ? (n * xy - sx * sy) / Math.sqrt(spread) : 0
}
