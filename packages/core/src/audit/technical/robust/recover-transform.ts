import { rowCosines } from '../../../numeric/kernels.ts'
import type { MatrixEngine } from '../../../numeric/matrix-engine.ts'
import { comparedRows, unitScales } from '../aligned/compared-rows.ts'
import type { AlignedEvidence } from '../aligned/measure-aligned.ts'
import type { ResidualMap } from '../aligned/residual-map.ts'
import type { LayerTransform, TransformParts } from '../aligned/transform.ts'
import type { BestPlace } from './measure-cells.ts'

/**
 * The residual map under which the agreeing units fit best, with their signs and scales. Down
 * projections are not looked at: the transform is replayed on them.
 */
export async function recoverTransform(
  aligned: Pick<AlignedEvidence, 'maps' | 'sizes'>,
  places: readonly BestPlace[],
  engine: MatrixEngine,
): Promise<TransformParts | null> {
  const { candidate, reference } = aligned.sizes
  const width = { candidate: candidate.width, reference: reference.width }
  let best: { readonly parts: TransformParts; readonly fit: number } | null = null
  for (const map of aligned.maps.values()) {
    const layers: LayerTransform[] = []
    let fit = 0
    for (const place of places) {
      const fitted = await placeUnder(place, { map, engine })
      if (!fitted) continue
      layers.push(fitted.transform)
      fit += fitted.fit
    }
    if (layers.length > 0 && (!best || fit > best.fit))
      best = { parts: { map, width, layers }, fit }
  }
  return best?.parts ?? null
}

/** Signs and scales from up rows alone, and Σ|cosine| of the agreeing units that were compared. */
async function placeUnder(
  { own, other, match }: BestPlace,
  options: { readonly map: ResidualMap; readonly engine: MatrixEngine },
): Promise<{ readonly transform: LayerTransform; readonly fit: number } | null> {
  const compared = await comparedRows({ own: own.up, other: other.up, match }, options)
  if (compared.own.columns !== compared.other.columns) return null
  const { cosines } = rowCosines(compared.own, compared.other)
  const fit = cosines.reduce((sum, cosine) => sum + Math.abs(cosine), 0)
  const scales = unitScales(compared, match.length)
  const places = { candidate: own.layer, reference: other.layer }
  const experts = { expert: own.expert, referenceExpert: other.expert }
  return { transform: { ...places, ...experts, match, scales }, fit }
}
