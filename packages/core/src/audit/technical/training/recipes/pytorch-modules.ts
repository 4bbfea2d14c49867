import type { Draw } from '../draw-plan.ts'
import { biasUniform, kaiming, normal } from './layer-draws.ts'

export const MODULE_KINDS = ['linear', 'convolution', 'embedding'] as const

/** A module of plain PyTorch, in the order in which the code makes them. */
export type PlainModule = {
  readonly name: string
  readonly kind: (typeof MODULE_KINDS)[number]
  readonly paddingRow?: number | undefined
}

/**
 * What torch.nn draws by itself: `reset_parameters` of Linear and ConvNd (weight, then bias, U(±1/√fan_in)) and of
 * Embedding (N(0, 1)). Norms and other modules draw nothing. Shapes and biases are those of step 0.
 */
export function moduleDraws(
  modules: readonly PlainModule[],
  shapes: ReadonlyMap<string, readonly number[]>,
): { readonly draws: readonly Draw[] } | { readonly missing: string } {
  const draws: Draw[] = []
  for (const { name, kind, paddingRow } of modules) {
    const weight = `${name}.weight`
    const shape = shapes.get(weight)
    if (!shape || shape.length < 2) return { missing: weight }
    if (kind === 'embedding') {
      const draw = normal(weight, shape, 1)
      draws.push(paddingRow === undefined ? draw : { ...draw, zeroRow: paddingRow })
      continue
    }
    draws.push(kaiming(weight, shape))
    if (shapes.has(`${name}.bias`)) draws.push(biasUniform(`${name}.bias`, shape))
  }
  return { draws }
}
