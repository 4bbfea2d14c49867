import type { JsonValue } from '../../../base/canonical-json.ts'
import { digestBytes, digestJson } from '../../../base/digest.ts'
import type { ComponentName } from '../../../model/role.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import type { RowMatrix } from '../../../numeric/row-matrix.ts'
import type { RecoveredTransform } from '../../result.ts'
import { type ModelPair, type ModelPart, type Place, partOf, roleAt } from './folded-layers.ts'
import { matchedCount, matchedUnits, type UnitMatch } from './match-rows.ts'
import {
  type AxisMap,
  columnTaker,
  figuresOf,
  type ReplayPair,
  type ReplaySums,
  replayRows,
} from './replay-rows.ts'
import { rowSource } from './row-source.ts'

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

export type TransformParts = AxisMap & {
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
  context: ModelPair & { readonly engine: MatrixEngine },
  component: ComponentName,
  parts: TransformParts,
): Promise<HeldOut | null> {
  const a = partOf(context, component, 'candidate')
  const b = partOf(context, component, 'reference')
  if (!a || !b) return null
  const layers: ReplaySums[] = []
  for (const layer of parts.layers) {
    const own = columnsOf(a, { layer: layer.candidate, expert: layer.expert })
    const other = columnsOf(b, { layer: layer.reference, expert: layer.referenceExpert })
    if (!own || !other) continue
    const pairs = downPairs(layer)
    const { map, width } = parts
    layers.push(await replayRows({ own, other, pairs }, { map, width, engine: context.engine }))
  }
  const { correlation, error } = figuresOf(layers)
  return correlation === null || error === null ? null : { correlation, error }
}

/** Columns of the down projection, as rows of [width]. */
function columnsOf(part: ModelPart, place: Place) {
  const role = roleAt(part, 'down', place)
  return role ? columnTaker(rowSource(part.model, role)) : null
}

/** A candidate unit of another scale writes as much less as it answers more. */
export function downPairs({ match, scales }: LayerTransform): readonly ReplayPair[] {
  return pairsOf(match, (unit) => (scales[unit] === 0 ? 0 : 1 / (scales[unit] ?? 0)))
}

/** Matched units whose factor is not 0. */
export function pairsOf(
  match: UnitMatch,
  factorOf: (unit: number) => number,
): readonly ReplayPair[] {
  return matchedUnits(match).flatMap((own) => {
    const factor = factorOf(own)
    return factor === 0 ? [] : [{ own, other: match[own] ?? 0, factor }]
  })
}

/** Numbers printed in full; above this the digest and the file beside the report must do. */
const NUMBERS_MAX = 65_536

const PARTS = new WeakMap<RecoveredTransform, TransformParts>()

/** All numbers of a transform that was printed here, also those that the print leaves out. */
export const partsOfPrinted = (printed: RecoveredTransform): TransformParts | undefined =>
  PARTS.get(printed)

export function printedTransform(
  parts: TransformParts,
  heldOut: HeldOut | null,
): RecoveredTransform {
  const printed = printWithin(parts, heldOut)
  PARTS.set(printed, parts)
  return printed
}

function printWithin(parts: TransformParts, heldOut: HeldOut | null): RecoveredTransform {
  const residual = printedMap(parts)
  const layers = parts.layers.map(({ match, scales, ...place }) => ({
    ...printedPlace(place),
    matched: matchedCount(match),
    of: match.length,
    units: Array.from(match),
    scales: Array.from(scales, (scale) => Number(scale.toPrecision(6))),
  }))
  const digest = digestJson({ residual, layers: layers.map(inSafeNumbers) } as unknown as JsonValue)
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

/** Who rescales units chooses the scales; whole numbers that JSON does not carry are hashed as text. */
const inSafeNumbers = <T extends { readonly scales: readonly number[] }>(layer: T) => ({
  ...layer,
  scales: layer.scales.map((scale) =>
    Number.isInteger(scale) && !Number.isSafeInteger(scale) ? String(scale) : scale,
  ),
})

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
