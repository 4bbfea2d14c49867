import { join } from 'node:path'
import { lineage, MODELS } from '../../tests/audit/models.ts'
import type { Truth } from './judge.ts'
import { COPIES } from './small-copies.ts'

// Every pair, what is known of it, and which verdicts of Dokja are right. Weights are simulated.

export type Case = {
  readonly name: string
  readonly truth: Truth
  /** In words, for the table. */
  readonly known: string
  readonly candidate: string
  readonly reference: string
  /** Verdicts of Dokja that are right, by component. */
  readonly allowed: Readonly<Record<string, readonly string[]>>
}

const DESCENDS: Truth = { body: 'descends', embeddings: 'descends' }
const INDEPENDENT: Truth = { body: 'independent', embeddings: 'independent' }

const FOUND = { language_model: ['derived'], embeddings: ['derived'] }
const SILENT = { language_model: ['no_evidence'], embeddings: ['no_evidence'] }

/** Pairs of lineage.json, which states the verdict expected of each component. */
const LISTED: readonly (readonly [pair: string, truth: Truth, known: string])[] = [
  ['sft1/s1', DESCENDS, 'fine-tuned'],
  ['cpt1/s1', DESCENDS, 'trained on, other language'],
  ['lora1/s1', DESCENDS, 'merged LoRA of q and v'],
  ['s1-int8/s1', DESCENDS, 'rounded to int8, dequantised'],
  ['s1-noise05/s1', DESCENDS, 'noise of 0.05 deviations'],
  ['s1-noise100/s1', DESCENDS, 'noise of 1.0 deviations'],
  ['s2/s1', INDEPENDENT, 'independent, same data'],
  ['canon-s2/canon-s1', INDEPENDENT, 'independent, one sign convention'],
  ['twin-untrained/s1', INDEPENDENT, 'independent, never trained'],
  ['same1/s1', { body: 'shared_seed', embeddings: 'shared_seed' }, 'shared seed, trained apart'],
  ['distilled/s1', { ...INDEPENDENT, isDistilled: true }, 'own weights, s1 as teacher'],
  ['emb-reuse/s1', { body: 'independent', embeddings: 'descends' }, 'own body, s1’s token tables'],
  [
    'vlm-borrowed-tuned/vlm-donor',
    { ...INDEPENDENT, encoder: 'descends' },
    'own body, encoder taken',
  ],
]

/** Pairs that lineage.json does not list: made copies, and one more stranger. */
const MADE: readonly Omit<Case, 'name'>[] = [
  { ...stranger('s3'), known: 'independent, same data' },
  { ...hidden('cpt1-permuted'), known: 'cpt1, units and axes permuted, signs flipped' },
  { ...hidden('cpt1-reparameterised'), known: 'cpt1 rotated, permuted, scaled, new norms' },
  { ...relative('cpt1-layers-pruned'), known: 'cpt1 without its middle layer' },
  { ...relative('cpt1-layers-reordered'), known: 'cpt1, layers in another order' },
  { ...stranger('s2-reparameterised'), known: 'independent, rotated, new norms' },
  { ...stranger('s2-layers-reordered'), known: 'independent, layers in another order' },
]

function relative(candidate: string) {
  return { candidate, reference: 's1', truth: DESCENDS, allowed: FOUND }
}

/** A descendant behind symmetries: the verdict may say that it was hidden. */
function hidden(candidate: string) {
  const words = ['derived', 'derived_obfuscated']
  return { ...relative(candidate), allowed: { language_model: words, embeddings: words } }
}

function stranger(candidate: string) {
  return { candidate, reference: 's1', truth: INDEPENDENT, allowed: SILENT }
}

function listed([pair, truth, known]: (typeof LISTED)[number]): Omit<Case, 'name'> {
  const [candidate, reference] = pair.split('/') as [string, string]
  const found = lineage.pairs.find(
    (entry) => entry.candidate === candidate && entry.reference === reference,
  )
  if (!found) throw new Error(`lineage.json holds no pair ${pair}`)
  // Nothing in a tokenizer was initialised at random: it is described, never judged.
  const { tokenizer: _, ...expected } = found.expected
  const allowed = Object.fromEntries(
    Object.entries(expected).map(([component, verdict]) => [
      component,
      [verdict, ...(found.acceptable?.[component] ?? [])],
    ]),
  )
  return { candidate, reference, truth, known, allowed }
}

/** The tiny models of testdata; made copies lie in `copies`. */
export function smallCases(copies: string): Case[] {
  const folder = (name: string) => (name in COPIES ? join(copies, name) : join(MODELS, name))
  return [...LISTED.map(listed), ...MADE].map((entry) => ({
    ...entry,
    name: `${entry.candidate} – ${entry.reference}`,
    candidate: folder(entry.candidate),
    reference: folder(entry.reference),
  }))
}

export const LARGE = {
  base: { seed: 'base' },
  independent: { seed: 'independent' },
  descendant: { seed: 'base', changedBy: 'tuned' },
} as const

/** Pairs in the shape of Llama-3.2-1B. */
export function largeCases(folder: string): Case[] {
  const reference = join(folder, 'base')
  return [
    {
      name: '1B-independent – 1B-base',
      truth: INDEPENDENT,
      known: 'independent',
      candidate: join(folder, 'independent'),
      reference,
      allowed: SILENT,
    },
    {
      name: '1B-descendant – 1B-base',
      truth: DESCENDS,
      known: 'noise of 0.05 deviations',
      candidate: join(folder, 'descendant'),
      reference,
      allowed: FOUND,
    },
  ]
}
