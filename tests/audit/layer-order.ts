import type { Transform } from './transforms.ts'

/** Layer k of the result is layer order[k] of the model: pruned, doubled or reordered in depth. */
export const pickLayers =
  (order: readonly number[]): Transform =>
  (model) => {
    const tensors = Object.entries(model.tensors).flatMap(([name, tensor]) => {
      const layer = /\.layers\.(\d+)\./.exec(name)?.[1]
      if (layer === undefined) return [[name, tensor] as const]
      return order.flatMap((from, to) =>
        from === Number(layer)
          ? [[name.replace(`.layers.${layer}.`, `.layers.${to}.`), tensor] as const]
          : [],
      )
    })
    return {
      ...model,
      tensors: Object.fromEntries(tensors),
      config: { ...model.config, num_hidden_layers: order.length },
    }
  }
