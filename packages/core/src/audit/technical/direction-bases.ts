import { readClaims } from '../registry/claims.ts'
import type { ComponentComparison, DirectionBasis } from '../result.ts'
import { basesStated, basis, withDirection } from './direction.ts'
import type { ComponentEvidence } from './measure-component.ts'
import type { MeasureContext } from './measure-context.ts'
import { tokenTable } from './token-table.ts'

/** Directions of all components of a comparison; embeddings take that of the body which they feed. */
export function withDirections(
  context: MeasureContext,
  components: readonly ComponentComparison[],
  evidence: readonly ComponentEvidence[],
): ComponentComparison[] {
  const stated = statedBases(context)
  const found = new Map(
    components.map((component) => {
      const own = evidence.find((entry) => entry.component === component.component)
      return [component.component, own ? basesOf(context, component, own) : []] as const
    }),
  )
  return components.map((component) => {
    const own = found.get(component.component) ?? []
    const isFed = component.component === 'embeddings' && own.every((b) => b.tier !== 'empirical')
    const body = isFed ? (found.get('language_model') ?? []) : []
    return withDirection(component, [
      ...own,
      ...body.filter(({ tier }) => tier === 'empirical'),
      ...stated,
    ])
  })
}

function basesOf(
  context: MeasureContext,
  component: ComponentComparison,
  evidence: ComponentEvidence,
): DirectionBasis[] {
  return [
    ...roundedValues(component, evidence),
    ...layerBases(component, evidence),
    ...(component.expertMap?.some(({ referenceExpert }) => referenceExpert === null)
      ? [basis('experts_copied', 'candidate')]
      : []),
    ...vocabulary(context, component),
    ...widths(component, evidence),
  ]
}

/** Rounding loses what nothing brings back: the coarser values were made from the finer ones. */
function roundedValues(
  { verdict }: ComponentComparison,
  { content }: ComponentEvidence,
): DirectionBasis[] {
  if (verdict !== 'reencoded') return []
  const rounded = new Set(
    content.results.flatMap(({ encodings }) =>
      encodings.flatMap((one) => (one.kind === 'none' ? [] : (one.rounded ?? []))),
    ),
  )
  const [only] = rounded
  return rounded.size === 1 && only ? [basis('rounded_values', only)] : []
}

/** Layers that agree with several layers of the other model; and layers that only one of them has. */
function layerBases(
  { doubledLayers, layerMap = [] }: ComponentComparison,
  { sizes }: ComponentEvidence,
): DirectionBasis[] {
  const { candidate, reference } = doubledLayers ?? { candidate: 0, reference: 0 }
  if (candidate > 0 && reference === 0) return [basis('layers_doubled', 'candidate')]
  if (reference > 0 && candidate === 0) return [basis('layers_doubled', 'reference')]
  if (candidate > 0 || sizes.candidate === sizes.reference) return []
  const smaller = Math.min(sizes.candidate, sizes.reference)
  if (new Set(layerMap.map((entry) => entry.reference)).size < smaller) return []
  return [basis('layers_dropped', sizes.candidate < sizes.reference ? 'candidate' : 'reference')]
}

function vocabulary(
  { pairing }: MeasureContext,
  { component }: ComponentComparison,
): DirectionBasis[] {
  if (component !== 'embeddings') return []
  const tables = pairing.pairs.filter(({ candidate }) => candidate.kind === 'embedding')
  const table = tokenTable(tables, (pair) => pair.candidate)
  const [own, other] = [table?.candidate.view.rows ?? 0, table?.reference.view.rows ?? 0]
  if (own === other) return []
  return [basis('vocabulary_extended', own > other ? 'candidate' : 'reference')]
}

/** Where only an alignment of different widths shows the dependence, the narrower one was cut. */
function widths(
  { transform, verdict }: ComponentComparison,
  { aligned }: ComponentEvidence,
): DirectionBasis[] {
  if (!aligned || !transform || verdict !== 'derived') return []
  const { candidate, reference } = aligned.sizes
  const steps = [candidate.units - reference.units, candidate.width - reference.width]
  if (steps.every((step) => step <= 0) && steps.some((step) => step < 0)) {
    return [basis('widths_cut', 'candidate')]
  }
  return steps.every((step) => step >= 0) && steps.some((step) => step > 0)
    ? [basis('widths_cut', 'reference')]
    : []
}

function statedBases({ candidate, reference }: MeasureContext): DirectionBasis[] {
  const [own, other] = [candidate, reference].map(({ source: { checkpoint } }) => ({
    ids: [checkpoint.id, checkpoint.place ?? checkpoint.id],
    baseModels: readClaims(checkpoint).baseModels,
  }))
  return own && other ? basesStated(own, other) : []
}
