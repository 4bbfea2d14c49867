import { compareModels } from '../../../packages/core/src/audit/compare-models.ts'
import type { BlockFormat } from '../../../packages/core/src/base/block-format.ts'
import { createRng } from '../../../packages/core/src/base/rng.ts'
import { mixValues, turnKeys } from '../head-tricks.ts'
import { pickLayers } from '../layer-order.ts'
import { compareByName, componentOf } from '../models.ts'
import { llamaGguf } from '../quantised/llama-gguf.ts'
import { quantisedFiles } from '../quantised/quantised-files.ts'
import * as to from '../quantised/quantisers.ts'
import { bodyAgainst, loadModel, sourceOf, wideModel } from '../quantised/weights.ts'
import * as change from '../transforms.ts'
import { everySymmetry } from '../unit-tricks.ts'
import { HIDDEN } from './hidden-cases.ts'
import {
  arrangementOf,
  audited,
  BODY,
  type By,
  type Found,
  load,
  made,
  mixed,
  type Planted,
  stored,
} from './looks.ts'
import { copyIntoExperts, slerp, splitIntoExperts } from './made-models.ts'

// Every way in which a model may descend from another, planted, with what must find it. All models
// are simulated. The table in testdata/models/README.md is printed from a run of this list.

const quantised = (what: string, by: By, quantiser: to.Quantiser, layout = {}): Planted => ({
  what,
  by,
  models: 's1 – s1',
  verdict: by === 'hash' ? 'reencoded' : 'derived',
  file: 'quantised/companions.test.ts',
  look: async () => {
    const model = await loadModel('s1')
    const { files } = quantisedFiles(model, quantiser, layout)
    return { part: await bodyAgainst(files, sourceOf('s1', model)) }
  },
})

const gguf = (format: BlockFormat, by: By): Planted => ({
  what: `GGUF ${format}`,
  by,
  models: 'wide – wide',
  verdict: by === 'hash' ? 'reencoded' : 'derived',
  file: 'quantised/gguf.test.ts',
  look: async () => {
    const model = wideModel(1)
    return {
      part: await bodyAgainst({ 'model.gguf': llamaGguf(model, format) }, sourceOf('wide', model)),
    }
  },
})

const LINEAGE = 'lineage.test.ts'
const HERE = 'planted/planted.test.ts'
const ALIGNED = 'aligned.test.ts'
const exact = (what: string, file: string) =>
  ({ what, by: 'exact', verdict: 'derived', file }) as const

const TRAINED: readonly Planted[] = [
  stored(exact('fine-tune', LINEAGE), ['sft1', 's1']),
  stored(exact('heavy continued pre-training', LINEAGE), ['cpt1', 's1']),
  stored(exact('LoRA, merged', 'difference.test.ts'), ['lora1', 's1']),
  stored(exact('noise of half a deviation', LINEAGE), ['s1-noise05', 's1']),
  stored(exact('noise of one deviation', LINEAGE), ['s1-noise100', 's1']),
  stored(exact('vocabulary extended', LINEAGE), ['s1-vocab', 's1']),
  stored(exact('vocabulary extended', LINEAGE), ['s1-vocab', 's1'], 'embeddings'),
  stored(
    {
      what: 'one initialisation, trained apart',
      by: 'exact',
      verdict: 'shared_initialisation',
      file: LINEAGE,
    },
    ['same1', 's1'],
  ),
  audited(
    {
      what: 'siblings, their parent being known',
      models: 'sft1b – cpt1, s1',
      by: 'exact',
      verdict: 'derived',
      file: 'traps.test.ts',
    },
    ['cpt1', 's1'],
    () => load('sft1b'),
    (report) =>
      report.comparisons
        .map((one) => `${one.reference.id}: ${componentOf(one, BODY).verdict}`)
        .join(', '),
  ),
]

const STORED: readonly Planted[] = [
  ...(['f16', 'f32'] as const).map((type) =>
    stored({ what: `cast to ${type}`, by: 'hash', verdict: 'reencoded', file: LINEAGE }, [
      `s1-${type}`,
      's1',
    ]),
  ),
  ...(['int8', 'int4'] as const).map((type) =>
    stored({ what: `rounded to ${type}`, by: 'hash', verdict: 'reencoded', file: LINEAGE }, [
      `s1-${type}`,
      's1',
    ]),
  ),
  ...(['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'MXFP4'] as const).map((format) =>
    gguf(format, format === 'Q4_K' ? 'hash' : 'exact'),
  ),
  quantised('GPTQ 4-bit, order of activations', 'exact', to.gptq(4, 16, { actOrder: true })),
  quantised('AWQ 4-bit', 'exact', to.awq(16), { quant_method: 'awq', version: 'gemm' }),
  quantised('FP8 by blocks', 'exact', to.float8Blocks(16), { weight_block_size: [16, 16] }),
  quantised('bitsandbytes nf4', 'exact', to.fourBit(true)),
]

const REUSED: readonly Planted[] = [
  stored(
    { what: 'embeddings only', by: 'hash', verdict: 'identical', file: LINEAGE },
    ['emb-reuse', 's1'],
    'embeddings',
  ),
  audited(
    { ...exact('attention only, trained on', ALIGNED), models: 'cpt1 in s2 – s1' },
    ['s1'],
    async () =>
      change.graft(await load('s2'), await load('cpt1'), (name) =>
        /self_attn|input_layernorm/.test(name),
      ),
    (report) =>
      report.components[0]!.reasons.flatMap(({ code, values }) =>
        code === 'only_part' ? [`${code} (${values['shared']})`] : [],
      ).join(),
  ),
  stored(
    { what: 'encoder borrowed, frozen', by: 'hash', verdict: 'identical', file: LINEAGE },
    ['vlm-borrowed-frozen', 'vlm-donor'],
    'vision_encoder',
  ),
  stored(
    exact('encoder borrowed, tuned', LINEAGE),
    ['vlm-borrowed-tuned', 'vlm-donor'],
    'vision_encoder',
  ),
  stored(
    exact('encoder borrowed, tuned', LINEAGE),
    ['qvl-borrowed-tuned', 'qvl-donor'],
    'vision_encoder',
  ),
]

const CHILD = ['cpt1', 's1'] as const
const SHAPED: readonly Planted[] = [
  made(exact('depth pruned', 'layers.test.ts'), CHILD, pickLayers([0, 2])),
  made(exact('depth up-scaled', 'layers.test.ts'), CHILD, pickLayers([0, 1, 1, 2, 0])),
  made(exact('layers reordered', 'layers.test.ts'), CHILD, pickLayers([2, 0, 1])),
  made({ ...exact('width pruned: axes', ALIGNED), by: 'aligned' }, CHILD, change.pruneResidual(32)),
  made(
    { ...exact('width pruned: units and axes', ALIGNED), by: 'aligned' },
    CHILD,
    change.allOf(change.pruneUnits(64), change.pruneResidual(36)),
  ),
  made(exact('experts copied from the MLP', HERE), CHILD, copyIntoExperts(3)),
  made(exact('experts shuffled, with noise', ALIGNED), CHILD, change.upcycle(3, 0.3)),
  made(exact('experts split from the MLP', HERE), CHILD, splitIntoExperts(2)),
  audited(
    { ...exact('MLP alone, shuffled into experts', HERE), models: 'cpt1 in s2 – s1' },
    ['s1'],
    async () => {
      const mixed = change.graft(await load('s2'), await load('cpt1'), (name) =>
        name.includes('mlp'),
      )
      return change.upcycle(2, 0.3)(mixed, createRng('alone'))
    },
    (report) => arrangementOf(report.components[0]!),
  ),
]

const MERGES = 'merges.test.ts'
const MERGED: readonly Planted[] = [
  audited(
    { ...exact('linear merge of two descendants', MERGES), models: '0.6 sft1 + 0.4 cpt1' },
    ['sft1', 'cpt1'],
    async () => change.blend([await load('sft1'), await load('cpt1')], [0.6, 0.4]),
  ),
  audited(
    { ...exact('linear merge of strangers', MERGES), models: '0.67 cpt1 + 0.33 s2' },
    ['cpt1', 's2'],
    async () => change.blend([await load('cpt1'), await load('s2')], [0.67, 0.33]),
  ),
  audited(
    {
      ...exact('slerp of two descendants', MERGES),
      models: 'sft1, cpt1 at 0.4',
    },
    ['sft1', 'cpt1'],
    async () => slerp(await load('sft1'), await load('cpt1'), 0.4),
  ),
  audited(
    { ...exact('slerp of strangers', MERGES), models: 'cpt1, s2 at 0.4' },
    ['cpt1', 's2'],
    async () => slerp(await load('cpt1'), await load('s2'), 0.4),
  ),
  audited(
    { ...exact('layers of two models stacked', MERGES), models: 'cpt1 0, s2 1, cpt1 2' },
    ['cpt1', 's2'],
    async () =>
      change.graft(await load('s2'), await load('cpt1'), (name) => /layers\.[02]\./.test(name)),
  ),
]

const told = (what: string, verdict: Planted['verdict'], file: string) =>
  ({ what, by: 'told', verdict, file }) as const

/** Not found; the report must say what it could not see. */
const reasonsOf = (planted: Planted): Planted => ({
  ...planted,
  look: async () => {
    const { part } = await planted.look()
    const said = part.reasons.map(({ code, values }) =>
      values['why'] ? `${code}: ${values['why']}` : code,
    )
    return { part, said: said.join(', ') }
  },
})

const TOLD: readonly Planted[] = [
  reasonsOf(
    mixed(
      told('embeddings replaced, all symmetries at once', 'no_evidence', HERE),
      (name) => !/embed|lm_head|^model.norm/.test(name),
      everySymmetry,
    ),
  ),
  reasonsOf(
    mixed(
      told('attention only, values mixed, keys turned', 'no_evidence', 'moved-and-hidden.test.ts'),
      (name) => /self_attn|input_layernorm/.test(name),
      change.allOf(mixValues, turnKeys),
    ),
  ),
  {
    ...told('tokenizer extended', 'not_testable', 'traps.test.ts'),
    models: 's1-vocab – s1, tokenizer',
    look: () => tokenizerOf('s1-vocab', 's1'),
  },
  {
    ...told('tokenizer of another maker', 'not_testable', 'traps.test.ts'),
    models: 'd9 – s1, tokenizer',
    look: () => tokenizerOf('d9', 's1'),
  },
  {
    ...told('norms folded away by a stranger', 'no_evidence', 'robust.test.ts'),
    models: 's2 – s1',
    look: async () => {
      const folded = change.foldNorms(await load('s2'), createRng('fold'))
      const against = change.asSource('s1', await load('s1'))
      const part = componentOf(await compareModels(change.asSource('s2', folded), against), BODY)
      const flags = part.reasons.filter(({ code }) => code === 'looks_reparameterised')
      return { part, said: flags.map(({ code, values }) => `${code}: ${values['sign']}`).join() }
    },
  },
]

async function tokenizerOf(candidate: string, reference: string): Promise<Found> {
  const part = componentOf(await compareByName(candidate, reference), 'tokenizer')
  const overlap = part.tests.find(({ test }) => test === 'tokenizer_overlap')!
  return { part, said: `${overlap.statistic} of ${overlap.n} tokens in common` }
}

export const PLANTED: readonly Planted[] = [
  ...TRAINED,
  ...STORED,
  ...REUSED,
  ...SHAPED,
  ...MERGED,
  ...HIDDEN,
  ...TOLD,
]
