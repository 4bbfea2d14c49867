import type { JsonValue } from '../../../base/canonical-json.ts'
import { digestBytes, digestJson } from '../../../base/digest.ts'
import type { ComponentName } from '../../../model/role.ts'
import { dot, normSquared } from '../../../numeric/kernels.ts'
import { type RowMatrix, rowOf } from '../../../numeric/row-matrix.ts'
import type { RecoveredTransform } from '../../result.ts'
import type { MeasureContext } from '../measure-context.ts'
import { type ModelPart, type Place, partOf, roleAt } from './folded-layers.ts'
import { matchedCount, type UnitMatch } from './match-rows.ts'
import { mapRows, type ResidualMap } from './residual-map.ts'
import { rowSource, takeColumns } from './row-source.ts'

/** One pair of layers whose units were matched, with sign and scale of each candidate unit. */
export type LayerTransform = {
  readonly candidate: number
  readonly reference: number
  /** Null: the dense MLP of the layer. */
  readonly expert: number | null
  readonly referenceExpert: number | null
  readonly match: UnitMatch
  /** reference up row ≈ scale · mapped candidate up row; 0 where unmatched. */
  readonly scales: Float64Array
}

export type TransformParts = {
  readonly map: ResidualMap
  readonly width: { readonly candidate: number; readonly reference: number }
  readonly layers: readonly LayerTransform[]
}

export type HeldOut = { readonly correlation: number; readonly error: number }

/**
 * Replays the transform on the down projections, which nothing in its recovery has looked at:
 * the column of a candidate unit, mapped and divided by its scale, beside the column of the
 * reference unit. Correlation over all units that have a scale, and relative error ‖D₂ − λT(D₁)‖/‖D₂‖ with one
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
    const units = Array.from(layer.match.keys()).filter(
      (unit) => (layer.match[unit] ?? -1) >= 0 && layer.scales[unit] !== 0,
    )
    const own = await unitColumns(a, { layer: layer.candidate, expert: layer.expert }, units)
    const there = units.map((unit) => layer.match[unit] ?? 0)
    const place = { layer: layer.reference, expert: layer.referenceExpert }
    const other = await unitColumns(b, place, there)
    if (!own || !other) continue
    const mapped = mapRows(own, parts.map, context.engine)
    if (mapped.columns !== other.columns) continue
    const scales = units.map((unit) => layer.scales[unit] ?? 1)
    const { xy, xx, yy } = productsOf(mapped, other, scales)
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

function productsOf(mapped: RowMatrix, other: RowMatrix, scales: readonly number[]) {
  let [xy, xx, yy] = [0, 0, 0]
  scales.forEach((scale, at) => {
    const [x, y] = [rowOf(mapped, at), rowOf(other, at)]
    xy += dot(x, y) / scale
    xx += normSquared(x) / scale ** 2
    yy += normSquared(y)
  })
  return { xy, xx, yy }
}

/** Columns of the down projection as rows, [units, width]. */
async function unitColumns(
  part: ModelPart,
  place: Place,
  units: readonly number[],
): Promise<RowMatrix | null> {
  const role = roleAt(part, 'down', place)
  return role ? takeColumns(rowSource(part.model, role), units) : null
}

/** Numbers printed in full; above this the digest and the way to recompute it must do. */
const NUMBERS_MAX = 65_536

export function printedTransform(
  parts: TransformParts,
  heldOut: HeldOut | null,
): RecoveredTransform {
  const residual = printedMap(parts)
  const layers = parts.layers.map(({ match, scales, ...place }) => ({
    ...printedPlace(place),
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
  const { kind, matched, of, matrixDigest } = residual
  return {
    residual: { kind, matched, of, ...(matrixDigest ? { matrixDigest } : {}) },
    layers: layers.map(({ units: _, scales: __, ...rest }) => rest),
    heldOut,
    digest,
  }
}

const printedPlace = ({
  candidate,
  reference,
  expert,
  referenceExpert,
}: Omit<LayerTransform, 'match' | 'scales'>) =>
  expert === null && referenceExpert === null
    ? { candidate, reference }
    : { candidate, reference, expert, referenceExpert }

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
      return { kind: 'rotation', ...printedRotation(map.rotation) }
  }
}

function printedRotation({ data, rows, columns }: RowMatrix) {
  const size = { matched: Math.min(rows, columns), of: columns }
  if (data.length <= NUMBERS_MAX) {
    return { ...size, matrix: Array.from(data, (x) => Number(x.toPrecision(9))) }
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { ...size, matrixDigest: digestBytes(bytes) }
}
