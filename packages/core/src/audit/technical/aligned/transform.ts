import type { JsonValue } from '../../../base/canonical-json.ts'
import { digestJson } from '../../../base/digest.ts'
import type { ComponentName } from '../../../model/role.ts'
import { transposeRows } from '../../../numeric/column-maps.ts'
import { dot, normSquared } from '../../../numeric/kernels.ts'
import { type RowMatrix, rowOf } from '../../../numeric/row-matrix.ts'
import type { RecoveredTransform } from '../../result.ts'
import type { MeasureContext } from '../measure-context.ts'
import { type ModelPart, partOf, readMatrix, roleAt } from './folded-layers.ts'
import { matchedCount, type UnitMatch } from './match-rows.ts'
import { mapRows, type ResidualMap } from './residual-map.ts'

/** One pair of layers whose units were matched, with sign and scale of each candidate unit. */
export type LayerTransform = {
  readonly candidate: number
  readonly reference: number
  readonly match: UnitMatch
  /** reference up row ≈ scale · mapped candidate up row; 0 where unmatched. */
  readonly scales: Float64Array
}

export type TransformParts = {
  readonly map: ResidualMap
  readonly width: { readonly candidate: number; readonly reference: number }
  readonly layers: readonly LayerTransform[]
}

/**
 * Sign of the correlation of matched up rows and the ratio of their lengths. The ratio rather than
 * the regression slope: noise in both rows shrinks a slope, and a replay with shrunk scales would
 * blow up the down projection.
 */
export function unitScales(
  candidate: RowMatrix,
  reference: RowMatrix,
  match: UnitMatch,
): Float64Array {
  return Float64Array.from(match, (to, from) => {
    if (to < 0) return 0
    const [x, y] = [rowOf(candidate, from), rowOf(reference, to)]
    const size = normSquared(x)
    if (size === 0) return 0
    return Math.sign(dot(x, y)) * Math.sqrt(normSquared(y) / size)
  })
}

export type HeldOut = { readonly correlation: number; readonly error: number }

/**
 * Replays the transform on the down projections, which nothing in its recovery has looked at:
 * the column of a candidate unit, mapped and divided by its scale, beside the column of the
 * reference unit. Correlation over all matched units, and relative error ‖D₂ − λT(D₁)‖/‖D₂‖ with one
 * λ > 0 fitted for each layer, since further training may grow or shrink a matrix as a whole.
 */
export async function replayDown(
  context: MeasureContext,
  component: ComponentName,
  parts: TransformParts,
): Promise<HeldOut | null> {
  const a = partOf(context, component, 'candidate')
  const b = partOf(context, component, 'reference')
  if (!a || !b) return null
  const sums = { xy: 0, xx: 0, yy: 0, left: 0 }
  for (const layer of parts.layers) {
    const own = await unitColumns(a, layer.candidate)
    const other = await unitColumns(b, layer.reference)
    if (!own || !other) continue
    const mapped = mapRows(own, parts.map)
    if (mapped.columns !== other.columns) continue
    const { xy, xx, yy } = productsOf(mapped, other, layer)
    sums.xy += xy
    sums.xx += xx
    sums.yy += yy
    sums.left += xx > 0 && xy > 0 ? yy - xy ** 2 / xx : yy
  }
  if (!(sums.xx > 0 && sums.yy > 0)) return null
  return {
    correlation: sums.xy / Math.sqrt(sums.xx * sums.yy),
    error: Math.sqrt(Math.max(0, sums.left) / sums.yy),
  }
}

function productsOf(mapped: RowMatrix, other: RowMatrix, layer: LayerTransform) {
  let [xy, xx, yy] = [0, 0, 0]
  layer.match.forEach((to, from) => {
    const scale = layer.scales[from] ?? 0
    if (to < 0 || scale === 0) return
    const [x, y] = [rowOf(mapped, from), rowOf(other, to)]
    xy += dot(x, y) / scale
    xx += normSquared(x) / scale ** 2
    yy += normSquared(y)
  })
  return { xy, xx, yy }
}

/** Columns of the down projection as rows, [units, width]. */
async function unitColumns(part: ModelPart, layer: number): Promise<RowMatrix | null> {
  const role = roleAt(part, 'down', { layer, expert: null })
  return role ? transposeRows(await readMatrix(part.model, role)) : null
}

/** Numbers printed in full; above this the digest and the way to recompute it must do. */
const NUMBERS_MAX = 65_536

export function printedTransform(
  parts: TransformParts,
  heldOut: HeldOut | null,
): RecoveredTransform {
  const residual = printedMap(parts)
  const layers = parts.layers.map(({ candidate, reference, match, scales }) => ({
    candidate,
    reference,
    matched: matchedCount(match),
    of: match.length,
    units: Array.from(match),
    scales: Array.from(scales, (scale) => Number(scale.toPrecision(6))),
  }))
  const digest = digestJson({ residual, layers } as unknown as JsonValue)
  const numbers =
    (residual.axes?.length ?? 0) +
    (residual.matrix?.length ?? 0) +
    layers.reduce((sum, layer) => sum + 2 * layer.units.length, 0)
  if (numbers <= NUMBERS_MAX) return { residual, layers, heldOut, digest }
  const { kind, matched, of } = residual
  return {
    residual: { kind, matched, of },
    layers: layers.map(({ units: _, scales: __, ...rest }) => rest),
    heldOut,
    digest,
  }
}

function printedMap({ map, width }: TransformParts): RecoveredTransform['residual'] {
  switch (map.kind) {
    case 'identity':
      return { kind: 'identity', matched: width.reference, of: width.reference }
    case 'signed_permutation':
      return {
        kind: 'signed_permutation',
        matched: map.source.reduce((count, from) => count + Number(from >= 0), 0),
        of: map.source.length,
        axes: Array.from(map.source, (from, to) =>
          from < 0 ? 0 : (map.sign[to] ?? 1) * (from + 1),
        ),
      }
    case 'rotation':
      return {
        kind: 'rotation',
        matched: map.rotation.size,
        of: map.rotation.size,
        matrix: Array.from(map.rotation.data, (x) => Number(x.toPrecision(9))),
      }
  }
}
