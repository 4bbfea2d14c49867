import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRng } from '../../packages/core/src/base/rng.ts'
import { safetensorsBytes } from '../../packages/core/src/model/safetensors/write-safetensors.ts'
import { roundToBf16Bits } from '../../packages/core/src/numeric/bf16.ts'
import * as change from '../../tests/audit/transforms.ts'

// Descendants and strangers that testdata does not hold, made from its models (all simulated) and
// written in the layout of Hugging Face, in bfloat16, so that every tool reads the same files.

/** Layer k of the result is layer order[k]: pruned, reordered or doubled. */
const withLayers =
  (order: readonly number[]): change.Transform =>
  (model) => ({
    ...model,
    config: { ...model.config, num_hidden_layers: order.length },
    tensors: Object.fromEntries(
      Object.entries(model.tensors).flatMap(([name, tensor]) => {
        const layer = /\.layers\.(\d+)\./.exec(name)?.[1]
        if (layer === undefined) return [[name, tensor] as const]
        return order.flatMap((from, to) =>
          from === Number(layer)
            ? [[name.replace(`.layers.${layer}.`, `.layers.${to}.`), tensor] as const]
            : [],
        )
      }),
    ),
  })

const permuted = change.allOf(change.permuteUnits, change.flipUnits, change.permuteResidual)
const reparameterised = change.allOf(
  change.permuteUnits,
  change.flipUnits,
  change.scaleUnits,
  change.scrambleValues,
  change.permuteResidual,
  change.rotateResidual,
)

export const COPIES: Readonly<
  Record<string, { readonly of: string; readonly by: change.Transform }>
> = {
  'cpt1-permuted': { of: 'cpt1', by: permuted },
  'cpt1-reparameterised': { of: 'cpt1', by: reparameterised },
  's2-reparameterised': { of: 's2', by: reparameterised },
  'cpt1-layers-pruned': { of: 'cpt1', by: withLayers([0, 2]) },
  'cpt1-layers-reordered': { of: 'cpt1', by: withLayers([2, 0, 1]) },
  's2-layers-reordered': { of: 's2', by: withLayers([2, 0, 1]) },
}

/** Writes one of the copies into `folder`. */
export async function makeCopy(name: string, folder: string): Promise<void> {
  const { of, by } = COPIES[name]!
  const model = by(await change.load(of), createRng(`peers/${name}`))
  await mkdir(folder, { recursive: true })
  const tensors = Object.entries(model.tensors).map(([tensor, { shape, values }]) => {
    const codes = new Uint16Array(values.length)
    roundToBf16Bits(values, codes)
    return { name: tensor, dtype: 'BF16' as const, shape, bytes: new Uint8Array(codes.buffer) }
  })
  await writeFile(join(folder, 'model.safetensors'), safetensorsBytes(tensors, { format: 'pt' }))
  await writeFile(join(folder, 'config.json'), JSON.stringify(model.config))
  await writeFile(join(folder, 'tokenizer.json'), model.texts.get('tokenizer.json')!)
}
