import type { ComponentComparison, MergeFinding, RecoveredTransform } from '../../audit/result.ts'
import { UNITS_COMPARED_MAX } from '../../audit/technical/aligned/work.ts'
import type { Language } from '../messages/language.ts'
import { formatFraction } from '../messages/quantity.ts'
import { visibleWithin } from '../visible.ts'
import { structureWords } from './structure-words.ts'

/** What is known of the places of a component's parts in its reference, one sentence each. */
export function structureTexts(part: ComponentComparison, language: Language): readonly string[] {
  const { transform } = part
  const { file } = transform ?? {}
  return [
    ...placeTexts(part, language),
    ...(transform ? transformTexts(transform, language) : []),
    ...(file ? [structureWords('file', language, file)] : []),
  ]
}

/** Which layers and experts of the reference its own agree with. */
export const placeTexts = (part: ComponentComparison, language: Language): readonly string[] => [
  ...layerTexts(part.layerMap ?? movedLayers(part.transform), language),
  ...expertTexts(part.expertMap ?? movedExperts(part.transform), language),
]

type Places = Pick<RecoveredTransform, 'layers'> | undefined

/** Where any of them stands elsewhere; exact tests give the map with their p. */
function movedLayers(transform: Places): readonly LayerPair[] {
  const layers = transform?.layers ?? []
  const once = new Map(layers.map((place) => [`${place.candidate}/${place.reference}`, place]))
  return layers.some(({ candidate, reference }) => candidate !== reference)
    ? [...once.values()]
    : []
}

/** Experts of the same layer; those of other layers are told by the layers alone. */
const movedExperts = (transform: Places) =>
  (transform?.layers ?? []).flatMap(({ candidate, reference, expert, referenceExpert }) =>
    expert === undefined || expert === null || candidate !== reference
      ? []
      : [{ layer: candidate, expert, referenceExpert: referenceExpert ?? null }],
  )

type LayerPair = Pick<
  NonNullable<ComponentComparison['layerMap']>[number],
  'candidate' | 'reference'
>
type ExpertPair = Omit<NonNullable<ComponentComparison['expertMap']>[number], 'log10P'>

function layerTexts(map: readonly LayerPair[], language: Language): readonly string[] {
  const pairs = map.map(({ candidate, reference }) => [candidate, reference] as const)
  return pairs.length === 0 ? [] : [structureWords('layers', language, { map: runsText(pairs) })]
}

function expertTexts(map: readonly ExpertPair[], language: Language): readonly string[] {
  return [...Map.groupBy(map, ({ layer }) => layer)].map(([layer, experts]) => {
    const found = experts.flatMap(({ expert, referenceExpert }) =>
      referenceExpert === null ? [] : [[expert, referenceExpert] as const],
    )
    const ofDense = experts.filter(({ referenceExpert }) => referenceExpert === null)
    const dense = ofDense.map(({ expert }) => [expert, expert] as const)
    const texts = [
      ...(found.length > 0 ? [runsText(found)] : []),
      ...(dense.length > 0
        ? [`${ownRuns(dense.map(([own]) => own))} → ${structureWords('dense', language)}`]
        : []),
    ]
    return structureWords('experts', language, { layer, map: texts.join(', ') })
  })
}

/** Neighbours that move together are one run: '0–5 → 0–5, 6–9 → 12–15'. */
export function runsText(pairs: readonly (readonly [number, number])[]): string {
  const runs: { own: number; other: number; length: number }[] = []
  for (const [own, other] of [...pairs].sort((x, y) => x[0] - y[0] || x[1] - y[1])) {
    const last = runs.at(-1)
    if (last && own === last.own + last.length && other === last.other + last.length) last.length++
    else runs.push({ own, other, length: 1 })
  }
  return runs
    .map(({ own, other, length }) => `${spanText(own, length)} → ${spanText(other, length)}`)
    .join(', ')
}

const ownRuns = (numbers: readonly number[]): string =>
  runsText(numbers.map((n) => [n, n] as const))
    .split(', ')
    .map((run) => run.split(' → ')[0])
    .join(', ')

const spanText = (first: number, length: number): string =>
  length === 1 ? String(first) : `${first}–${first + length - 1}`

/** What was rearranged, what of it was recovered, and how well that replays. */
export function transformTexts(
  transform: RecoveredTransform,
  language: Language,
): readonly string[] {
  const { residual, layers, heldOut } = transform
  const { matched, of } = residual
  const units = {
    matched: layers.reduce((sum, layer) => sum + layer.matched, 0),
    of: layers.reduce((sum, layer) => sum + layer.of, 0),
    layers: new Set(layers.map(({ candidate }) => candidate)).size,
    most: UNITS_COMPARED_MAX,
  }
  const isSampled = layers.some((layer) => layer.matched > UNITS_COMPARED_MAX)
  const isPart = residual.kind === 'rotation' && matched < of
  return [
    isPart
      ? structureWords('axes_rotation_part', language, { matched, of })
      : structureWords(`axes_${residual.kind}`, language, { matched, of }),
    ...(layers.length > 0
      ? [structureWords(isSampled ? 'units_sampled' : 'units', language, units)]
      : []),
    ...(heldOut ? [structureWords('held_out', language, heldOut)] : []),
  ]
}

/** One sentence for each component that is a mixture. */
export function mergeText(merge: MergeFinding, language: Language): string {
  const parents = merge.parents
    .map((parent, at) => {
      const weight = merge.weights[at] ?? 0
      const share = merge.kind === 'passthrough' ? formatFraction(weight) : weight.toFixed(3)
      return `${visibleWithin(parent, 60)} (${share})`
    })
    .join(', ')
  const { component, kind, gain } = merge
  return kind === 'passthrough'
    ? structureWords('passthrough', language, { component, parents })
    : structureWords(kind, language, { component, parents, gain })
}
