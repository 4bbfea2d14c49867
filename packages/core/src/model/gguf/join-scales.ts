import { quoted } from '../../base/quoted.ts'
import { gridFor, ONE } from '../quantised/grids.ts'
import { elementCount, type TensorInfo } from '../tensor.ts'

/**
 * NVFP4 keeps a scale of the whole tensor, or one for each expert, which llama.cpp's converter
 * writes beside the blocks: `x.scale` beside `x.weight`. It is joined with them, as it is where
 * the same weights lie in safetensors. Beside blocks of other types `.scale` is a parameter of the
 * model itself (BitNet, routers) and stays one.
 *
 * Source: _repack_nvfp4 and _write_scale_tensor of llama.cpp's converter.
 */
export function joinTensorScales(tensors: readonly TensorInfo[]): {
  readonly tensors: readonly TensorInfo[]
  readonly notes: readonly string[]
} {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  const used = new Set<string>()
  const unfit: string[] = []
  const joined = tensors.map((tensor) => {
    const { encoding, name } = tensor
    if (encoding?.kind !== 'blocks' || encoding.format !== 'NVFP4') return tensor
    const scale = name.endsWith(WEIGHT)
      ? byName.get(`${name.slice(0, -WEIGHT.length)}.scale`)
      : undefined
    if (scale === undefined) return tensor
    const whole = withScale(tensor, scale)
    if (whole === undefined) unfit.push(name)
    else used.add(scale.name)
    return whole ?? tensor
  })
  const notes = unfit.map(
    (name) => `not applied: the scale of ${quoted(name)}, which is not one number for each matrix`,
  )
  return { tensors: joined.filter(({ name }) => !used.has(name)), notes }
}

const WEIGHT = '.weight'

function withScale(tensor: TensorInfo, scale: TensorInfo): TensorInfo | undefined {
  const { shape } = tensor
  const cols = shape.at(-1) ?? 1
  const rows = elementCount(shape) / cols
  const matrices = shape.length > 2 ? elementCount(shape.slice(0, -2)) : 1
  const count = elementCount(scale.shape)
  if (scale.dtype !== 'F32' || (count !== 1 && count !== matrices)) return undefined
  const grid = gridFor({ ...scale, shape: [count, 1] }, { rows, cols }, [rows / count, cols])
  if (grid === undefined) return undefined
  return {
    ...tensor,
    encoding: {
      kind: 'affine',
      label: 'NVFP4',
      codes: { kind: 'blocks', format: 'NVFP4' },
      scales: grid,
      zeros: { kind: 'constant', value: 0 },
      factor: ONE,
    },
  }
}
