import { assert } from '../base/errors.ts'
import type { TensorSource } from '../model/checkpoint.ts'
import type { ComponentName } from '../model/role.ts'
import { cardClaims, type NamedComparison } from './card-claims.ts'
import { type CompareOptions, type CompareProgress, compareModels } from './compare-models.ts'
import { ethicalCriterion } from './ethical/criterion.ts'
import { policyCriterion } from './policy/criterion.ts'
import type { BaseSearched } from './registry/claim-checks.ts'
import type { ClaimCheck, RegistryFindings } from './registry/findings.ts'
import {
  type AuditReport,
  type Comparison,
  type ComponentComparison,
  isDependent,
  type ModelIdentity,
  strongestVerdict,
  VERDICTS,
} from './result.ts'
import { CLOSENESS_MARGIN, closenessOf, componentOf } from './technical/closeness.ts'
import { technicalCriterion } from './technical/criterion.ts'
import { isReferenceLater } from './technical/direction.ts'
import { resolveMerges, withMixture, withParentsKept } from './technical/merges/resolve-merges.ts'
import { FED, nameCloserRelatives } from './technical/relatives.ts'

/** Opens a reference when its turn comes; it is closed again before the next one. */
export type ReferenceOpener = () => Promise<TensorSource>

export type AuditOptions = Omit<CompareOptions, 'comparisons' | 'onProgress'> & {
  /** References that the team declared as its own ancestors, by id. */
  readonly ownAncestors?: readonly string[]
  readonly registry?: RegistryEvidence
  readonly onProgress?: (step: AuditStep) => void
}

/** What a search of fingerprints has found beforehand; its level is shared with the references. */
export type RegistryEvidence = {
  readonly findings: RegistryFindings
  /** From fingerprints alone: models whose weights are not at hand, and all that were silent. */
  readonly comparisons: readonly Comparison[]
  readonly searched: readonly ModelIdentity[]
  /** The card against the search alone. */
  readonly claims: readonly ClaimCheck[]
  /** Of a model that the card names: was it searched, and could it be compared? */
  readonly searchedAs: (base: string) => BaseSearched
}

export type AuditStep = {
  /** Which reference is being compared, from 0; how the references are related; what mixes them. */
  readonly phase: 'reference' | 'relatives' | 'mixtures'
  readonly reference: number
  readonly references: number
  /** Null where a phase begins. */
  readonly comparison: CompareProgress | null
}

/**
 * The independence of one model against named references: compare with each, tell closer from
 * more distant relatives, keep the strongest statement per component, judge the three criteria.
 * The family-wise level is shared over all references (Bonferroni across, Holm within).
 */
export async function runAudit(
  candidate: TensorSource,
  references: readonly ReferenceOpener[],
  options: AuditOptions = {},
): Promise<AuditReport> {
  const { registry } = options
  const searches = references.length + (registry?.findings.models ?? 0)
  const comparisons: Comparison[] = []
  const names: NamedComparison['ids'][] = []
  for (const [index, open] of references.entries()) {
    const reference = await open()
    const { id, place } = reference.checkpoint
    names.push(place === undefined ? [id] : [id, place])
    try {
      const { onProgress, ownAncestors: _, registry: __, ...rest } = options
      comparisons.push(
        await compareModels(candidate, reference, {
          ...rest,
          comparisons: searches,
          candidateBytesBefore: comparisons.length === 0 ? 0 : candidate.bytesRead(),
          ...stepsTo(onProgress, { phase: 'reference', reference: index, references }),
        }),
      )
    } finally {
      await reference.close()
    }
  }
  const ranked = await nameCloserRelatives(comparisons, (first, second) =>
    compareReferences(references, [second, first], options),
  )
  options.onProgress?.({ ...PHASE_OF_MIXTURES, references: references.length })
  const merges = await resolveMerges(candidate, references, ranked)
  const compared = withParentsKept(ranked, comparisons, merges)
  const related = [...compared, ...(registry?.comparisons ?? [])]
  const components = strongestPerComponent(related).map((entry) => withMixture(entry, merges))
  const searched = [...compared.map((one) => one.reference), ...(registry?.searched ?? [])]
  const own = new Set(options.ownAncestors ?? [])
  const named = compared.map((comparison, index) => ({ comparison, ids: names[index] ?? [] }))
  const claims = cardClaims(candidate.checkpoint, { named, registry, own })
  return {
    schemaVersion: 1,
    candidate: related[0]?.candidate ?? identityWithoutReferences(candidate),
    references: {
      searched,
      matched: related.filter(isDependent).map((one) => one.reference.id),
    },
    comparisons: related,
    components,
    verdict: strongestVerdict(components.map((component) => component.verdict)),
    criteria: {
      technical: technicalCriterion(components, { references: searched.length, own }),
      policy: policyCriterion(),
      ethical: ethicalCriterion(),
    },
    bytesRead: candidate.bytesRead() + related.reduce((sum, c) => sum + c.bytesRead.reference, 0),
    ...(merges.length > 0 ? { merges } : {}),
    ...(registry ? { registry: registry.findings } : {}),
    ...(claims.length > 0 ? { claims } : {}),
  }
}

async function compareReferences(
  references: readonly ReferenceOpener[],
  pair: readonly [number, number],
  options: AuditOptions,
): Promise<Comparison> {
  const opened = await Promise.all(pair.map((index) => openAt(references, index)))
  const [first, second] = opened
  assert(first !== undefined && second !== undefined, 'a reference of the search is gone')
  try {
    const { onProgress, ownAncestors: _, registry: __, fullReader: ___, ...rest } = options
    const steps = stepsTo(onProgress, { phase: 'relatives', reference: pair[0], references })
    return await compareModels(first, second, { ...rest, ...steps })
  } finally {
    await Promise.all(opened.map((source) => source.close()))
  }
}

const PHASE_OF_MIXTURES = { phase: 'mixtures', reference: 0, comparison: null } as const

function stepsTo(
  onProgress: AuditOptions['onProgress'],
  job: Pick<AuditStep, 'phase' | 'reference'> & { readonly references: readonly unknown[] },
): Pick<CompareOptions, 'onProgress'> {
  if (!onProgress) return {}
  const { phase, reference, references } = job
  return {
    onProgress: (comparison) =>
      onProgress({ phase, reference, references: references.length, comparison }),
  }
}

async function openAt(references: readonly ReferenceOpener[], index: number) {
  const open = references[index]
  assert(open !== undefined, `reference ${index} is not part of the search`)
  return open()
}

type Attributed = ComponentComparison & { readonly reference: string | null }

function strongestPerComponent(comparisons: readonly Comparison[]): Attributed[] {
  const best = new Map<ComponentName, Attributed>()
  for (const comparison of comparisons) {
    for (const component of comparison.components) {
      const held = best.get(component.component)
      if (!held || isStronger(component, held)) {
        best.set(component.component, { ...component, reference: comparison.reference.id })
      }
    }
  }
  return besideBody([...best.values()], comparisons).map((component) =>
    component.verdict === 'no_evidence' || component.verdict === 'not_testable'
      ? { ...component, reference: null }
      : component,
  )
}

/** By verdict, then by the weight of the evidence; of two silent ones, the weaker limit counts. */
function isStronger(component: ComponentComparison, held: ComponentComparison): boolean {
  // What a later model took from this one must not hide what this one took from an earlier one.
  const [isLater, isHeldLater] = [component, held].map(isReferenceLater)
  if (isLater !== isHeldLater && isDependent(component) && isDependent(held)) {
    return isHeldLater === true
  }
  const rank = VERDICTS.indexOf(component.verdict) - VERDICTS.indexOf(held.verdict)
  if (rank !== 0) return rank < 0
  if (component.verdict === 'no_evidence') {
    return (component.minDetectableCorrelation ?? 1) > (held.minDetectableCorrelation ?? 1)
  }
  // p-values of near relatives have all reached what the units can give.
  const step = closenessOf(component) - closenessOf(held)
  return step !== 0 ? step > 0 : (component.log10P ?? 0) < (held.log10P ?? 0)
}

/** Embeddings and projector name the body's reference where that is as close as their own within the margin. */
function besideBody(
  found: readonly Attributed[],
  comparisons: readonly Comparison[],
): readonly Attributed[] {
  const body = found.find(({ component }) => component === 'language_model')
  const through = comparisons.find(({ reference }) => reference.id === body?.reference)
  if (!body || !isDependent(body) || !through) return found
  return found.map((entry) => {
    const rival = FED.includes(entry.component) ? componentOf(through, entry.component) : undefined
    const isAsClose =
      rival?.verdict === entry.verdict &&
      isDependent(entry) &&
      closenessOf(rival) >= closenessOf(entry) - CLOSENESS_MARGIN
    return rival && isAsClose ? { ...rival, reference: through.reference.id } : entry
  })
}

function identityWithoutReferences(candidate: TensorSource): AuditReport['candidate'] {
  const { checkpoint } = candidate
  return {
    id: checkpoint.id,
    format: checkpoint.format,
    parameters: 0,
    layerCount: 0,
    modelType: null,
  }
}
