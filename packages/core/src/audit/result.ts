import type { ComponentName } from '../model/role.ts'
import type { FullRead } from './full-read/full-read.ts'
import type { ClaimCheck, RegistryFindings } from './registry/findings.ts'

/** From the strongest statement to the weakest; the order decides the top-level verdict. */
export const VERDICTS = [
  'identical',
  'reencoded',
  'derived',
  'derived_obfuscated',
  'common_origin',
  'shared_initialisation',
  'no_evidence',
  'not_testable',
] as const

export type Verdict = (typeof VERDICTS)[number]

/**
 * exact: p-values that hold by construction. empirical: calibrated against known cases.
 * descriptive: no p-value, never decides. The three are never mixed.
 */
export type Tier = 'exact' | 'empirical' | 'descriptive'

/** Names of the tests; each has a page in docs/methods. */
export const TEST_NAMES = [
  'content_blocks', // T1: equal values in sampled blocks
  'sign_up', // T2: hidden units of a gated MLP
  'sign_value', // T2: value head dimensions
  'sign_key', // T2: rotary pairs (or single dimensions) of keys
  'sign_latent', // T2: latent dimensions of MLA
  'sign_residual', // T2: residual dimensions through token embeddings
  'sign_all', // T2: hidden units, value dimensions and keys of one component together
  'fixed_points_gate', // T3: rows of the gate matched between the models
  'fixed_points_fc1', // T3: rows of the first MLP matrix
  'fixed_points_channels', // T3: interchangeable channels found from graph or shapes
  'fixed_points_norms', // T3: residual dimensions by their norm weights
  'fixed_points_embedding', // T3: residual dimensions by embedding columns
  'aligned_up', // T4: hidden units after their order, and the residual axes, were aligned
  'aligned_value', // T4: value dimensions, likewise
  'expert_match', // T4: an expert against a dense MLP or another expert
  'robust_agreement', // T5, empirical: two matchings of units through token space agree
  'norm_correlation', // empirical: centred norm weights, trained in common?
  'regression_slope', // empirical: how much of one model is contained in the other
  'difference_rank', // T6, descriptive: singular directions of the change
  'tokenizer_overlap', // descriptive: shared vocabulary
  'sketch_up', // T2 on 64-bit sketches of hidden units: registry search
  'sketch_value', // T2 on 64-bit sketches of value dimensions
  'sketch_residual', // T2 on 64-bit sketches of embedding columns
] as const

export type TestName = (typeof TEST_NAMES)[number]

export type TestResult = {
  readonly test: TestName
  readonly tier: Tier
  /** Block index when the test looked at one layer; null when pooled over the component. */
  readonly layer: number | null
  /** log10 of the p-value before correction; null for tests that have none. */
  readonly log10P: number | null
  /** After Holm's correction over every hypothesis of the comparison. */
  readonly log10PAdjusted: number | null
  /** Sign tests: units that agree in sign. Fixed points: units matched to themselves. */
  readonly statistic: number | null
  /** Units, blocks or pairs that entered. */
  readonly n: number
  /** Mean correlation per unit, where the test has one. */
  readonly meanCorrelation: number | null
  /** Smallest mean correlation this test would have reported at the corrected level. */
  readonly minDetectableCorrelation: number | null
  readonly notes: readonly Note[]
}

/** A statement in words that can be translated: the code selects the text, values fill it. */
export type Note = {
  readonly code: NoteCode
  readonly values: Readonly<Record<string, string | number>>
}

export const NOTE_CODES = [
  // why a verdict
  'all_blocks_identical', // {blocks, readFraction}
  'blocks_identical_part', // {equal, blocks}
  'cast_of_reference', // {fromDtype, toDtype}
  'rounded_to_grid', // {levels}
  'reference_cast_of_candidate', // {fromDtype, toDtype}
  'reference_rounded_to_grid', // {levels}
  'exact_test_rejects', // {test, log10P, n}
  'trained_in_common', // {normCorrelation, slope}
  'norms_replaced', // {normCorrelation, slope}: contained as a whole, under foreign norms
  'initialised_alike_trained_apart', // {normCorrelation, slope}
  'cannot_tell_initialisation', // nothing born constant was found
  'contained_where_alike', // {slope}: over the families and layers that agree
  'only_part', // {shared, other}: one part agrees, another one clearly does not
  'only_layers', // {shared, other}: some layers agree, others clearly do not
  'part_rearranged', // {test, alignment, log10P, n}: this part agrees after alignment alone
  'direction_shown', // {later, basis, tier}
  'direction_unknown', // weights agree both ways
  'closer_relative', // {reference}
  'equally_close', // {reference, others}: the order among them cannot be told
  'nothing_found', // {minDetectableCorrelation, tests}
  'aligned_rejects', // {test, alignment, log10P, n}: silent as stored, found after alignment
  'robust_replays', // {units, agreeing, families, correlation, error}: empirical
  'experts_recognised', // {matched, experts}
  'mixture_of', // {first, firstWeight, second, secondWeight, parents, gain}
  'parents_collinear', // {collinearity}
  'change_of_low_rank', // {rank, of, changed, compared}: as merged adapters leave it
  'change_like_noise', // {level}: flat and normal, as added noise is
  // why something was not tested
  'no_counterpart', // the reference has no such component
  'no_weights', // nothing to test (tokenizer)
  'widths_differ', // {kind, candidate, reference}
  'axes_rearranged', // the body's axes were moved, and these tables served to find where to
  'too_few_units', // {units, log10Floor}
  'no_symmetry_known', // no family of exact tests applies to these tensors
  'no_detection_limit', // {tests}: silent tests of which none has a size that it would have found
  'not_readable', // {dtype}
  'no_finite_weights', // {model, tensor, row, rows, tensors, share}: most of what was read is none
  // cautions
  'layers_differ', // {candidate, reference}
  'layer_moved', // {candidate, reference}: a layer agrees with another layer of the reference
  'only_first_read', // sampling: {readFraction}
  'not_finite', // {model, tensor, row, rows, tensors, share}: values left out of the tests
  'deterministic_tensor_excluded', // {tensor, why}
  'constant_tensors_excluded', // {count}
  'internal_copies', // {family, classes}
  'sign_convention_candidate', // {family}
  'sign_convention_reference', // {family}
  'sign_convention_both', // {family}
  'assumption_on', // {model: 'candidate'|'reference'|'both'}
  'only_residual_axes', // the residual family alone rejects: see hidden-state distillation
  'rotary_layout_unknown', // quadruples were used
  'aligned_by', // {alignment}: how the models were aligned for this test
  'alignment_not_tried', // whole matrices would have to be read
  'rotation_not_tried', // too much work for matrices of this size
  'widths_aligned', // {candidate, reference}: units of both, where their numbers differ
  'robust_not_tried', // {why}: a copy behind all symmetries at once would not show
  'robust_few_units', // {agreeing, units}: as few agree between independent models
  'robust_unconfirmed', // {agreeing, families}: the recovered transform does not replay
  'robust_cohort', // {families, layers, units}: what the rank was taken among
  'robust_cohort_simulated', // {families, layers, units}: tiny models, which say little of real ones
  'robust_own_places', // layers were looked at behind all symmetries at their own places only
  'robust_some_layers', // only some layers were looked at behind all symmetries
  'limit_excludes', // {excluded}: rearrangements under which a detection limit does not hold
  'looks_reparameterised', // {sign}: no evidence; a reason to align
] as const

export type NoteCode = (typeof NOTE_CODES)[number]

/** One cell of the layer-by-component picture: descriptive display of per-layer evidence. */
export type LayerCell = {
  readonly layer: number
  readonly test: TestName
  /** Mean correlation (sign tests), share of fixed points, or share of equal blocks; 0 to 1. */
  readonly value: number
  readonly log10P: number | null
}

export const DIRECTION_BASES = [
  'rounded_values', // one holds the other's values on a coarser grid
  'layers_doubled', // several layers of one agree with a single layer of the other
  'experts_copied', // experts that were a dense MLP of the other
  'mixture', // one is a sum of several models, this one among them
  'vocabulary_extended', // one has more token rows
  'layers_dropped', // one has fewer layers, all of them the other's
  'widths_cut', // one has fewer units or axes
  'named_base_model', // a card names the other as its base
] as const

export type DirectionBasisCode = (typeof DIRECTION_BASES)[number]

export type DirectionBasis = {
  readonly code: DirectionBasisCode
  /** The later of the two models, as far as this goes. */
  readonly toward: 'candidate' | 'reference'
  readonly tier: 'empirical' | 'descriptive'
}

/** Which of two dependent models is the later one, where structure or statements show it. */
export type Direction = {
  readonly toward: 'candidate' | 'reference' | 'unknown'
  readonly basis: readonly DirectionBasis[]
}

export type ComponentComparison = {
  readonly component: ComponentName
  readonly verdict: Verdict
  /** The tier the verdict rests on; null for no_evidence and not_testable. */
  readonly tier: Tier | null
  /** Smallest Holm-adjusted log10 p of the exact tests; null when none could be run. */
  readonly log10P: number | null
  readonly minDetectableCorrelation: number | null
  /** Share of the candidate's parameters that belong to this component. */
  readonly parameterFraction: number
  readonly parameters: number
  readonly reasons: readonly Note[]
  readonly tests: readonly TestResult[]
  readonly cells: readonly LayerCell[]
  /** Present where the component depends and one of the two may continue the other. */
  readonly direction?: Direction
  /** Layers of the one model that agree with several layers of the other, where any do. */
  readonly doubledLayers?: { readonly candidate: number; readonly reference: number }
  /** How the candidate's arrangement turns into the reference's, so that anybody can replay it. */
  readonly transform?: RecoveredTransform
  /** Which MLP of the reference each recognised expert came from; null for its dense MLP. */
  readonly expertMap?: readonly {
    readonly layer: number
    readonly expert: number
    readonly referenceExpert: number | null
    readonly log10P: number
  }[]
  /** Which layer of the reference each layer of the candidate agrees with, where one does. */
  readonly layerMap?: readonly {
    readonly candidate: number
    readonly reference: number
    readonly log10P: number
  }[]
}

/**
 * Norms folded into the matrices that follow them, then residual axes, then the order, signs and
 * scales of hidden units. Lists are left out above 65,536 numbers in all; their digest stays.
 */
export type RecoveredTransform = {
  readonly residual: {
    readonly kind: 'identity' | 'signed_permutation' | 'rotation'
    /** Axes of the reference that were found in the candidate, and how many it has. */
    readonly matched: number
    readonly of: number
    /** Signed permutation: 1 + axis of the candidate, negative where negated, 0 where none. */
    readonly axes?: readonly number[]
    /** Rotation: row-major, candidate axes by reference axes. */
    readonly matrix?: readonly number[]
    /** In place of a larger one: sha256 of it as float32, row-major, little-endian. */
    readonly matrixDigest?: string
  }
  readonly layers: readonly {
    readonly candidate: number
    readonly reference: number
    /** Experts of these layers, where one of the two is no dense MLP; null for a dense one. */
    readonly expert?: number | null
    readonly referenceExpert?: number | null
    readonly matched: number
    readonly of: number
    /** For each unit of the candidate the unit of the reference, or −1. */
    readonly units?: readonly number[]
    /**
     * Reference up row ≈ scale × mapped candidate up row, sign included; 0 where unmatched, and
     * where of more than 2,048 matched units this one was not compared.
     */
    readonly scales?: readonly number[]
  }[]
  /** Replayed on down projections, which the recovery did not see; null where not done. */
  readonly heldOut: { readonly correlation: number; readonly error: number } | null
  /** sha256 of the canonical JSON of `residual` and `layers` with all lists; docs/formats/transform.md. */
  readonly digest: string
  /** Everything in full, beside the report; docs/formats/transform.md. Absent where none was written. */
  readonly file?: { readonly name: string; readonly sizeBytes: number; readonly digest: string }
}

export type ModelIdentity = {
  readonly id: string
  readonly format: string
  readonly parameters: number
  readonly layerCount: number
  readonly modelType: string | null
}

export type Comparison = {
  readonly schemaVersion: 1
  readonly candidate: ModelIdentity
  readonly reference: ModelIdentity
  readonly components: readonly ComponentComparison[]
  readonly verdict: Verdict
  readonly bytesRead: { readonly candidate: number; readonly reference: number }
  /** Family-wise level, log10, after Holm's correction. */
  readonly log10Alpha: number
  readonly notes: readonly Note[]
  /** Where every byte was read: digests of files, statistics of tensors. Not in `bytesRead`. */
  readonly fullRead?: FullRead
}

export const CRITERIA = ['technical', 'policy', 'ethical'] as const
export type Criterion = (typeof CRITERIA)[number]
export type Outcome = 'met' | 'not_met' | 'not_determinable'

export type CriterionReason = {
  readonly code: CriterionReasonCode
  readonly values: Readonly<Record<string, string | number>>
  /** Where the evidence stands in the report, e.g. 'comparisons/0/components/vision_encoder'. */
  readonly evidence: string | null
}

export const CRITERION_REASON_CODES = [
  'component_descends', // {component, verdict, reference, log10P}
  'component_shares_weights', // {component, verdict, reference, log10P}: direction not known
  'component_continued_by', // {component, verdict, reference, log10P}: the reference is the later one
  'component_own_ancestor', // {component, verdict, reference}: declared as the team's own
  'component_dependent', // {component, verdict, reference}: shared initialisation or origin
  'component_clear', // {component, references, minDetectableCorrelation}
  'component_untested', // {component, why}
  'no_reference_given',
  'limits_of_search', // {references}
  'training_record_missing',
  'licence_review_missing',
  'declaration_missing',
] as const

export type CriterionReasonCode = (typeof CRITERION_REASON_CODES)[number]

/** A component that is a mixture of several references, resolved into their weights. */
export type MergeFinding = {
  readonly component: ComponentName
  /**
   * linear: every matrix is a sum of parents. slerp: every matrix lies on the arc between two.
   * passthrough: each layer comes from one parent.
   */
  readonly kind: 'linear' | 'slerp' | 'passthrough'
  /** Ids of the references, in the order of all lists below. */
  readonly parents: readonly string[]
  /**
   * linear: least-squares weights, adding up to one. slerp: 1 − t and t, the place on the arc.
   * passthrough: share of the matrices.
   */
  readonly weights: readonly number[]
  /** Share of what the best parent alone leaves that the mixture explains. */
  readonly gain: number
  /** Above 0.95 the weights of single parents are not to be trusted; null for two parents. */
  readonly collinearity: number | null
  readonly layers: readonly {
    readonly layer: number | null
    readonly kind: string
    readonly weights: readonly number[]
    readonly gain: number
    /** Layer of each parent that was laid beside it; null where the parent has none. */
    readonly from: readonly (number | null)[]
  }[]
}

export type AuditReport = {
  readonly schemaVersion: 1
  readonly candidate: ModelIdentity
  readonly references: {
    readonly searched: readonly ModelIdentity[]
    readonly matched: readonly string[]
  }
  readonly comparisons: readonly Comparison[]
  /** The strongest statement per component over all references. */
  readonly components: readonly (ComponentComparison & { readonly reference: string | null })[]
  readonly verdict: Verdict
  readonly criteria: Readonly<
    Record<Criterion, { readonly outcome: Outcome; readonly reasons: readonly CriterionReason[] }>
  >
  readonly bytesRead: number
  /** Where a component matches two references or more and is a mixture of them. */
  readonly merges?: readonly MergeFinding[]
  /** The registry that was searched, where one was. */
  readonly registry?: RegistryFindings
  /** What the candidate's card says, held against all comparisons; absent where it says nothing. */
  readonly claims?: readonly ClaimCheck[]
}

/** Descent, or a start in common: anything that is not silence. */
export const isDependent = ({ verdict }: { readonly verdict: Verdict }): boolean =>
  VERDICTS.indexOf(verdict) < VERDICTS.indexOf('no_evidence')

export function strongestVerdict(verdicts: readonly Verdict[]): Verdict {
  const ranks = verdicts.map((verdict) => VERDICTS.indexOf(verdict))
  return VERDICTS[Math.min(...ranks, VERDICTS.length - 1)] ?? 'not_testable'
}
