import type { Tier } from '../../result.ts'

/** What a finding says about the claim. 'missing': nothing either way, and why. */
export const LISTS = ['consistent', 'contradicts', 'missing'] as const
export type List = (typeof LISTS)[number]

/** Questions put to a record; each is answered by at least one finding. */
export const TRAINING_CHECKS = [
  'files',
  'dates',
  'commitments',
  'start',
  'initialisation',
  'containment',
  'imprint',
  'references',
  'registry',
  'links',
  'slope',
  'directions',
  'step_sizes',
  'log',
  'optimiser',
  'submitted',
] as const
export type TrainingCheck = (typeof TRAINING_CHECKS)[number]

/** Every code with the list it belongs to; the words are in render/training. */
export const FINDING_LISTS = {
  files_match: 'consistent', // {files}
  file_differs: 'contradicts', // {step, file}
  file_absent: 'missing', // {step, file}
  file_unlisted: 'missing', // {step, file}: weights whose digest the record does not state
  dates_in_order: 'consistent', // {checkpoints}
  dates_out_of_order: 'contradicts', // {step}
  step_beyond_schedule: 'contradicts', // {step, steps}
  commitments_in_time: 'consistent', // {checkpoints, from, until}
  commitment_late: 'missing', // {step}
  commitments_unordered: 'missing', // {entry}: dated before the entry it follows
  commitments_unshown: 'missing', // {count, of}: they open to no checkpoint of the record
  order_committed: 'consistent', // {step}
  order_uncommitted: 'missing',
  log_committed: 'consistent', // {checkpoints}
  log_not_as_committed: 'missing', // {step}
  commitment_absent: 'missing', // {step}
  commitment_unopened: 'contradicts', // {step}: the opening does not fit the commitment
  commitments_missing: 'missing',
  no_outside_witness: 'missing', // dates are those of the writer's own clock
  starts_at_zero: 'consistent', // {vectors}
  step_zero_missing: 'missing', // {firstStep}
  constants_moved: 'contradicts', // {tensor}
  not_fresh: 'contradicts', // {tensor, law, log10P}
  not_random: 'contradicts', // {tensor, ratio, limit}
  fresh_draw: 'consistent', // {tensors}
  law_unknown: 'missing', // {tensors}
  init_replays: 'consistent', // {tensors, values}
  init_differs: 'contradicts', // {tensor, share}
  init_incomplete: 'missing', // {tensors, tensor}: matrices that no draw of the plan makes
  init_not_replayable: 'missing', // {reason}
  init_generator_unknown: 'missing', // {generator}
  init_undeclared: 'missing', // neither draws nor a recipe
  init_replays_bfloat16: 'consistent', // {tensors, values}: the draws were made in that type
  start_contained: 'consistent', // {log10P, needed}
  start_not_contained: 'contradicts', // {log10P, needed}
  start_may_be_erased: 'missing', // {log10P, needed, left}
  start_decay_unknown: 'missing', // {log10P, needed}
  imprint_found: 'consistent', // {stretches, z}: the one from step 0 among them
  imprint_absent: 'contradicts', // {from, to, z, distance}
  imprint_undecided: 'missing', // {stretches, from, to, z, distance}
  imprint_untested: 'missing', // no tables of tokens, or too narrow
  references_clear: 'consistent', // {references, step}
  reference_matches: 'contradicts', // {reference, step, component, log10P}
  reference_alike: 'contradicts', // {reference, step, component, verdict}: without an exact test
  reference_shares_start: 'missing', // {reference, step, component, log10P}: the seed is shared
  reference_untested: 'missing', // {reference, step}
  no_references: 'missing',
  registry_clear: 'consistent', // {models, compared, component, limit}
  registry_matches: 'contradicts', // {reference, step, component, log10P}
  registry_shares_start: 'missing', // {reference, step, component, log10P}: the seed is shared
  registry_untested: 'missing', // {component, step}
  registry_left_out: 'missing', // {models, names}: said to be this model itself
  registry_empty: 'missing',
  links_dependent: 'consistent', // {links, log10P}
  link_independent: 'contradicts', // {from, to, component, log10P}
  link_undecided: 'missing', // {from, to, component}
  slope_matches: 'consistent', // {found, predicted, step}
  slope_off: 'contradicts', // {found, predicted, step}
  slope_silent: 'missing', // {predicted}
  slope_decay_unknown: 'missing', // {optimiser}: its decay is not a factor of each step
  updates_turn: 'consistent', // {median, largest}
  updates_collinear: 'contradicts', // {from, middle, to, cosine}
  updates_nearly_straight: 'missing', // {median, largest}
  updates_too_few: 'missing', // {updates}
  steps_fit_rate: 'consistent', // {largest, smallest}
  step_too_large: 'contradicts', // {from, to, rms, bound, kind}
  step_too_small: 'contradicts', // {from, to, ratio, least}
  step_bound_unknown: 'missing', // {optimiser}
  schedule_unknown: 'missing',
  log_fits: 'consistent', // {rows, first, last}
  log_rates_fit: 'consistent', // {rows}
  log_rates_are_schedule: 'missing',
  log_disordered: 'contradicts', // {line}
  log_rate_differs: 'contradicts', // {step, logged, declared}
  log_rate_absent: 'missing',
  log_loss_start: 'contradicts', // {loss, expected}
  log_loss_rises: 'contradicts', // {first, last}
  log_loss_hardly_falls: 'missing', // {first, last}
  log_claim_differs: 'contradicts', // {step, claimed, logged}
  log_gap: 'missing', // {from, to}
  log_missing: 'missing',
  losses_not_rerun: 'missing',
  moments_fit: 'consistent', // {step, cosine}
  moments_impossible: 'contradicts', // {step, share}
  moments_unrelated: 'contradicts', // {step, cosine, least}
  moments_zero: 'contradicts', // {step}
  moments_missing: 'missing',
  moments_unnamed: 'missing', // {step}: a state is there, but none of its tensors has a name as asked for
  moments_without_updates: 'missing', // {step}: no checkpoint before or after, or nothing moved
  moments_betas_unknown: 'missing',
  submitted_equal: 'consistent', // {step}
  submitted_differs: 'contradicts', // {verdict}
  submitted_missing: 'missing',
} as const satisfies Record<string, List>

export type FindingCode = keyof typeof FINDING_LISTS

export type Finding = {
  readonly list: List
  readonly check: TrainingCheck
  readonly code: FindingCode
  /** null for statements about files, dates and texts, which carry no statistic. */
  readonly tier: Tier | null
  readonly values: Readonly<Record<string, string | number>>
}

export function finding(
  check: TrainingCheck,
  code: FindingCode,
  options: { readonly tier?: Tier; readonly values?: Finding['values'] } = {},
): Finding {
  return {
    list: FINDING_LISTS[code],
    check,
    code,
    tier: options.tier ?? null,
    values: options.values ?? {},
  }
}
