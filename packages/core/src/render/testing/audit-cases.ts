import type { AuditReport, Comparison, ComponentComparison } from '../../audit/result.ts'
import {
  CANDIDATE,
  cells,
  comparison,
  component,
  model,
  note,
  OTHER_REFERENCE,
  reason,
  report,
  testResult,
  VISION_REFERENCE,
} from './audit-samples.ts'

/** Simulated cases; see audit-samples.ts. */

function languageModelClear(seed: number): ComponentComparison {
  return component('language_model', 'no_evidence', {
    log10P: 0,
    minDetectableCorrelation: 0.0043,
    parameterFraction: 0.9304,
    parameters: 30_528_606_000,
    reasons: [
      note('nothing_found', { minDetectableCorrelation: 0.0043, tests: 4 }),
      note('only_first_read', { readFraction: 0.031 }),
      note('layers_differ', { candidate: 64, reference: 28 }),
      note('deterministic_tensor_excluded', {
        tensor: 'model.layers.0.self_attn.rotary_emb.inv_freq',
        why: 'buffer',
      }),
    ],
    tests: [
      testResult('sign_up', { statistic: 7110, n: 14_336, minDetectableCorrelation: 0.0043 }),
      testResult('sign_value', { statistic: 3571, n: 7168, log10P: -0.09 }),
      testResult('fixed_points_gate', {
        statistic: 29,
        n: 14_336,
        log10P: -0.2,
        meanCorrelation: null,
        minDetectableCorrelation: null,
      }),
      testResult('sign_residual', {
        log10P: null,
        log10PAdjusted: null,
        statistic: null,
        n: 0,
        meanCorrelation: null,
        minDetectableCorrelation: null,
        notes: [note('widths_differ', { kind: 'residual', candidate: 5120, reference: 3584 })],
      }),
    ],
    cells: [
      ...cells('sign_up', 28, { center: 0.004, spread: 0.004, seed }),
      ...cells('sign_value', 28, { center: 0.006, spread: 0.005, seed }),
      ...cells('fixed_points_gate', 28, { center: 0.001, spread: 0.001, seed }),
    ],
  })
}

function visionDerived(): ComponentComparison {
  return component('vision_encoder', 'derived', {
    log10P: -12_330.4,
    minDetectableCorrelation: 0.0077,
    parameterFraction: 0.0206,
    parameters: 676_550_000,
    reasons: [
      note('exact_test_rejects', { test: 'sign_up', log10P: -12_330.4, n: 40_960 }),
      note('trained_in_common', { normCorrelation: 0.9989, slope: 0.9971 }),
      note('blocks_identical_part', { equal: 12, blocks: 512 }),
      note('assumption_on', { model: 'both' }),
      note('deterministic_tensor_excluded', {
        tensor: 'visual.rotary_pos_emb.inv_freq',
        why: 'buffer',
      }),
    ],
    tests: [
      testResult('content_blocks', {
        log10P: null,
        log10PAdjusted: null,
        tier: 'descriptive',
        statistic: 12,
        n: 512,
        meanCorrelation: null,
        minDetectableCorrelation: null,
      }),
      testResult('sign_up', {
        log10P: -12_331.6,
        log10PAdjusted: -12_330.4,
        statistic: 40_960,
        n: 40_960,
        meanCorrelation: 0.9961,
        minDetectableCorrelation: 0.0077,
        notes: [note('assumption_on', { model: 'both' })],
      }),
      testResult('fixed_points_gate', {
        log10P: -9800.2,
        log10PAdjusted: -9799.1,
        statistic: 40_957,
        n: 40_960,
        meanCorrelation: null,
        minDetectableCorrelation: null,
      }),
      testResult('norm_correlation', {
        tier: 'empirical',
        log10P: null,
        log10PAdjusted: null,
        statistic: 0.9989,
        n: 1,
        meanCorrelation: 0.9989,
        minDetectableCorrelation: null,
      }),
    ],
    cells: [
      ...cells('sign_up', 32, { center: 0.992, spread: 0.004, seed: 5 }),
      ...cells('fixed_points_gate', 32, { center: 0.998, spread: 0.002, seed: 5 }),
      ...cells('norm_correlation', 31, { center: 0.9, spread: 0.07, seed: 5 }),
    ],
  })
}

function smallParts(): readonly ComponentComparison[] {
  return [
    component('projector', 'no_evidence', {
      log10P: -0.4,
      minDetectableCorrelation: 0.0412,
      parameterFraction: 0.0014,
      parameters: 45_900_000,
      reasons: [note('nothing_found', { minDetectableCorrelation: 0.0412, tests: 1 })],
      tests: [testResult('fixed_points_fc1', { statistic: 2, n: 5120, log10P: -0.6 })],
    }),
    component('embeddings', 'no_evidence', {
      log10P: 0,
      minDetectableCorrelation: 0.0188,
      parameterFraction: 0.0476,
      parameters: 1_561_000_000,
      reasons: [note('nothing_found', { minDetectableCorrelation: 0.0188, tests: 1 })],
      tests: [testResult('fixed_points_embedding', { statistic: 1, n: 3584, log10P: -0.2 })],
    }),
    component('tokenizer', 'not_testable', {
      parameterFraction: 0,
      parameters: 0,
      reasons: [note('no_weights')],
      tests: [
        testResult('tokenizer_overlap', {
          tier: 'descriptive',
          log10P: null,
          log10PAdjusted: null,
          statistic: 52_736,
          n: 128_000,
          meanCorrelation: null,
          minDetectableCorrelation: null,
        }),
      ],
    }),
  ]
}

/** A borrowed vision encoder in an otherwise clear model. */
export function borrowedVisionComparison(): Comparison {
  return comparison([languageModelClear(3), visionDerived(), ...smallParts()], {
    notes: [note('layers_differ', { candidate: 64, reference: 28 })],
  })
}

function clearComparison(): Comparison {
  const vision = component('vision_encoder', 'not_testable', {
    parameterFraction: 0.0206,
    parameters: 676_550_000,
    reasons: [note('no_counterpart')],
  })
  return comparison([languageModelClear(8), vision, ...smallParts()], {
    reference: OTHER_REFERENCE,
    bytesRead: { candidate: 398_131_200, reference: 391_000_000 },
  })
}

export function borrowedVisionReport(): AuditReport {
  return report([borrowedVisionComparison(), clearComparison()], {
    criteria: {
      technical: {
        outcome: 'not_met',
        reasons: [
          reason(
            'component_descends',
            {
              component: 'vision_encoder',
              verdict: 'derived',
              reference: VISION_REFERENCE.id,
              log10P: -12_330.4,
            },
            'components/vision_encoder',
          ),
          reason('component_clear', {
            component: 'language_model',
            references: 2,
            minDetectableCorrelation: 0.0043,
          }),
          reason('limits_of_search', { references: 2 }),
          reason('training_record_missing'),
        ],
      },
      policy: { outcome: 'not_determinable', reasons: [reason('licence_review_missing')] },
      ethical: { outcome: 'not_determinable', reasons: [reason('declaration_missing')] },
    },
  })
}

export function identicalComparison(): Comparison {
  const same = (name: string, parameterFraction: number, blocks: number) =>
    component(name, 'identical', {
      parameterFraction,
      log10P: null,
      reasons: [note('all_blocks_identical', { blocks, readFraction: 0.02 })],
      tests: [
        testResult('content_blocks', {
          statistic: blocks,
          n: blocks,
          log10P: null,
          log10PAdjusted: null,
          meanCorrelation: null,
          minDetectableCorrelation: null,
        }),
      ],
      cells: cells('content_blocks', 32, { center: 1, spread: 0, seed: 1 }),
    })
  return comparison([same('language_model', 0.96, 2048), same('embeddings', 0.04, 256)], {
    candidate: model('team-b/own-7b'),
    reference: model('lama/open-7b'),
  })
}

/** A rotated copy whose transform was recovered and written beside the report. */
export function rearrangedComparison(): Comparison {
  const layers = Array.from({ length: 3 }, (_, layer) => ({
    candidate: layer,
    reference: layer + 1,
    matched: 11_008 - layer,
    of: 11_008,
  }))
  const body = component('language_model', 'derived_obfuscated', {
    parameterFraction: 0.93,
    log10P: -1846.9,
    reasons: [
      note('aligned_rejects', {
        test: 'aligned_up',
        alignment: 'rotation',
        log10P: -1846.9,
        n: 6144,
      }),
    ],
    tests: [
      testResult('aligned_up', {
        log10P: -1849.4,
        log10PAdjusted: -1846.9,
        statistic: 6144,
        n: 6144,
        notes: [note('aligned_by', { alignment: 'rotation' })],
      }),
    ],
    transform: {
      residual: {
        kind: 'rotation',
        matched: 4096,
        of: 4096,
        matrixDigest: `sha256:${'5'.repeat(64)}`,
      },
      layers,
      heldOut: { correlation: 0.9951, error: 0.0988 },
      digest: `sha256:${'7'.repeat(64)}`,
      file: {
        name: 'transform-language_model.safetensors',
        sizeBytes: 67_506_176,
        digest: `sha256:${'ab'.repeat(32)}`,
      },
    },
  })
  return comparison([body], {
    candidate: model('team-e/turned-7b'),
    reference: model('llama/llama-7b'),
  })
}

export function sharedInitialisationComparison(): Comparison {
  const shared = component('language_model', 'shared_initialisation', {
    parameterFraction: 0.91,
    log10P: -230.1,
    minDetectableCorrelation: 0.0061,
    reasons: [
      note('exact_test_rejects', { test: 'sign_up', log10P: -230.1, n: 768 }),
      note('initialised_alike_trained_apart', { normCorrelation: 0.176, slope: 0.041 }),
      note('assumption_on', { model: 'reference' }),
    ],
    tests: [
      testResult('sign_up', { log10P: -231.2, log10PAdjusted: -230.1, statistic: 768, n: 768 }),
    ],
    cells: cells('sign_up', 24, { center: 0.58, spread: 0.08, seed: 2 }),
  })
  const embeddings = component('embeddings', 'no_evidence', {
    parameterFraction: 0.09,
    log10P: 0,
    minDetectableCorrelation: 0.02,
    reasons: [note('nothing_found', { minDetectableCorrelation: 0.02, tests: 1 })],
  })
  return comparison([shared, embeddings], {
    candidate: model('team-c/tiny-1b'),
    reference: model('py/tiny-1b-deduped'),
  })
}

export function allClearReport(): AuditReport {
  const clear = comparison([languageModelClear(4), ...smallParts()], {
    candidate: model('team-d/native-100b', { parameters: 102_000_000_000 }),
    reference: OTHER_REFERENCE,
  })
  return report([clear], {
    criteria: {
      technical: {
        outcome: 'not_determinable',
        reasons: [
          reason('component_clear', {
            component: 'language_model',
            references: 1,
            minDetectableCorrelation: 0.0043,
          }),
          reason('limits_of_search', { references: 1 }),
          reason('training_record_missing'),
        ],
      },
      policy: { outcome: 'met', reasons: [] },
      ethical: { outcome: 'not_determinable', reasons: [reason('declaration_missing')] },
    },
  })
}

export function notTestableReport(): AuditReport {
  const parts = [
    component('language_model', 'not_testable', {
      parameterFraction: 1,
      reasons: [note('not_readable', { dtype: 'Q4_K_M' }), note('no_symmetry_known')],
    }),
    component('decoder.stem', 'not_testable', {
      parameterFraction: 0,
      reasons: [note('too_few_units', { units: 12, log10Floor: -3.6 })],
    }),
  ]
  return report([comparison(parts, { candidate: CANDIDATE, reference: OTHER_REFERENCE })], {
    criteria: {
      technical: {
        outcome: 'not_determinable',
        reasons: [
          reason('component_untested', { component: 'language_model', why: 'not_readable' }),
        ],
      },
      policy: { outcome: 'not_determinable', reasons: [reason('licence_review_missing')] },
      ethical: { outcome: 'not_determinable', reasons: [reason('declaration_missing')] },
    },
  })
}

/** Names as an attacker would choose them. */
export const HOSTILE_NAME = `<script>alert("x")</script>'"&\u202egnp.exe\u2066\u200b\u001b[31m`
export const LONG_NAME = `org/${'very-long-model-name-'.repeat(40)}end`

export function hostileReport(): AuditReport {
  const part = component(HOSTILE_NAME, 'derived', {
    log10P: -40,
    parameterFraction: 1,
    reasons: [
      note('exact_test_rejects', { test: 'sign_up', log10P: -40, n: 200 }),
      note('deterministic_tensor_excluded', { tensor: LONG_NAME, why: 'sinusoids' }),
      note('closer_relative', { reference: '"><img src=x onerror=alert(1)>' }),
    ],
    tests: [
      testResult('sign_up', {
        notes: [note('deterministic_tensor_excluded', { tensor: HOSTILE_NAME, why: 'sinusoids' })],
      }),
    ],
    cells: cells('sign_up', 3, { center: 0.5, spread: 0.1, seed: 9 }),
  })
  const proto = component('__proto__', 'no_evidence', { minDetectableCorrelation: 0.1 })
  const built = comparison([part, proto, component('constructor', 'not_testable')], {
    candidate: model(HOSTILE_NAME, { modelType: '</style><script>' }),
    reference: model(LONG_NAME, { format: '"onload="x' }),
  })
  return report([built])
}
