import { createRng, type Rng, randomPermutation } from '../../packages/core/src/base/rng.ts'
import {
  centreColumns,
  transposeRows,
  unitRows,
} from '../../packages/core/src/numeric/column-maps.ts'
import { plainEngine } from '../../packages/core/src/numeric/matrix-engine.ts'
import { nearestRotation } from '../../packages/core/src/numeric/nearest-rotation.ts'
import { type RowMatrix, rowMatrix } from '../../packages/core/src/numeric/row-matrix.ts'
import * as change from './transforms.ts'

// What single hidden units can do to statistics over all of them. Llama-style simulated models.

/** Everything that keeps the function of such a model, at random and at once. */
export const everySymmetry = change.allOf(
  change.permuteUnits,
  change.flipUnits,
  change.scaleUnits,
  change.scrambleValues,
  change.permuteResidual,
  change.rotateResidual,
)

const nameOf = (layer: number, part: string) => `model.layers.${layer}.mlp.${part}_proj.weight`
const layersOf = ({ config }: change.Loaded) => Number(config['num_hidden_layers'])
const matrixOf = ({ tensors }: change.Loaded, name: string): RowMatrix =>
  rowMatrix(tensors[name]!.values, tensors[name]!.shape[1]!)
const tensorOf = ({ rows, columns, data }: RowMatrix) => ({ shape: [rows, columns], values: data })

/** One unit of every layer rescaled, up by the factor and down by its inverse. Keeps the function. */
export const rescaleOneUnit =
  (factor: number): change.Transform =>
  (model) => {
    const tensors = { ...model.tensors }
    for (let layer = 0; layer < layersOf(model); layer++) {
      const [up, down] = [nameOf(layer, 'up'), nameOf(layer, 'down')]
      const factors = Array.from({ length: tensors[up]!.shape[0]! }, (_, i) =>
        i === 5 ? factor : 1,
      )
      tensors[up] = change.rearranged(tensors[up]!, { rowFactors: factors })
      tensors[down] = change.rearranged(tensors[down]!, { colFactors: factors.map((x) => 1 / x) })
    }
    return { ...model, tensors }
  }

/** Every layer gets one unit more, which writes nothing; its gate is long. Keeps the function. */
export const addIdleUnit =
  (gateSize: number): change.Transform =>
  (model, rng) => {
    const tensors = { ...model.tensors }
    for (let layer = 0; layer < layersOf(model); layer++) {
      const longer = (matrix: RowMatrix, entry: () => number): RowMatrix => ({
        rows: matrix.rows + 1,
        columns: matrix.columns,
        data: Float32Array.from([...matrix.data, ...Array.from({ length: matrix.columns }, entry)]),
      })
      const [gate, up, down] = ['gate', 'up', 'down'].map((part) => nameOf(layer, part))
      tensors[gate!] = tensorOf(longer(matrixOf(model, gate!), () => gateSize * rng.nextNormal()))
      tensors[up!] = tensorOf(longer(matrixOf(model, up!), () => 0))
      const columns = longer(transposeRows(matrixOf(model, down!)), () => 0)
      tensors[down!] = tensorOf(transposeRows(columns))
    }
    const intermediate = Number(model.config['intermediate_size']) + 1
    return { ...model, tensors, config: { ...model.config, intermediate_size: intermediate } }
  }

/**
 * "Universal neurons", simulated: a share of the units of `host` becomes what `host` itself would have
 * learned of units of `guest`, the same answers to the same tokens in its own axes, signs at random.
 */
export function plantTwins(
  host: change.Loaded,
  guest: change.Loaded,
  share: number,
): change.Loaded {
  const rng = createRng(`twins ${share}`)
  const axes = axesBetween(guest, host)
  const tensors = { ...host.tensors }
  for (let layer = 0; layer < layersOf(host); layer++) {
    const twins = pickTwins(rng, share, host.tensors[nameOf(layer, 'up')]!.shape[0]!)
    const norms = [host, guest].map(
      (model) => model.tensors[`model.layers.${layer}.post_attention_layernorm.weight`]!.values,
    )
    for (const part of ['gate', 'up', 'down'] as const) {
      const name = nameOf(layer, part)
      const rows = (model: change.Loaded) =>
        part === 'down' ? transposeRows(matrixOf(model, name)) : matrixOf(model, name)
      const [own, other] = [rows(host), rows(guest)]
      const fold = (x: number, i: number) => x * norms[1]![i % other.columns]!
      const folded = { ...other, data: part === 'down' ? other.data : other.data.map(fold) }
      const moved = plainEngine.multiply(folded, transposeRows(axes))
      const data = own.data.slice()
      for (const { from, to, sign } of twins) {
        for (let j = 0; j < own.columns; j++) {
          const x = moved.data[from * own.columns + j]!
          data[to * own.columns + j] =
            part === 'down' ? sign * x : ((part === 'up' ? sign : 1) * x) / norms[0]![j]!
        }
      }
      const made = { ...own, data }
      tensors[name] = tensorOf(part === 'down' ? transposeRows(made) : made)
    }
  }
  return { ...host, tensors }
}

/** From the residual axes of the one to those of the other, by the embeddings of all tokens. */
function axesBetween(from: change.Loaded, to: change.Loaded): RowMatrix {
  const [x, y] = [from, to].map((model) => {
    const features = unitRows(matrixOf(model, 'model.embed_tokens.weight'))
    centreColumns(features)
    return transposeRows(features)
  })
  return nearestRotation(plainEngine.multiply(x!, y!), plainEngine)!
}

function pickTwins(rng: Rng, share: number, units: number) {
  const [from, to] = [randomPermutation(rng, units), randomPermutation(rng, units)]
  return Array.from({ length: Math.round(share * units) }, (_, k) => ({
    from: from[k]!,
    to: to[k]!,
    sign: rng.nextUint32() & 1 ? 1 : -1,
  }))
}
