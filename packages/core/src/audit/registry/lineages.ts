import { assert } from '../../base/errors.ts'
import { deviationOf } from './compare-sketches.ts'
import { HASH_BYTES } from './content-hashes.ts'
import type { Fingerprint } from './fingerprint.ts'
import { packRuns } from './packed-sketches.ts'
import type { RunScanner } from './scan-rows.ts'
import { keyOf, type Sketch } from './sketch.ts'

/** Standard deviations of a pair of sketches: p below 10⁻¹¹, for some 10⁵ pairs. */
const DEPENDENT_DEVIATION = 7
/** Low bits of a block's number, for the model that holds it: so many models at most. */
const MODEL_BITS = 16n

/** Of a fingerprint what tells lineages, about 70 kB of a 7B model. */
export type LineageParts = {
  readonly sketches: readonly Sketch[]
  /** Of each informative block the first 48 bits of its hash, above `MODEL_BITS` zeros. */
  readonly blocks: BigUint64Array
}

/** Copies, so that the fingerprint can be let go. */
export function lineageParts({ components }: Fingerprint): LineageParts {
  const blocks: bigint[] = []
  for (const { hashes } of components.flatMap(({ content }) => content)) {
    const view = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength)
    for (let at = 0; at + HASH_BYTES <= hashes.length; at += HASH_BYTES) {
      // Blocks with too little information are all zero.
      const prefix = view.getBigUint64(at)
      if (prefix !== 0n) blocks.push((prefix >> MODEL_BITS) << MODEL_BITS)
    }
  }
  const sketches = components.flatMap((component) =>
    component.sketches.map((sketch) => ({
      ...sketch,
      bits: sketch.bits.slice(),
      valid: sketch.valid.slice(),
    })),
  )
  return { sketches, blocks: new BigUint64Array(blocks) }
}

/**
 * Connected components of dependence among models, as numbers: equal blocks, or sketches whose signs
 * deviate in place. Layers at other places are not looked for, as an atlas does: a lineage that is missed counts as
 * unrelated, which makes the base rate larger and an overlap look more ordinary than it is.
 */
export function lineagesOf(
  models: readonly LineageParts[],
  scanner: RunScanner,
): readonly number[] {
  assert(models.length <= 2 ** Number(MODEL_BITS), `${models.length} models at once`)
  const up = models.map((_, model) => model)
  const rootOf = (model: number): number => {
    const next = up[model] ?? model
    return next === model ? model : rootOf(next)
  }
  for (const pairs of [dependentPairs(models, scanner), pairsWithEqualBlocks(models)]) {
    for (const [x, y] of pairs) {
      const [a, b] = [rootOf(x), rootOf(y)]
      up[Math.max(a, b)] = Math.min(a, b)
    }
  }
  return up.map((_, model) => rootOf(model))
}

function* dependentPairs(
  models: readonly LineageParts[],
  scanner: RunScanner,
): Generator<readonly [number, number]> {
  const owned = models.flatMap(({ sketches }, model) =>
    sketches.map((sketch, position) => ({
      model,
      owner: { entry: String(model), position },
      sketch,
    })),
  )
  for (const run of packRuns(owned)) {
    const scan = scanner(run)
    for (const { model, sketch } of owned) {
      if (keyOf(sketch) !== keyOf(run.shape)) continue
      for (const [at, counts] of scan(sketch).entries()) {
        const other = Number(run.owners[at]?.entry ?? model)
        if (other < model && deviationOf(counts) >= DEPENDENT_DEVIATION) yield [model, other]
      }
    }
  }
}

/**
 * Neighbours in the sorted list of all blocks with the models that hold them. Among 10⁶ blocks of
 * strangers two agree in 48 bits with chance 2·10⁻³; it would join two families and no more.
 */
function* pairsWithEqualBlocks(
  models: readonly LineageParts[],
): Generator<readonly [number, number]> {
  const all = new BigUint64Array(models.reduce((sum, { blocks }) => sum + blocks.length, 0))
  let filled = 0
  for (const [model, { blocks }] of models.entries()) {
    for (const block of blocks) all[filled++] = block | BigInt(model)
  }
  all.sort()
  const low = (1n << MODEL_BITS) - 1n
  for (let at = 1; at < all.length; at++) {
    const [one, other] = [all[at - 1] ?? 0n, all[at] ?? 0n]
    if (one >> MODEL_BITS === other >> MODEL_BITS) yield [Number(one & low), Number(other & low)]
  }
}
